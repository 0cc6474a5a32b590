import Quantization
public import VectorKernels
public import VectorModel

/// Exact search: the `k` nearest of the accepted rows to one query.
///
/// Where a run has 8-bit codes it works in two stages (`+Codes`): the codes say which rows cannot be near enough, and only the others' floats
/// are read. The answers are the same as from the floats alone, to the last bit: whatever is kept got its distance from floats, and a row is passed
/// over only if a lower bound of that distance is beyond the worst candidate kept.
///
/// Sees no filter, file or collection: only borrowed rows, an accept set and a `TopK`. One search may go through many runs and parts with one `TopK`.
/// Cost: O(accepted rows × dimension), bound by memory bandwidth when most rows are accepted; with codes about a quarter of the bytes.
public struct FlatSearch {
    static let blockRows = 256
    /// Below this share of accepted rows in a block they are gathered one by one instead of scanning the block.
    private static let gatherShareMax = 0.5

    let query: UnsafeBufferPointer<Float>
    let distance: DistanceFunction
    let kernels: VectorKernels
    let queryCodes: QueryCodes?

    /// - Parameters:
    ///   - query: borrowed; must outlive the search.
    ///   - usesCodes: false: every distance is computed from floats, for comparisons.
    public init(query: UnsafeBufferPointer<Float>, metric: Metric, kernels: VectorKernels = .active, usesCodes: Bool = true) {
        self.init(query: query, metric: metric, kernels: kernels, queryCodes: usesCodes ? QueryCodes(query: query, metric: metric) : nil)
    }

    init(query: UnsafeBufferPointer<Float>, metric: Metric, kernels: VectorKernels, queryCodes: QueryCodes?) {
        self.query = query
        self.kernels = kernels
        self.distance = DistanceFunction(metric: metric, query: query, kernels: kernels)
        self.queryCodes = queryCodes
    }

    /// Offers every accepted row of a run in memory to `nearest`: the other `scan` with nothing to verify.
    public func scan<Failure: Error>(
        _ run: VectorRun, accepted: borrowing OrdinalSet, into nearest: inout TopK, order: (Int) throws(Failure) -> UInt64,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        try scan(run, accepted: accepted, access: TrustedRows<Failure>(), into: &nearest, order: order, shouldContinue: shouldContinue)
    }

    /// Offers every accepted row of `run` to `nearest`, but those that it could not keep.
    /// - Parameters:
    ///   - accepted: the rows of the run's part that may be returned.
    ///   - access: told what is read before it is.
    ///   - order: the tie-breaking order of a row of the part, asked only for rows that are near enough.
    ///   - shouldContinue: asked once per block of rows.
    public func scan<Access: RowAccess>(
        _ run: VectorRun, accepted: borrowing OrdinalSet, access: Access, into nearest: inout TopK,
        order: (Int) throws(Access.Failure) -> UInt64, shouldContinue: () throws(Access.Failure) -> Void
    ) throws(Access.Failure) {
        let scratch = BlockScratch(capacity: Self.blockRows)
        defer { scratch.deallocate() }
        var codes = CodeStage(search: self, run: run, k: nearest.k, scratch: scratch)
        defer { codes?.deallocate() }
        var start = 0
        while start < run.count {
            let (chosen, count) = scratch.choose(
                from: run.firstOrdinal + start, to: run.firstOrdinal + run.count, accepted, relativeTo: run.firstOrdinal)
            if chosen > 0 {
                try shouldContinue()
                let block = Block(start: start, count: count, chosen: chosen)
                if codes?.pay(for: block, nearest) == true {
                    try codes?.search(block, access, into: &nearest, order)
                } else {
                    try measure(run, block, scratch, access)
                    try offer(run, scratch.ordinals, scratch.distances, chosen, into: &nearest, order)
                }
            }
            start += count
        }
        try codes?.readProspects(access, into: &nearest, order)
    }

