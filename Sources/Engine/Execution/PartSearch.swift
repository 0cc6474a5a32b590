import ByteCoding
import Indexes
import Segments
import VectorModel

/// One part of a snapshot under search: which of its rows may be returned, and how they are gone through. Used by one thread for all query vectors.
final class PartSearch {
    let number: UInt32
    let reader: RowReader
    /// How it is searched: as the planner says of what is ready.
    let plan: PartPlan
    private let index: SegmentIndex?
    /// The rows that may be returned, as far as is known; `nil`: all of them. Rows without a vector may be among them.
    private var matches: OrdinalSet?
    /// Asked about proposals where the plan says so.
    private let lateFilter: LateFilter?
    /// A plan for so many matching rows, for when that is known after all.
    private let replan: (_ matchCount: Int) -> PartPlan
    private let control: SearchControl
    /// The rows that may be returned and have a vector, once a scan needs them.
    private var scannable: OrdinalSet?
    /// What has happened so far.
    private(set) var account: PartAccount

    init(
        _ number: Int, _ reader: RowReader, matches: OrdinalSet?, index: SegmentIndex?, plan: PartPlan, lateFilter: LateFilter? = nil,
        account: PartAccount = PartAccount(), _ control: SearchControl, replan: @escaping (_ matchCount: Int) -> PartPlan = { _ in .scan }
    ) {
        self.number = UInt32(number)
        self.reader = reader
        self.matches = matches
        self.index = index
        self.plan = plan
        self.lateFilter = lateFilter
        self.account = account
        self.control = control
        self.replan = replan
    }

    /// The rows that may be returned and have a vector.
    func scannableRows() throws(RequestError) -> OrdinalSet {
        if let scannable { return scannable }
        var rows = matches ?? .all(below: reader.rowCount)
        try damageAsError { () throws(Corruption) in try reader.keepRowsWithVectors(&rows) }
        scannable = rows
        return rows
    }

    /// Offers the nearest of the part's rows to each query's `nearest`: those that the index finds, or all where the plan or too few
    /// findings ask for it.
    func search(_ queries: QueryVectors, into nearest: inout [TopK]) throws(RequestError) {
        let start = ContinuousClock.now
        defer { account.search += .now - start }
        try search(queries, nearest.indices.map { $0 }, by: plan, into: &nearest)
    }

    private func search(
        _ queries: QueryVectors, _ chosen: [Int], by plan: PartPlan, into nearest: inout [TopK]
    ) throws(RequestError) {
        switch plan {
        case .nothing: return
        case .scan: try scan(queries, chosen, into: &nearest)
        case .graph(let effort, let wanted), .lists(let effort, let wanted):
            var unanswered: [Int] = []
            for query in chosen {
                let found = try proposals(queries[query], wanted: wanted, effort: effort)
                if try isEnough(found.count, k: nearest[query].k) {
                    try offer(found, queries.singles[query], into: &nearest[query])
                } else {
                    unanswered.append(query)
                }
            }
            account.rescans += unanswered.count
            try scan(queries, unanswered, into: &nearest)
        case .filterLast(let search): try propose(queries, chosen, search, into: &nearest)
        }
    }

    /// Searches first and filters what was found; where that leaves too few, all rows are filtered and the part is searched as that asks for.
    private func propose(
        _ queries: QueryVectors, _ chosen: [Int], _ plan: PartPlan, into nearest: inout [TopK]
    ) throws(RequestError) {
        guard let lateFilter, let (effort, wanted) = plan.proposals else { return try search(queries, chosen, by: plan, into: &nearest) }
        var unanswered: [Int] = []
        for query in chosen {
            // Where most have failed, the rest of them would.
            guard unanswered.count < Self.failuresMax else {
                unanswered.append(query)
                continue
            }
            let found = try lateFilter.matching(of: try proposals(queries[query], wanted: wanted, effort: effort))
            if found.count >= nearest[query].k {
                try offer(found, queries.singles[query], into: &nearest[query])
            } else {
                unanswered.append(query)
            }
        }
        account.filteredRows = lateFilter.testedCount
        guard !unanswered.isEmpty else { return }
        let start = ContinuousClock.now
        let all = try lateFilter.matching(of: matches ?? .all(below: reader.rowCount))
        account.filter += .now - start
        matches = all
        (account.matches, account.filteredRows) = (all.count, reader.rowCount)
        let second = replan(all.count)
        account.secondPlan = second
        try search(queries, unanswered, by: second, into: &nearest)
    }

    /// After so many queries whose proposals did not do, all rows are filtered.
    private static let failuresMax = 2

    private func proposals(
        _ vector: UnsafeBufferPointer<Float>, wanted: Int, effort: Int
    ) throws(RequestError) -> [ApproximateNeighbor] {
        guard let index else { return [] }
        let found = try index.search(vector, wanted: wanted, effort: effort, accepted: matches) { () throws(RequestError) in try control.check() }
        account.proposals += found.count
        return found
    }

    /// Whether an index found as many rows as are asked for, or as there are.
    private func isEnough(_ found: Int, k: Int) throws(RequestError) -> Bool {
        if found >= k { return true }
        return found >= (try scannableRows().count)
    }

    private func offer(_ found: [ApproximateNeighbor], _ flat: FlatSearch, into nearest: inout TopK) throws(RequestError) {
        guard case .segment(let cursor) = reader, let run = cursor.vectorRun(part: number) else { return }
        try flat.offer(found, of: run, access: VerifiedRows(cursor: cursor), into: &nearest) { (row) throws(RequestError) in
            try damageAsError { () throws(Corruption) in try cursor.insertionKey(of: row) }
        }
    }

    /// Scans for some of the queries: for all of them at once, or one after the other.
    private func scan(_ queries: QueryVectors, _ chosen: [Int], into nearest: inout [TopK]) throws(RequestError) {
        guard chosen.count < nearest.count else { return try scan(queries.batch, into: &nearest) }
        for query in chosen {
            var one = [nearest[query]]
            try scan(queries.batch(of: query), into: &one)
            nearest[query] = one[0]
        }
    }

    private func scan(_ flat: FlatBatchSearch, into nearest: inout [TopK]) throws(RequestError) {
        let accepted = try scannableRows()
        guard !accepted.isEmpty else { return }
        switch reader {
        case .memtable(let rows):
            try rows.vectors?.forEachRun(part: number, rowCount: rows.rowCount) { run throws(RequestError) in
                try flat.scan(run, accepted: accepted, into: &nearest) { (row) throws(RequestError) in
                    rows.insertionKey(at: row)
                } shouldContinue: { () throws(RequestError) in
                    try control.check()
                }
            }
        case .segment(let cursor):
            guard let run = cursor.vectorRun(part: number) else { return }
            try flat.scan(run, accepted: accepted, access: VerifiedRows(cursor: cursor), into: &nearest) { (row) throws(RequestError) in
                try damageAsError { () throws(Corruption) in try cursor.insertionKey(of: row) }
            } shouldContinue: { () throws(RequestError) in
                try control.check()
            }
        }
    }
}

/// Lets a search read a segment's rows only once their checksums have been compared.
struct VerifiedRows: RowAccess {
    let cursor: SegmentCursor

    func willReadVectors(rows: Range<Int>) throws(RequestError) {
        try damageAsError { () throws(Corruption) in try cursor.ensureVectors(rows: rows) }
    }

    func willReadCodes(rows: Range<Int>) throws(RequestError) {
        try damageAsError { () throws(Corruption) in try cursor.ensureCodes(rows: rows) }
    }
}
