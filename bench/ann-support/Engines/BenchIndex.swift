package import Indexes

/// What varies from one measurement of an index to the next.
package struct SearchSetting: Equatable, Sendable {
    /// `efSearch` of a graph, `nprobe` of lists; unused by an exact search.
    package var effort: Int
    /// Candidates of an approximate index whose distances are computed from the floats, at least as many as results.
    package var rerank: Int
    /// Queries that are answered together.
    package var batch: Int

    package init(effort: Int = 0, rerank: Int = 0, batch: Int = 1) {
        self.effort = effort
        self.rerank = rerank
        self.batch = batch
    }
}

/// An index with the rows it was built over, searched as the server searches a segment: approximate candidates get exact distances from the floats.
package protocol BenchIndex: Sendable {
    /// Memory of the index beyond the floats of the rows.
    var indexBytes: Int { get }

    /// The `k` nearest rows to each of some queries, nearest first, as far as the index finds them. Called by many threads at once.
    func nearest(_ queries: VectorMatrix, k: Int, _ setting: SearchSetting) -> [[Candidate]]
}
