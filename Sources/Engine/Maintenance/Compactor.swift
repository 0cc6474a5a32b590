import Segments
import VectorModel

/// Merges segments as `CompactionPolicy` says, one collection after the other, slowly enough not to be noticed.
///
/// Used by one thread at a time for each collection.
final class Compactor: Sendable {
    private let files: CollectionFiles
    private let policy: CompactionPolicy
    private let indexer: Indexer
    private let pacer: Pacer

    init(files: CollectionFiles, options: StorageOptions, indexer: Indexer, pacer: Pacer) {
        self.files = files
        policy = CompactionPolicy(options: options)
        self.indexer = indexer
        self.pacer = pacer
    }

    /// Merges what one collection has to merge, until nothing is left to do or something fails.
    /// - Parameters:
    ///   - restMilliseconds: for how long the collection has had no new segment.
    ///   - mergesIndexes: whether the calling thread may spend the time that merging indexes takes.
    /// - Returns: whether there are segments to merge whose indexes must be merged too, by a thread that may.
    func run(_ collection: Collection, restMilliseconds: Int, mergesIndexes: Bool) -> Bool {
        let context = Collection.CompactionContext(
            policy: policy, restMilliseconds: restMilliseconds, indexer: mergesIndexes ? indexer : nil,
            keepsIndex: { [indexer] in indexer.keepsIndex(of: $0, in: collection) },
            pace: { [pacer] () throws(MaintenanceError) in try pacer.step() })
        do throws(MaintenanceError) {
            var outcome = CompactionOutcome.merged
            while case .merged = outcome { outcome = try collection.compact(context) }
            files.health.noteSuccess(.compaction(collection.identifier))
            if case .needsIndex = outcome { return true }
        } catch {
            // It is tried again after the next flush of the collection, or at the next start.
            guard error.isFailure, !collection.currentAccess.isEnded else { return false }
            files.health.note(.compaction(collection.identifier), "segments could not be merged: \(error)")
        }
        return false
    }
}
