package import Indexes
import VectorModel

/// A graph or lists with the rows they were built over.
package struct ApproximateIndex<Index: VectorIndex>: BenchIndex {
    package let index: Index
    private let rows: BaseRows

    package init(_ index: Index, over rows: BaseRows) {
        precondition(index.dimension == rows.matrix.dimension)
        self.index = index
        self.rows = rows
    }

    package var indexBytes: Int { index.byteCount + rows.extraBytes }

    package func nearest(_ queries: VectorMatrix, k: Int, _ setting: SearchSetting) -> [[Candidate]] {
        (0..<queries.rowCount).map { nearest(queries.row($0), k: k, setting) }
    }

    private func nearest(_ query: UnsafeBufferPointer<Float>, k: Int, _ setting: SearchSetting) -> [Candidate] {
        let found = index.search(query, wanted: max(k, setting.rerank), effort: setting.effort, accepted: nil) {}
        let search = FlatSearch(query: query, metric: rows.metric, usesCodes: false)
        var nearest = TopK(k: k)
        search.offer(found, of: rows.run, access: TrustedRows<Never>(), into: &nearest) { UInt64($0) }
        return search.refined(nearest) { rows.matrix.row(Int($0.ordinal)) }
    }
}
