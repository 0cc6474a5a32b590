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
    private(set) var matches: OrdinalSet?
    /// Where the plan is to search before documents are read.
    private let late: Late?
    private let control: SearchControl
    /// The rows that may be returned and have a vector, once a scan needs them.
    private var scannable: OrdinalSet?
    /// What has happened so far.
    var account: PartAccount

    init(
        _ number: Int, _ reader: RowReader, matches: OrdinalSet?, index: SegmentIndex?, plan: PartPlan, late: Late? = nil, account: PartAccount,
        _ control: SearchControl
    ) {
        self.number = UInt32(number)
        self.reader = reader
        self.matches = matches
        self.index = index
        self.plan = plan
        self.late = late
        self.account = account
        self.control = control
    }

    /// Notes which of the rows that may be returned do.
    func restrict(to rows: OrdinalSet) {
        matches = rows
        scannable = nil
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

    func search(_ queries: QueryVectors, _ chosen: [Int], by plan: PartPlan, into nearest: inout [TopK]) throws(RequestError) {
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
        case .filterLast(let search, let proposals):
            guard let late else { preconditionFailure("the filter is to come last, and there is none") }
            try searchFirst(queries, chosen, by: search, proposals: proposals, late, into: &nearest)
        }
    }

    /// Rows that the index takes for the nearest of those that may be returned; none without an index.
    func proposals(
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

    /// Offers proposals of the index with their true distances.
    func offer(_ found: [ApproximateNeighbor], _ flat: FlatSearch, into nearest: inout TopK) throws(RequestError) {
        guard case .segment(let cursor) = reader, let run = cursor.vectorRun(part: number) else { return }
        try flat.offer(found, of: run, access: VerifiedRows(cursor: cursor), into: &nearest) { (row) throws(RequestError) in
            try damageAsError { () throws(Corruption) in try cursor.insertionKey(of: row) }
        }
    }

    /// Scans for some of the queries: for all of them at once, or one after the other.
    func scan(_ queries: QueryVectors, _ chosen: [Int], into nearest: inout [TopK]) throws(RequestError) {
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
