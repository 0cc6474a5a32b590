import ByteCoding
import Durability
import Segments
import Synchronization
import VectorModel

/// A database in use at one change: its catalog, and the manifests and segments that with the log up to that change are the whole database.
///
/// Holding it keeps the segments' files, whatever compactions and drops do.
struct BackupCut {
    struct Part {
        let identifier: CollectionIdentifier
        /// `nil` for a collection that has no files yet, or whose files could not be read when the database was opened.
        let manifest: CollectionManifest?
        let segments: [Segment]
        /// Why the collection is not what it was; `nil` for a sound one.
        let damage: String?
        /// What its directory holds is backed up as it is: the database cannot tell what belongs to it.
        let isUnknown: Bool
    }

    let checkpoint: CatalogCheckpoint
    let parts: [Part]

    /// The last change.
    var sequence: SequenceNumber { checkpoint.logEnd }

    /// Cost: O(collections and their segments); waits for a fork that is being made.
    /// - Parameter floor: as `LogTrimmer.keepingLog` gives it; within that call.
    init(_ catalog: PublishedCatalog, _ log: any CommitLog, floor: SequenceNumber) {
        self = catalog.forking.withLock { _ in BackupCut(whileNobodyForks: catalog, log, floor: floor) }
    }

    private init(whileNobodyForks catalog: PublishedCatalog, _ log: any CommitLog, floor: SequenceNumber) {
        let (current, number) = catalog.currentWithNumber
        var checkpoint = current.checkpoint(floor: floor, logEnd: .zero, lastChange: number)
        // Manifests are taken after the checkpoint, which says how new they are at least, and may be newer than the catalog: what is in them is
        // durable in the log, and the log is cut last. A collection that is dropped meanwhile is dropped again by the log.
        parts = current.entries.values.sorted { $0.createdAt < $1.createdAt }.map { Part($0.collection) }
        checkpoint.logEnd = log.lastDurable
        self.checkpoint = checkpoint
    }
}

extension BackupCut.Part {
    fileprivate init(_ collection: Collection) {
        identifier = collection.identifier
        let damage = collection.currentAccess.damage
        let known = collection.storage.manifestAndSegments()
        // A collection that could not be opened has a manifest on disk perhaps, and none in memory.
        isUnknown = damage?.effect == .refused && known?.segments.isEmpty ?? true
        manifest = isUnknown ? nil : known?.manifest
        segments = isUnknown ? [] : known?.segments ?? []
        self.damage = damage?.corruption.description
    }
}
