package import Indexes
package import VectorModel

/// Rows of which only some may be returned, searched as the server searches a segment under a filter: through the index, or by a scan of the matches.
package struct FilteredIndex: BenchIndex {
    private let rows: BaseRows
    private let index: (any VectorIndex)?
    private let accepted: OrdinalSet
    private let matchCount: Int

    /// - Parameters:
    ///   - index: over all rows; `nil`: the matches are always scanned.
    ///   - accepted: the rows that match.
    package init(_ rows: BaseRows, _ index: (any VectorIndex)?, accepted: OrdinalSet) {
        self.rows = rows
        self.index = index
        self.accepted = accepted
        matchCount = accepted.count
    }

    package var indexBytes: Int { rows.extraBytes + (index?.byteCount ?? 0) }

    package func nearest(_ queries: VectorMatrix, k: Int, _ setting: SearchSetting) -> [[Candidate]] {
        (0..<queries.rowCount).map { nearest(queries.row($0), k: k, setting) }
    }

    private func nearest(_ query: UnsafeBufferPointer<Float>, k: Int, _ setting: SearchSetting) -> [Candidate] {
        let search = FlatSearch(query: query, metric: rows.metric)
        var nearest = TopK(k: k)
        let found = index?.search(query, wanted: max(k, setting.rerank), effort: setting.effort, accepted: accepted) {}
        if let found, found.count >= min(k, matchCount) {
            search.offer(found, of: rows.run, access: TrustedRows<Never>(), into: &nearest) { UInt64($0) }
        } else {
            search.scan(rows.run, accepted: accepted, into: &nearest) { UInt64($0) } shouldContinue: {}
        }
        return search.refined(nearest) { rows.matrix.row(Int($0.ordinal)) }
    }
}
