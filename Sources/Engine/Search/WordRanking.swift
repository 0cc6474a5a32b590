import ByteCoding
import Filtering
import Indexes
import Segments
import TextSearch
import VectorModel

/// Ranks documents by the words of a query with BM25: exact, whatever indexes there are.
///
/// What BM25 counts is counted over all living records, not only those that may be returned: a filter changes no score.
/// Cost: of a segment whose lookup file is open and has the query's analysis, see `TermIndex.search`; other documents are read and cut into words.
struct WordRanking {
    let query: TextQuery
    let parameters: BM25Parameters
    let limit: Int

    /// A part with an index of words.
    private struct IndexedPart {
        let number: Int
        let terms: TermIndex
    }

    /// The rows whose documents score highest, the best first; a row's distance is one minus its score. Rows without any of the words are left out.
    /// - Parameters:
    ///   - rows: the rows that may be returned, one set per part of `records`.
    ///   - shouldContinue: asked every few documents.
    func nearest(
        among rows: [OrdinalSet], of records: CollectionReader, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> [Candidate] {
        guard query.termCount > 0 else { return [] }
        var indexed: [IndexedPart] = []
        var documents = UnindexedDocuments(query)
        var statistics = TermStatistics(of: query)
        for number in records.parts.indices where records.parts[number].liveCount > 0 {
            let part = records.parts[number]
            let reader = try damageAsError { () throws(Corruption) in try records.reader(number) }
            switch reader.terms(query.analysis) {
            case .absent: break
            case .index(let terms):
                try shouldContinue()
                statistics += terms.statistics(for: query, living: part.tombstones.count == 0 ? nil : part.alive())
                indexed.append(IndexedPart(number: number, terms: terms))
            case .unindexed:
                try forEachMember(of: part.alive(), shouldContinue) { row throws(RequestError) in
                    let document = try damageAsError { () throws(Corruption) in try reader.document(of: row) }
                    if let document { documents.add(part: UInt32(number), row: row, document: document) }
                }
            }
        }
        statistics += documents.statistics
        let scorer = BM25Scorer(query, statistics: statistics, parameters: parameters)
        func order(_ part: Int, _ row: Int) throws(RequestError) -> UInt64 {
            try damageAsError { () throws(Corruption) in try records.reader(part).insertionKey(of: row) }
        }
        var best = ScoredTopK(k: limit)
        for part in indexed where !rows[part.number].isEmpty {
            try part.terms.search(
                scorer, accepted: rows[part.number], part: UInt32(part.number), into: &best,
                order: { (row) throws(RequestError) in try order(part.number, row) }, shouldContinue: shouldContinue)
        }
        try documents.search(scorer, into: &best, accepts: { rows[$0].contains($1) }, order: order)
        return best.sorted().map { Candidate(distance: Float(1 - $0.score), part: $0.part, ordinal: $0.ordinal, order: $0.order) }
    }

    private func forEachMember(
        of rows: OrdinalSet, _ shouldContinue: () throws(RequestError) -> Void, _ body: (Int) throws(RequestError) -> Void
    ) throws(RequestError) {
        var failure: RequestError?
        var seen = 0
        rows.forEach { row in
            do throws(RequestError) {
                if seen.isMultiple(of: Self.rowsPerCheck) { try shouldContinue() }
                seen += 1
                try body(row)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    private static let rowsPerCheck = 64
}
