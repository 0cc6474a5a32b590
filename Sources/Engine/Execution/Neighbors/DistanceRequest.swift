/// Asks for the distances between records.
public struct DistanceRequest: Sendable {
    /// The records of the matrix's rows: those that this `get` finds and that have a vector; its `fields` do not matter. An id that no record has, or
    /// whose record has no vector, is an error, unless there are conditions too.
    public var records: GetRequest
    /// The ids of the matrix's columns, all of which must have a vector; `nil`: the same records as the rows.
    public var others: [String]?
    /// After this moment the work stops with `deadlineExceeded`; `nil` for none.
    public var deadline: ContinuousClock.Instant?

    public init(records: GetRequest = GetRequest(), others: [String]? = nil, deadline: ContinuousClock.Instant? = nil) {
        self.records = records
        self.others = others
        self.deadline = deadline
    }
}

/// Distances between records, in the collection's metric: the numbers that a query for one of them gives for the other.
///
/// The distance of a record to itself is computed like any other: it is 0 by `l2`, by `cosine` 0 but for the last digit (1 for a vector of zeros), and
/// by `innerProduct` whatever 1 − ⟨x,x⟩ is.
public struct DistanceMatrix: Sendable {
    public let rows: [String]
    /// `nil`: the same as the rows.
    public let columns: [String]?
    /// Row by row.
    public let distances: [Float]
    /// For a page of a scroll: how it goes on.
    public let scroll: ScrollPage?

    /// The distances of one row's record to the columns' records.
    public func distances(of row: Int) -> ArraySlice<Float> {
        let count = (columns ?? rows).count
        return distances[row * count..<(row + 1) * count]
    }
}
