import VectorModel

/// Merges segments as `CompactionPolicy` says, one collection after the other, slowly enough not to be noticed.
///
/// Used by one thread.
final class Compactor {
    private let files: CollectionFiles
    private let policy: CompactionPolicy
    private let pace: () throws(MaintenanceError) -> Void

    init(files: CollectionFiles, options: StorageOptions, pace: @escaping () throws(MaintenanceError) -> Void) {
        self.files = files
        policy = CompactionPolicy(options: options)
        self.pace = pace
    }

    /// Merges what one collection has to merge, until nothing is left to do or something fails.
    func run(_ collection: Collection) {
        do throws(MaintenanceError) {
            while try collection.compact(policy, pace: pace) {}
            files.health.noteSuccess(.compaction(collection.identifier))
        } catch {
            // It is tried again after the next flush of the collection, or at the next start.
            guard error.isFailure, !collection.currentAccess.isEnded else { return }
            files.health.note(.compaction(collection.identifier), "segments could not be merged: \(error)")
        }
    }
}
