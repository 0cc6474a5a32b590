#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import ByteCoding
import Indexes
import Segments
import VectorModel

/// Finds the rows whose sparse vectors under a metadata key have the largest inner products with a query: exact, whatever indexes there are.
///
/// Cost: see `SparseIndex.search` for segments whose lookup file is open; the vectors of all other rows that may be returned are read.
struct SparseRanking {
    let query: SparseVector
    let key: String
    let limit: Int
    /// Whether the query's values are multiplied by how rare their indices are among all living records: whatever the filter, scores are the same.
    let scalesByRarity: Bool

    /// The rows of the largest inner products, the largest first; a row's distance is one minus it. Rows that share no index with the query are
    /// left out.
    /// - Parameters:
    ///   - rows: the rows that may be returned, one set per part of `records`.
    ///   - shouldContinue: asked once a part, and every few hundred rows of those that are read.
    func nearest(
        among rows: [OrdinalSet], of records: CollectionReader, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> [Candidate] {
        let query = scalesByRarity ? try scaled(of: records, shouldContinue) : query
        var best = ScoredTopK(k: limit)
        for (part, members) in rows.enumerated() where !members.isEmpty {
            try shouldContinue()
            let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
            try reader.searchSparse(query, key: key, accepted: members, part: UInt32(part), into: &best, shouldContinue: shouldContinue)
        }
        return best.sorted().map { Candidate(distance: Float(1 - $0.score), part: $0.part, ordinal: $0.ordinal, order: $0.order) }
    }

    /// The query with each value times ln(1 + (N − n + ½) / (n + ½)): N records, of which n have the index.
    private func scaled(
        of records: CollectionReader, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> SparseVector {
        var counts = [Int](repeating: 0, count: query.count)
        for (part, rows) in records.parts.enumerated() where rows.liveCount > 0 {
            try shouldContinue()
            let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
            let found = try reader.sparseCounts(of: query, key: key, among: rows.alive(), shouldContinue: shouldContinue)
            for index in counts.indices { counts[index] += found[index] }
        }
        let total = Float(records.parts.reduce(0) { $0 + $1.liveCount })
        let values = zip(query.values, counts).map { value, count in
            value * logf(1 + (total - Float(count) + 0.5) / (Float(count) + 0.5))
        }
        return SparseVector(unchecked: query.indices, values, labels: nil)
    }
}
