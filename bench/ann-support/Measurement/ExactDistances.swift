import Indexes
package import LyricaClient
import VectorModel

/// How far away the k-th of the truly nearest rows of each query is: what decides whether a row that was found counts as right.
package struct ExactDistances: Sendable {
    package let k: Int
    /// One per query, in double precision rounded to a float.
    package let farthest: [Float]
    private let data: Dataset

    /// From what a file says. The distances are computed here, so that it does not matter how those of the file were rounded.
    /// - Throws: `ClientError.data` when the truth has fewer than `k` neighbours a query.
    package init(_ truth: TrueNeighbors, of data: Dataset, k: Int) throws(ClientError) {
        guard truth.width >= k else { throw .data("the truth has \(truth.width) neighbours per query; --k \(k) needs as many") }
        self.init(
            k: k, data,
            farthest: (0..<data.queries.rowCount).map { query in
                Self.sortedDistances(of: truth.neighbors(of: query).prefix(k), query, data).last ?? .infinity
            })
    }

    /// By exact search through all rows.
    /// - Parameters:
    ///   - rows: the base of `data`; with codes it takes a fraction of the time.
    ///   - threads: how many search at once.
    package init(
        searching rows: BaseRows, of data: Dataset, k: Int, threads: Int, progress style: ProgressReporter.Style
    ) throws(ClientError) {
        let flat = FlatIndex(rows)
        let queryCount = data.queries.rowCount
        let memory = try AlignedMemory(byteCount: queryCount * MemoryLayout<Float>.stride, purpose: "the exact distances")
        var reporter = ProgressReporter(style: style, total: queryCount)
        // SAFETY: one float per query, written by the one thread that has the query.
        inParallel(over: (queryCount + Self.batch - 1) / Self.batch, threads: threads) { reporter.advance(to: $0 * Self.batch) } _: { item in
            let queries = item * Self.batch..<min((item + 1) * Self.batch, queryCount)
            for (query, found) in zip(queries, flat.nearest(data.queries.slice(queries), k: k, SearchSetting())) {
                memory.bytes.storeBytes(
                    of: found.last?.distance ?? .infinity, toByteOffset: query * MemoryLayout<Float>.stride, as: Float.self)
            }
        }
        reporter.finishIfShown()
        self.init(k: k, data, farthest: withExtendedLifetime(memory) { Array(memory.bytes.assumingMemoryBound(to: Float.self)) })
    }

    /// Queries that are searched together: the more, the less memory is read for each.
    private static let batch = 128

    private init(k: Int, _ data: Dataset, farthest: [Float]) {
        self.k = k
        self.data = data
        self.farthest = farthest
    }

    /// |found ∩ the k nearest| / k. A row as near as the k-th counts, whichever of several equals it is; a row that was returned twice counts once.
    package func recall(of found: some Sequence<UInt32>, query: Int) -> Double {
        let right = Self.sortedDistances(of: Set(found), query, data).prefix { $0 <= farthest[query] }.count
        return Double(min(right, k)) / Double(k)
    }

    /// Ascending, as the server reports distances.
    private static func sortedDistances(of rows: some Sequence<UInt32>, _ query: Int, _ data: Dataset) -> [Float] {
        let rows = Array(rows)
        var all = TopK(k: rows.count)
        for row in rows { all.offer(Candidate(distance: 0, ordinal: row, order: UInt64(row))) }
        let search = FlatSearch(query: data.queries.row(query), metric: data.metric, usesCodes: false)
        return search.refined(all) { data.base.row(Int($0.ordinal)) }.map(\.distance)
    }
}
