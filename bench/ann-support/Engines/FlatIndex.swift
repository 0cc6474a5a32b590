package import Indexes
import VectorModel

/// Exact search over all rows.
package struct FlatIndex: BenchIndex {
    private let rows: BaseRows
    private let everything: OrdinalSet

    package init(_ rows: BaseRows) {
        self.rows = rows
        everything = .all(below: rows.matrix.rowCount)
    }

    package var indexBytes: Int { rows.extraBytes }

    package func nearest(_ queries: VectorMatrix, k: Int, _ setting: SearchSetting) -> [[Candidate]] {
        guard queries.rowCount > 1 else { return (0..<queries.rowCount).map { nearest(queries.row($0), k: k) } }
        let search = FlatBatchSearch(queries: queries.floats, dimension: queries.dimension, metric: rows.metric)
        var found = [TopK](repeating: TopK(k: k), count: queries.rowCount)
        search.scan(rows.run, accepted: everything, into: &found) { UInt64($0) } shouldContinue: {}
        return found.indices.map { query in search.refined(query, found[query]) { rows.matrix.row(Int($0.ordinal)) } }
    }

    /// One query. With codes the answer is the same and fewer bytes are read.
    package func nearest(_ query: UnsafeBufferPointer<Float>, k: Int) -> [Candidate] {
        let search = FlatSearch(query: query, metric: rows.metric, usesCodes: rows.hasCodes)
        var nearest = TopK(k: k)
        search.scan(rows.run, accepted: everything, into: &nearest) { UInt64($0) } shouldContinue: {}
        return search.refined(nearest) { rows.matrix.row(Int($0.ordinal)) }
    }
}
