import ByteCoding
import Durability
import Indexes
import Segments
import Synchronization
public import VectorModel

extension VectorDatabase {
    // MARK: Status

    /// How much of a collection is indexed. Cost: linear in its parts.
    /// - Throws: `collectionIdentifierNotFound`, `storageDamaged`.
    public func indexingStatus(of identifier: CollectionIdentifier) throws(RequestError) -> IndexingStatus {
        let report = try indexReport(of: identifier)
        let build = maintenance?.indexer.currentBuild.flatMap { $0.collection == identifier ? $0.share : nil }
        return IndexingStatus(total: report.rows, indexed: report.rows - report.pendingRows, buildProgress: build)
    }

    /// The indexes of a collection. Cost: linear in its parts.
    /// - Throws: `collectionIdentifierNotFound`, `storageDamaged`.
    public func indexReport(of identifier: CollectionIdentifier) throws(RequestError) -> CollectionIndexReport {
        try indexReport(of: entry(identifier))
    }

    /// The indexes of every collection that can be read, the oldest first.
    public var indexReports: [CollectionIndexReport] {
        catalog.current.entries.values.sorted { $0.createdAt < $1.createdAt }.compactMap { try? indexReport(of: $0) }
    }

    private func indexReport(of entry: Catalog.Entry) throws(RequestError) -> CollectionIndexReport {
        let snapshot = try entry.collection.snapshot()
        var rows: [PartIndexing: Int] = [:]
        var bytes = 0
        for part in snapshot.parts {
            rows[indexing(part, entry.index, snapshot), default: 0] += part.liveCount
            bytes += part.rows.segment?.indexState.summary?.bytes ?? 0
        }
        return CollectionIndexReport(
            collection: entry.identifier, choice: entry.index.choice, element: entry.index.element, hnswRows: rows[.covered(.hnsw)] ?? 0,
            ivfRows: rows[.covered(.ivf)] ?? 0, flatRows: rows[.scanned] ?? 0, pendingRows: rows[.pending] ?? 0,
            isBuilding: maintenance?.isIndexing(entry.identifier) ?? false, bytes: bytes)
    }

    /// What a part has of an index, and is to have.
    private enum PartIndexing: Hashable {
        case covered(IndexKind)
        case scanned
        /// It is to get an index, or another one than it has. For a memtable that is so if the segment is that it becomes.
        case pending
    }

    private func indexing(_ part: CollectionPart, _ index: IndexConfiguration, _ snapshot: CollectionSnapshot) -> PartIndexing {
        let dimension = part.rows.segment.map(\.dimension) ?? snapshot.dimension
        let acceptable = IndexPolicy(options: configuration.storage).acceptable(.init(rowCount: part.rowCount, dimension: dimension), index)
        let found = part.rows.segment?.indexState.summary
        if let found, acceptable.contains(found.parameters) { return .covered(found.kind) }
        // Who only reads builds nothing.
        if maintenance == nil { return found.map { .covered($0.kind) } ?? .scanned }
        return acceptable.isEmpty ? .scanned : .pending
    }

    // MARK: Rebuilding

    /// Has the indexes of one collection, or of all, built anew as soon as their turn comes. Returns at once.
    /// - Returns: how many will be built.
    /// - Throws: `collectionIdentifierNotFound`, `readOnly`.
    public func scheduleIndexRebuild(of identifier: CollectionIdentifier?) throws(RequestError) -> Int {
        guard let maintenance else { throw Self.isReadOnly }
        var count = 0
        for collection in try collections(identifier) {
            let segments = maintenance.indexer.indexable(collection)
            if !segments.isEmpty { maintenance.noteIndexWanted(collection, rebuilds: true) }
            count += segments.count
        }
        return count
    }

    /// Builds the indexes of one collection, or of all, anew, each in the place of the old one, which serves until then.
    ///
    /// Runs on a thread of low priority, after whatever index is being built now. What is only in memory has no index, and gets one later. Ends early
    /// when the task is cancelled.
    /// - Parameter progress: told now and then, on that thread; ends the work by returning false.
    /// - Throws: `collectionIdentifierNotFound`, `readOnly`.
    public func rebuildIndexes(
        of identifier: CollectionIdentifier?, progress: @escaping @Sendable (IndexRebuildProgress) -> Bool = { _ in true }
    ) async throws(RequestError) -> IndexRebuildReport {
        guard let maintenance else { throw Self.isReadOnly }
        let collections = try collections(identifier)
        let isCancelled = Cancellation()
        let isThread = switch configuration.execution {
        case .threads: true
        case .stepped: false
        }
        return await withTaskCancellationHandler {
            await onThread {
                if isThread { lowerThreadPriority() }
                var rebuild = IndexRebuild(maintenance.indexer) { !isCancelled.isSet && progress($0) }
                return rebuild.run(collections)
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    private func collections(_ identifier: CollectionIdentifier?) throws(RequestError) -> [Collection] {
        if let identifier { return [try entry(identifier).collection] }
        return catalog.current.entries.values.sorted { $0.createdAt < $1.createdAt }.map(\.collection)
    }
}

/// The steps of building indexes anew. Used by one thread.
private struct IndexRebuild {
    private let indexer: Indexer
    private let progress: (IndexRebuildProgress) -> Bool
    private var report = IndexRebuildReport(collections: 0, indexes: 0, rows: 0, bytes: 0, failures: [], wasCancelled: false)

    init(_ indexer: Indexer, _ progress: @escaping (IndexRebuildProgress) -> Bool) {
        self.indexer = indexer
        self.progress = progress
    }

    mutating func run(_ collections: [Collection]) -> IndexRebuildReport {
        let work = collections.map { (collection: $0, segments: indexer.indexable($0)) }.filter { !$0.segments.isEmpty }
        report.collections = work.count
        let rowsTotal = work.reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.rowCount } }
        var rowsDone = 0
        for (collection, segments) in work {
            for segment in segments where !report.wasCancelled {
                rebuild(segment, collection, rowsDone, rowsTotal)
                rowsDone += segment.rowCount
            }
        }
        return report
    }

    private mutating func rebuild(_ segment: Segment, _ collection: Collection, _ rowsDone: Int, _ rowsTotal: Int) {
        let progress = progress
        do throws(MaintenanceError) {
            let summary = try indexer.rebuild(segment, of: collection) { share in
                progress(IndexRebuildProgress(rowsDone: rowsDone + Int(share * Double(segment.rowCount)), rowsTotal: rowsTotal))
            }
            guard let summary else { return }
            report.indexes += 1
            report.rows += summary.rowCount
            report.bytes += summary.bytes
        } catch {
            switch error {
            // The collection was deleted.
            case .superseded: return
            case .stopped: report.wasCancelled = true
            case .file, .undecided, .damage, .log, .unusable: report.failures.append("collection \(collection.identifier): \(error)")
            }
        }
    }
}
