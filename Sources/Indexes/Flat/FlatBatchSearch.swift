import Quantization
public import VectorKernels
public import VectorModel

/// Exact search for many queries at once: for each the `k` nearest of the accepted rows, to the last bit what `FlatSearch` finds.
///
/// Rows are taken 64 at a time. Their 8-bit codes are multiplied with those of all queries, blocked for the registers as a matrix product is, and
/// each result is compared at once with what the query's worst candidate allows (`CodeScreen`, with bounds that are proven): one bit is left of
/// it. Only where that is set are the row's numbers read, while it is still cached. Rows without stored codes are encoded on the way when there are
/// enough queries to pay for it.
///
/// Cost: O(queries × accepted rows × dimension), bound by arithmetic on codes: a quarter of what a matrix product of floats takes, or less. Per query
/// one code row and 200 bytes, whatever the number of rows.
public struct FlatBatchSearch {
    /// Fewer queries are searched one after the other.
    static let queriesMin = 12

    let searches: [FlatSearch]
    /// The codes of all queries; `nil` when they are searched one after the other.
    let screen: BatchScreen?

    /// - Parameters:
    ///   - queries: one after the other, `dimension` floats each; borrowed, must outlive the search.
    ///   - dimension: at least 1.
    public init(queries: UnsafeBufferPointer<Float>, dimension: Int, metric: Metric, kernels: VectorKernels = .active) {
        precondition(dimension > 0 && queries.count % dimension == 0, "queries of \(dimension) numbers each")
        let count = queries.count / dimension
        let isBatch = count >= Self.queriesMin
        searches = (0..<count).map { index in
            let query = UnsafeBufferPointer(rebasing: queries[index * dimension..<(index + 1) * dimension])
            // A tile has no unused codes behind the dimension, so that codes pay for short vectors too.
            let codes = QueryCodes(query: query, metric: metric, dimensionMin: isBatch ? 1 : ScalarQuantizer8.dimensionMin)
            return FlatSearch(query: query, metric: metric, kernels: kernels, queryCodes: codes)
        }
        screen = isBatch ? BatchScreen(searches, dimension: dimension, metric: metric, kernels: kernels) : nil
    }

    /// How many queries there are.
    public var count: Int { searches.count }

    /// Offers every accepted row of a run in memory to every query's nearest: the other `scan` with nothing to verify.
    public func scan<Failure: Error>(
        _ run: VectorRun, accepted: borrowing OrdinalSet, into nearest: inout [TopK], order: (Int) throws(Failure) -> UInt64,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        try scan(run, accepted: accepted, access: TrustedRows<Failure>(), into: &nearest, order: order, shouldContinue: shouldContinue)
    }

    /// Offers every accepted row of `run` to every query's nearest, but those that it could not keep.
    /// - Parameters:
    ///   - accepted: the rows of the run's part that may be returned, for every query.
    ///   - access: told what is read before it is.
    ///   - nearest: one for each query, in their order; the same for all runs and parts of one search.
    ///   - order: the tie-breaking order of a row of the part, asked only for rows that are near enough.
    ///   - shouldContinue: asked once per 64 accepted rows.
    public func scan<Access: RowAccess>(
        _ run: VectorRun, accepted: borrowing OrdinalSet, access: Access, into nearest: inout [TopK],
        order: (Int) throws(Access.Failure) -> UInt64, shouldContinue: () throws(Access.Failure) -> Void
    ) throws(Access.Failure) {
        precondition(nearest.count == count, "one TopK for each query")
        guard let screen else {
            for query in searches.indices {
                try searches[query].scan(run, accepted: accepted, access: access, into: &nearest[query], order: order, shouldContinue: shouldContinue)
            }
            return
        }
        let scratch = BlockScratch(capacity: FlatSearch.blockRows)
        defer { scratch.deallocate() }
        var tiles = BatchTiles(searches, screen, run)
        defer { tiles.deallocate() }
        var start = 0
        while start < run.count {
            let (chosen, count) = scratch.choose(
                from: run.firstOrdinal + start, to: run.firstOrdinal + run.count, accepted, relativeTo: run.firstOrdinal)
            var taken = 0
            while taken < chosen {
                taken += tiles.take(scratch.ordinals + taken, chosen - taken)
                guard tiles.isFull else { break }
                try shouldContinue()
                try tiles.search(access, into: &nearest, order)
            }
            start += count
        }
        guard !tiles.isEmpty else { return }
        try shouldContinue()
        try tiles.search(access, into: &nearest, order)
    }

    /// The candidates held for one query, nearest first, with their distances computed anew in double precision, as `FlatSearch.refined` does.
    /// - Parameter vector: the floats of a candidate's row, which its part's `RowAccess` has been told of.
    public func refined(_ query: Int, _ nearest: TopK, vector: (Candidate) -> UnsafeBufferPointer<Float>) -> [Candidate] {
        searches[query].refined(nearest, vector: vector)
    }
}
