import ByteCoding
import Segments
import VectorModel

extension Collection {
    /// Merges the segments that `policy` chooses into one without their dead rows.
    ///
    /// Crash-safe at every point: the manifest names either the old segments or the new one, and files that it does not name are swept at start.
    /// Cost: reads and writes the segments once; memory of a few bytes per row. One compaction of a collection at a time; flushes go on beside it.
    /// - Returns: false when there is nothing to do.
    func compact(_ policy: CompactionPolicy, pace: () throws(MaintenanceError) -> Void) throws(MaintenanceError) -> Bool {
        // Damaged segments stay as they are: what can be saved of them is for `lyrica verify --repair` to save.
        guard currentAccess.damage == nil else { return false }
        let flushed = storage.flushed().snapshot
        let chosen = policy.choose(flushed.parts.map(CompactionPolicy.Candidate.init))
        guard !chosen.isEmpty else { return false }
        let inputs = chosen.map { flushed.parts[$0] }
        let segment = try storage.writeSegment(of: inputs, dimension: flushed.dimension) { () throws(MaintenanceError) in
            try pace()
            // Nobody needs what is left to write of a collection that was deleted meanwhile.
            guard !currentAccess.isEnded else { throw .superseded }
        }
        let replacement = PartReplacement(old: inputs, segment: segment)
        do throws(MaintenanceError) {
            try storage.commit { current throws(MaintenanceError) in
                try current.snapshot.replacingInStorage(replacement)
            } install: {
                install(replacement)
            }
        } catch {
            storage.discard(segment, after: error)
            throw error
        }
        for input in inputs { storage.removeWhenUnused(input.rows.segment) }
        return true
    }
}

extension CompactionPolicy.Candidate {
    init(_ part: CollectionPart) {
        self.init(bytes: part.rows.segment?.fileBytes ?? 0, rowCount: part.rowCount, deadCount: part.tombstones.count)
    }
}
