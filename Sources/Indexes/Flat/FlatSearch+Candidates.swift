extension FlatSearch {
    /// Offers the rows of a run that an index proposes to `nearest`, with distances computed from the stored vectors.
    ///
    /// Cost: O(proposals × dimension), about one cache miss for each.
    /// - Parameters:
    ///   - proposals: rows of the run's part, each once, all of them in the run.
    ///   - access: told what is read before it is.
    ///   - order: the tie-breaking order of a row of the part, asked only for rows that are near enough.
    public func offer<Access: RowAccess>(
        _ proposals: [ApproximateNeighbor], of run: VectorRun, access: Access, into nearest: inout TopK,
        order: (Int) throws(Access.Failure) -> UInt64
    ) throws(Access.Failure) {
        let scratch = BlockScratch(capacity: Self.blockRows)
        defer { scratch.deallocate() }
        var next = 0
        while next < proposals.count {
            let count = min(Self.blockRows, proposals.count - next)
            for index in 0..<count {
                let row = Int(proposals[next + index].ordinal) - run.firstOrdinal
                precondition(row >= 0 && row < run.count, "a proposal outside the run")
                scratch.ordinals[index] = UInt32(row)
            }
            try forEachGroup(scratch.ordinals, count) { rows throws(Access.Failure) in
                try access.willReadVectors(rows: rows.lowerBound + run.firstOrdinal..<rows.upperBound + run.firstOrdinal)
            }
            distance.gather(run, scratch.ordinals, count, query, kernels, into: scratch.distances)
            try offer(run, scratch.ordinals, scratch.distances, count, into: &nearest, order)
            next += count
        }
    }
}
