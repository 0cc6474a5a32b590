import VectorModel

/// Asks for the nearest other records of many records: the k-nearest-neighbour graph of a collection, or a part of it.
public struct NeighborRequest: Sendable {
    /// Among which records neighbours are looked for.
    public enum Scope: String, CaseIterable, Sendable {
        /// All of the collection.
        case all
        /// Those that the selector of `records` means, whatever page or sample of them is asked about.
        case matches
        /// Those that are asked about: the graph is closed.
        case selected
    }

    /// The records that are asked about: those that this `get` finds and that have a vector; its `fields` do not matter. An id that no record has,
    /// or whose record has no vector, is an error, unless there are conditions too.
    public var records: GetRequest
    /// Neighbours of each record.
    public var k: Int
    public var scope: Scope
    /// Only neighbours at most so far away.
    public var maxDistance: Float?
    /// How to search, where it is to differ from the collection's configuration.
    public var overrides: SearchOverrides
    /// After this moment the search stops with `deadlineExceeded`; `nil` for none.
    public var deadline: ContinuousClock.Instant?

    public init(
        records: GetRequest = GetRequest(), k: Int, scope: Scope = .matches, maxDistance: Float? = nil,
        overrides: SearchOverrides = SearchOverrides(), deadline: ContinuousClock.Instant? = nil
    ) {
        self.records = records
        self.k = k
        self.scope = scope
        self.maxDistance = maxDistance
        self.overrides = overrides
        self.deadline = deadline
    }

    /// What can be said against the request before anything is read.
    func check(_ limits: Limits) throws(RequestError) {
        try records.checkArrangement(limits)
        guard (1...limits.resultCount).contains(k) else { throw .invalid("n_results", "must be from 1 to \(limits.resultCount), got \(k)") }
        if let maxDistance, maxDistance.isNaN { throw .invalid("max_distance", "is not a number") }
    }
}

/// A directed graph of records, as compressed sparse rows: each record that was asked about has edges to its neighbours, the nearest first, equal
/// distances in the order of insertion.
public struct NeighborGraph: Sendable {
    /// Every record that occurs, each once: first those that were asked about, in their order, then the others in the order in which they were met.
    public internal(set) var identifiers: [String]
    /// Where the edges of each record that was asked about begin, and at last how many edges there are.
    public internal(set) var offsets = [0]
    /// Where each edge leads: places in `identifiers`.
    public internal(set) var neighbors: [UInt32] = []
    /// How long each edge is.
    public internal(set) var distances: [Float] = []
    /// For a page of a scroll: how it goes on.
    public internal(set) var scroll: ScrollPage?

    /// How many records were asked about.
    public var rowCount: Int { offsets.count - 1 }

    /// The edges of one of the records that were asked about: places in `neighbors` and `distances`.
    public func edges(of row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }
}
