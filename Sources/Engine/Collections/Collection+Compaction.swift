import ByteCoding
import Segments
import Synchronization
import VectorModel

/// What became of a compaction.
enum CompactionOutcome {
    /// There is nothing to do, or another thread compacts the collection just now.
    case nothing
    case merged
    /// The segments to merge have indexes, which a thread must merge too that has the time.
    case needsIndex
}

extension Collection {
    /// What a compaction may do.
    struct CompactionContext {
        let policy: CompactionPolicy
        /// For how long the collection has had no new segment.
        let restMilliseconds: Int
        /// Makes the new segment's index, so that it is there when the old ones go; `nil`: not here.
        let indexer: Indexer?
        /// Whether a segment that these become is to have an index where one of them has one.
        let keepsIndex: ([CollectionPart]) -> Bool
        /// Called about once per MiB written: waits where maintenance must step aside, or ends it.
        let pace: () throws(MaintenanceError) -> Void
    }

    /// Merges the segments that the policy chooses into one without their dead rows.
    ///
    /// Crash-safe at every point: the manifest names either the old segments or the new one, and files that it does not name are swept at start.
    /// Cost: reads and writes the segments once, and their index where they have one; memory of a few bytes per row beside the index. One compaction
    /// of a collection at a time; flushes go on beside it.
    func compact(_ context: CompactionContext) throws(MaintenanceError) -> CompactionOutcome {
        try compacting.withLockIfAvailable { _ throws(MaintenanceError) in try compactAlone(context) } ?? .nothing
    }

    private func compactAlone(_ context: CompactionContext) throws(MaintenanceError) -> CompactionOutcome {
        // Damaged segments stay as they are: what can be saved of them is for `lyrica verify --repair` to save.
        guard currentAccess.damage == nil else { return .nothing }
        let flushed = storage.flushed().snapshot
        let chosen = context.policy.choose(flushed.parts.map(CompactionPolicy.Candidate.init), restMilliseconds: context.restMilliseconds)
        guard !chosen.isEmpty else { return .nothing }
        let inputs = chosen.map { flushed.parts[$0] }
        let keepsIndex = context.keepsIndex(inputs)
        if keepsIndex, context.indexer == nil { return .needsIndex }
        let written = try storage.writeSegment(of: inputs, dimension: flushed.dimension) { () throws(MaintenanceError) in
            try context.pace()
            // Nobody needs what is left to write of a collection that was deleted meanwhile.
            guard !currentAccess.isEnded else { throw .superseded }
        }
        let replacement = PartReplacement(old: inputs, segment: written?.segment)
        do throws(MaintenanceError) {
            if keepsIndex, let written { try context.indexer?.index(written, of: self, from: inputs) }
            try storage.commit { current throws(MaintenanceError) in
                try current.snapshot.replacingInStorage(replacement)
            } install: {
                install(replacement)
            }
        } catch {
            storage.discard(written?.segment, after: error)
            throw error
        }
        for input in inputs { storage.removeWhenUnused(input.rows.segment) }
        return .merged
    }
}

extension CompactionPolicy.Candidate {
    init(_ part: CollectionPart) {
        self.init(bytes: part.rows.segment?.fileBytes ?? 0, rowCount: part.rowCount, deadCount: part.tombstones.count)
    }
}
