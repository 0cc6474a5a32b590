import ByteCoding
import Filtering
import Indexes
package import VectorModel

extension RowReader {
    /// Offers the rows that have an index in common with `query` under `key` to `best`, but those that it could not keep: through an inverted index where
    /// there is one, otherwise each vector is read. Scores are the same to the last bit.
    ///
    /// - Parameters:
    ///   - accepted: the rows that may be returned; its bound is `rowCount`.
    ///   - part: what the rows are marked with; their order is that of insertion.
    ///   - shouldContinue: asked every few hundred rows.
    package func searchSparse(
        _ query: SparseVector, key: String, accepted: OrdinalSet, part: UInt32, into best: inout ScoredTopK,
        shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        let order = { (row: Int) throws(RequestError) -> UInt64 in
            do throws(Corruption) { return try insertionKey(of: row) } catch { throw RequestError(error) }
        }
        switch try sparseLookup(of: key) {
        case .absent: return
        case .index(let index):
            try index.search(query, accepted: accepted, part: part, into: &best, order: order, shouldContinue: shouldContinue)
        case .unindexed:
            for (row, score) in try sparseScores(of: query, key: key, among: accepted, shouldContinue: shouldContinue) where score >= best.threshold {
                best.offer(ScoredRow(score: score, part: part, ordinal: UInt32(row), order: try order(row)))
            }
        }
    }

    /// How many of `rows` have a value at each index of `query` under `key`: the terms' document frequencies.
    package func sparseCounts(
        of query: SparseVector, key: String, among rows: OrdinalSet, shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> [Int] {
        switch try sparseLookup(of: key) {
        case .absent: return [Int](repeating: 0, count: query.count)
        case .index(let index):
            try shouldContinue()
            return query.indices.map { index.count(of: $0, among: rows) }
        case .unindexed: return try sparseFrequencies(of: query, key: key, among: rows, shouldContinue: shouldContinue)
        }
    }

    private enum SparseSource {
        /// No row has a sparse vector there.
        case absent
        case index(SparseIndex)
        case unindexed
    }

    private func sparseLookup(of key: String) throws(RequestError) -> SparseSource {
        do throws(Corruption) {
            guard case .segment(let cursor) = self, let lookup = cursor.segment.lookup else { return .unindexed }
            guard let column = try cursor.find(key, in: .keys) else { return .absent }
            return lookup.sparse[column].map { .index($0) } ?? .absent
        } catch { throw RequestError(error) }
    }
}
