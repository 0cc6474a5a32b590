import ByteCoding
import Durability
import FileIO
import Segments
import Synchronization
import VectorModel

/// Where collections keep their files, and what all of them share.
final class CollectionFiles: Sendable {
    /// The directory that holds a directory for each collection.
    let directory: String
    let fileSystem: any FileSystem
    /// Noted in new files for whoever looks at them.
    let createdWith: String
    let isReadOnly: Bool
    /// See `StorageOptions`.
    let lookupRowsMin: Int
    let registry = WriteAheadRegistry()
    let health = StorageHealth()
    private let clock: @Sendable () -> LogTimestamp

    init(
        directory: String, fileSystem: any FileSystem, createdWith: String, isReadOnly: Bool = false,
        lookupRowsMin: Int = StorageOptions().lookupRowsMin, clock: @escaping @Sendable () -> LogTimestamp = LogTimestamp.now
    ) {
        self.clock = clock
        self.directory = directory
        self.fileSystem = fileSystem
        self.createdWith = createdWith
        self.isReadOnly = isReadOnly
        self.lookupRowsMin = lookupRowsMin
    }

    /// The present, in seconds since 1970.
    var second: Int64 { Int64(clamping: clock().milliseconds / 1_000) }

    private let serials = Atomic<Int>(0)

    func nextSerial() -> Int { serials.wrappingAdd(1, ordering: .relaxed).newValue }

    func directory(of collection: CollectionIdentifier) -> String { directory + "/" + collection.description }

    /// A collection with what its manifest says it has; a new one has no manifest.
    ///
    /// Damage is noted in the collection, which then refuses requests; it does not stop anybody else.
    /// - Parameter manifestEditMin: the manifest is at least this new, or damaged; `nil`: the collection is being made now and has no files to look at.
    func collection(_ identifier: CollectionIdentifier, _ index: IndexConfiguration, manifestEditMin: UInt64?) -> Collection {
        collection(identifier, index) { storage throws(Corruption) in
            if let manifestEditMin { try storage.load(manifestEditMin: manifestEditMin) }
            return storage.flushed().snapshot
        }
    }

    /// The collection that a change made of another, as recovery finds that one when it comes to the change.
    ///
    /// The fork's files were made before the log told of it. In a directory that was restored from a backup and a longer log they are missing: then
    /// they are made of what the source is now, which is what it was. A source that is further than the change cannot tell any more.
    func fork(
        of source: Collection, as identifier: CollectionIdentifier, _ index: IndexConfiguration, at number: SequenceNumber
    ) -> Collection {
        let canBeMade = source.currentAccess.damage == nil && source.storage.flushed().snapshot.sequenceNumber <= number
        return collection(identifier, index) { storage throws(Corruption) in
            if canBeMade, try !hasManifest(storage) {
                if isReadOnly {
                    storage.begin(inMemoryAs: source.description)
                    return source.description
                }
                do throws(MaintenanceError) {
                    try storage.begin(as: source.description, of: source.storage)
                } catch {
                    throw Corruption(
                        file: directory(of: identifier), offset: 0, what: "fork", expected: "files that can be made", found: error.description)
                }
            }
            try storage.load(manifestEditMin: 1)
            return storage.flushed().snapshot
        }
    }

    private func hasManifest(_ storage: CollectionStorage) throws(Corruption) -> Bool {
        do throws(FileError) {
            return try fileSystem.status(storage.manifestPath) != nil
        } catch {
            throw CheckedFileError.file(error).asCorruption(of: storage.manifestPath)
        }
    }

    /// Removes the files of a fork that was not made in the end.
    func abandon(_ identifier: CollectionIdentifier) {
        do throws(FileError) {
            let path = directory(of: identifier)
            if try fileSystem.status(path) != nil { try fileSystem.removeTree(path) }
        } catch {
            // Swept at the next start.
            health.note(.removal(identifier), "the files of a fork that was not made could not be removed: \(error)")
        }
    }

    /// - Parameter load: finds the records.
    private func collection(
        _ identifier: CollectionIdentifier, _ index: IndexConfiguration, load: (CollectionStorage) throws(Corruption) -> CollectionSnapshot
    ) -> Collection {
        let owner = WeakCollection()
        let storage = CollectionStorage(identifier, metric: index.metric, element: index.element, files: self) { owner.noteDamage($0) }
        let loaded = Result { () throws(Corruption) in try load(storage) }
        let snapshot = (try? loaded.get()) ?? storage.flushed().snapshot
        let collection = Collection(identifier, metric: index.metric, element: index.element, storage: storage, snapshot: snapshot)
        owner.set(collection)
        if case .failure(let failure) = loaded { collection.noteDamage(failure, .refused) }
        return collection
    }
}

/// Tells a collection of damage that its files' readers find. Weak, since a collection holds its files and not the other way round.
private final class WeakCollection: Sendable {
    private struct Owner: Sendable {
        weak var collection: Collection?
    }

    private let owner = Mutex(Owner())

    func set(_ collection: Collection) {
        owner.withLock { $0.collection = collection }
    }

    func noteDamage(_ corruption: Corruption) {
        owner.withLock { $0.collection }?.noteDamage(corruption, .readOnly)
    }
}
