import Durability
import Segments
import Synchronization
import VectorModel

/// Finds and opens the indexes of a database that is open for reading only. Builds none, and removes nothing: what has no index is scanned.
final class IndexOpener: Sendable {
    private let health: StorageHealth
    private let execution: LogExecution
    private let working = Mutex(())
    private let isStopped = Atomic<Bool>(false)

    init(health: StorageHealth, execution: LogExecution) {
        self.health = health
        self.execution = execution
    }

    /// Looks which segments have indexes.
    func find(of collections: [Collection]) {
        run { [self] in
            for collection in collections {
                forEachSegment(of: collection) { (segment) throws(IndexLoadError) in try segment.findIndex(removes: false) }
                forEachSegment(of: collection) { (segment) throws(IndexLoadError) in try segment.findLookup(removes: false) }
            }
        }
    }

    /// A search would have used an index that is not open.
    func open(_ collection: Collection) {
        run { [self] in
            forEachSegment(of: collection) { (segment) throws(IndexLoadError) in
                if segment.isLookupWanted { try segment.openLookup(removes: false, pace: checkStopped) }
            }
            forEachSegment(of: collection) { (segment) throws(IndexLoadError) in
                if segment.isIndexWanted { try segment.openIndex(removes: false, pace: checkStopped) }
            }
        }
    }

    private func checkStopped() throws(IndexBuildError) {
        if isStopped.load(ordering: .relaxed) { throw .cancelled }
    }

    /// Ends running work at its next step.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func run(_ body: @escaping @Sendable () -> Void) {
        switch execution {
        case .stepped: body()
        case .threads: startThread { [self] in working.withLock { _ in body() } }
        }
    }

    private func forEachSegment(of collection: Collection, _ body: (Segment) throws(IndexLoadError) -> Void) {
        for segment in collection.storage.flushed().snapshot.parts.compactMap(\.rows.segment) where !isStopped.load(ordering: .relaxed) {
            do throws(IndexLoadError) {
                try body(segment)
            } catch {
                switch error {
                case .cancelled: return
                case .unusable, .file:
                    health.note(.index(collection.identifier), "an index cannot be read, and searches are exact and slower without it: \(error)")
                }
            }
        }
    }
}
