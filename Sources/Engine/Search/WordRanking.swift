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
        let numbering = PartNumbering(records.parts.map(\.rowCount))
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
                    if let document { documents.add(row: numbering.number(number, row), document: document) }
                }
            }
        }
        statistics += documents.statistics
        let scorer = BM25Scorer(query, statistics: statistics, parameters: parameters)
        var best = ScoredTopK(k: limit)
        for part in indexed where !rows[part.number].isEmpty {
            try search(part, scorer, accepted: rows[part.number], records, into: &best, shouldContinue)
        }
        try search(documents, scorer, numbering, accepted: rows, records, into: &best)
        return best.sorted().map { Candidate(distance: Float(1 - $0.score), part: $0.part, ordinal: $0.ordinal, order: $0.order) }
    }

    private func search(
        _ part: IndexedPart, _ scorer: BM25Scorer, accepted: OrdinalSet, _ records: CollectionReader, into best: inout ScoredTopK,
        _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        var orders = InsertionOrders(records)
        let found = try part.terms.search(
            scorer, k: limit, accepted: accepted, atLeast: max(best.threshold, 0), order: { orders.order(RowAddress(part: part.number, row: $0)) },
            shouldContinue: shouldContinue)
        for row in found {
            let order = orders.order(RowAddress(part: part.number, row: row.row))
            best.offer(Indexes.ScoredRow(score: row.score, part: UInt32(part.number), ordinal: UInt32(row.row), order: order))
        }
        try orders.check()
    }

    private func search(
        _ documents: borrowing UnindexedDocuments, _ scorer: BM25Scorer, _ numbering: PartNumbering, accepted: [OrdinalSet],
        _ records: CollectionReader, into best: inout ScoredTopK
    ) throws(RequestError) {
        guard documents.statistics.documentCount > 0 else { return }
        var orders = InsertionOrders(records)
        let found = documents.search(scorer, k: limit, accepted: numbering.union(accepted), atLeast: max(best.threshold, 0)) {
            orders.order(numbering.address($0))
        }
        for row in found {
            let address = numbering.address(row.row)
            best.offer(
                Indexes.ScoredRow(score: row.score, part: UInt32(address.part), ordinal: UInt32(address.row), order: orders.order(address)))
        }
        try orders.check()
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

/// Reads insertion keys for callers that cannot throw, and keeps the first error for later.
private struct InsertionOrders {
    private let records: CollectionReader
    private var failure: RequestError?

    init(_ records: CollectionReader) {
        self.records = records
    }

    mutating func order(_ address: RowAddress) -> UInt64 {
        do throws(RequestError) {
            return try damageAsError { () throws(Corruption) in try records.reader(address.part).insertionKey(of: address.row) }
        } catch {
            failure = failure ?? error
            return 0
        }
    }

    func check() throws(RequestError) {
        if let failure { throw failure }
    }
}

/// Numbers the rows of all parts from 0 on, part after part.
private struct PartNumbering {
    /// The number of each part's first row, and behind them that of all rows.
    private let starts: [Int]

    init(_ rowCounts: [Int]) {
        starts = rowCounts.reduce(into: [0]) { starts, count in starts.append(starts[starts.count - 1] + count) }
    }

    func number(_ part: Int, _ row: Int) -> Int { starts[part] + row }

    /// Cost: linear in the parts.
    func address(_ number: Int) -> RowAddress {
        let part = starts.dropFirst().firstIndex { number < $0 }.map { $0 - 1 } ?? 0
        return RowAddress(part: part, row: number - starts[part])
    }

    func union(_ rows: [OrdinalSet]) -> OrdinalSet {
        var union = OrdinalSet(bound: starts[starts.count - 1])
        for (part, members) in rows.enumerated() {
            members.forEach { row in
                union.insert(starts[part] + row)
                return true
            }
        }
        return union
    }
}
