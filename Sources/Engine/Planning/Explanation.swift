import Filtering

/// How a query was answered: what was planned, what was met, and how long each step took. Holds no ids, texts or vectors.
///
/// Times of a machine that does other things too: for a look at one query, not for comparisons.
public struct Explanation: Sendable, CustomStringConvertible {
    /// Query vectors.
    public let queries: Int
    /// Results that were asked for, for each.
    public let k: Int
    /// The parts that were searched, oldest first.
    public let parts: [PartExplanation]
    /// Parts in which nothing matches.
    public let excludedParts: Int
    /// Filtering and planning of all parts; a filter that is asked last counts as search.
    public let planning: Duration
    public let search: Duration
    /// Of what the answers show of the records.
    public let read: Duration

    /// For people, a line for the whole and one for each part.
    public var description: String {
        let head = "\(counted(queries, "query vector")), \(k) results each; \(counted(parts.count, "part")) searched, "
            + "\(excludedParts) without a match; filter and plan \(planning.inMicroseconds) µs, search \(search.inMicroseconds) µs, read \(read.inMicroseconds) µs"
        return ([head] + parts.map(\.description)).joined(separator: "\n")
    }
}

/// How one part of a collection was searched.
public struct PartExplanation: Sendable, CustomStringConvertible {
    /// The part's place among the collection's parts, oldest first.
    public let number: Int
    /// A file; otherwise rows in memory.
    public let isSegment: Bool
    public let rows: Int
    /// What the planner decided, in words.
    public let plan: String
    /// What it decided once all rows were filtered after all.
    public let secondPlan: String?
    /// Rows that the filter was asked about.
    public let filteredRows: Int
    /// Rows that were expected to match; `nil` without a filter.
    public let expectedMatches: Int?
    /// Documents that the filter read.
    public let documentsRead: Int
    /// Rows that match; `nil` where documents of proposals only were read.
    public let matches: Int?
    /// Rows that an index proposed, for all query vectors.
    public let proposals: Int
    /// Query vectors for which the index found too few, so that the matches were scanned.
    public let rescans: Int
    /// Of filtering all its rows.
    public let filter: Duration
    public let search: Duration

    init(number: Int, isSegment: Bool, rows: Int, plan: PartPlan, _ account: PartAccount) {
        self.number = number
        self.isSegment = isSegment
        self.rows = rows
        self.plan = plan.description
        secondPlan = account.secondPlan?.description
        filteredRows = account.filteredRows
        expectedMatches = account.estimate.map { Int(($0.expected * Double(rows)).rounded()) }
        documentsRead = account.documentsRead
        matches = account.matches
        proposals = account.proposals
        rescans = account.rescans
        filter = account.filter
        search = account.search
    }

    public var description: String {
        var facts = ["part \(number) (\(isSegment ? "segment" : "memtable"), \(counted(rows, "row"))): \(plan)"]
        if let secondPlan { facts.append("then \(secondPlan)") }
        if let matches { facts.append("\(matches) match") }
        if let expectedMatches { facts.append("\(expectedMatches) expected to match") }
        if filteredRows > 0 { facts.append("\(filteredRows) filtered in \(filter.inMicroseconds) µs") }
        if documentsRead > 0 { facts.append("\(counted(documentsRead, "document")) read") }
        if proposals > 0 { facts.append("\(proposals) proposed") }
        if rescans > 0 { facts.append("\(counted(rescans, "query vector")) scanned for want of proposals") }
        return (facts + ["searched in \(search.inMicroseconds) µs"]).joined(separator: "; ")
    }
}

/// What a part's search notes for an explanation.
struct PartAccount {
    var filteredRows = 0
    var estimate: FilterEstimate?
    var documentsRead = 0
    var matches: Int?
    var proposals = 0
    var rescans = 0
    var secondPlan: PartPlan?
    var filter = Duration.zero
    var search = Duration.zero
}

extension Duration {
    /// Whole microseconds.
    public var inMicroseconds: Int64 { Int64(self / .microseconds(1)) }
}

private func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