    /// The candidates held, nearest first, with their distances computed anew in double precision.
    ///
    /// What clients see is then exact to the last digit of a float and the same on every instruction set. Cost: O(k × dimension).
    /// - Parameter vector: the floats of a candidate's row, which its part's `RowAccess` has been told of.
    public func refined(_ nearest: TopK, vector: (Candidate) -> UnsafeBufferPointer<Float>) -> [Candidate] {
        nearest.sorted().map { candidate in
            let exact = distance.recomputed(vector(candidate).baseAddress!, query, kernels)
            return Candidate(distance: exact, part: candidate.part, ordinal: candidate.ordinal, order: candidate.order)
        }.sorted(by: Candidate.precedes)
    }

    /// The distance to one row, to the last bit that of an answer of `refined`. Cost: O(dimension).
    /// - Parameter row: as many floats as the query has.
    public func exactDistance(to row: UnsafeBufferPointer<Float>) -> Float {
        precondition(row.count == query.count, "a row of \(query.count) numbers")
        return distance.recomputed(row.baseAddress!, query, kernels)
    }

    /// Distances of a block's chosen rows, from floats.
    private func measure<Access: RowAccess>(
        _ run: VectorRun, _ block: Block, _ scratch: BlockScratch, _ access: Access
    ) throws(Access.Failure) {
        if block.isGathered {
            try forEachGroup(scratch.ordinals, block.chosen) { rows throws(Access.Failure) in
                try access.willReadVectors(rows: rows.lowerBound + run.firstOrdinal..<rows.upperBound + run.firstOrdinal)
            }
            distance.gather(run, scratch.ordinals, block.chosen, query, kernels, into: scratch.distances)
        } else {
            try access.willReadVectors(rows: block.rows(of: run))
            distance.block(run, block.start, block.count, query, kernels, into: scratch.distances)
            scratch.compact(scratch.distances, block.chosen, blockStart: block.start)
        }
    }

    /// Offers rows whose distances were computed from floats. Those that overflowed are computed again in double precision.
    @inline(__always)
    func offer<Failure: Error>(
        _ run: VectorRun, _ ordinals: UnsafePointer<UInt32>, _ distances: UnsafePointer<Float>, _ count: Int, into nearest: inout TopK,
        _ order: (Int) throws(Failure) -> UInt64
    ) throws(Failure) {
        for index in 0..<count {
            let row = Int(ordinals[index])
            var value = distances[index]
            if !value.isFinite { value = distance.recomputed(run, row, query, kernels) }
            guard value <= nearest.threshold else { continue }
            let ordinal = run.firstOrdinal + row
            nearest.offer(Candidate(distance: value, part: run.part, ordinal: UInt32(ordinal), order: try order(ordinal)))
        }
    }

    /// Some neighbouring rows of a run, of which `chosen` are accepted. More than `blockRows` only where these are gathered.
    struct Block {
        let start: Int
        let count: Int
        let chosen: Int

        init(start: Int, count: Int, chosen: Int) {
            (self.start, self.count, self.chosen) = (start, count, chosen)
            // What is computed of a block that is not gathered has room for so many rows.
            precondition(count <= FlatSearch.blockRows || isGathered)
        }

        var isGathered: Bool { Double(chosen) <= Double(count) * FlatSearch.gatherShareMax }

        /// As numbers of the part.
        func rows(of run: VectorRun) -> Range<Int> { run.firstOrdinal + start..<run.firstOrdinal + start + count }
    }
}

/// Calls `body` with each range of neighbours in `ordinals`, which ascend.
@inline(__always)
func forEachGroup<Failure: Error>(
    _ ordinals: UnsafePointer<UInt32>, _ count: Int, _ body: (Range<Int>) throws(Failure) -> Void
) throws(Failure) {
    var first = 0
    while first < count {
        var end = first + 1
        while end < count, ordinals[end] == ordinals[end - 1] + 1 { end += 1 }
        try body(Int(ordinals[first])..<Int(ordinals[end - 1]) + 1)
        first = end
    }
}
