public import Filtering
public import VectorModel

/// Which records to return, and which of them.
public struct GetRequest: Sendable {
    public var selector: RecordSelector
    /// At most this many; `nil` for all.
    public var limit: Int?
    public var offset: Int
    /// The parts of the records that are wanted.
    public var fields: RecordFields
    /// In which order, and which of them, where it is not the usual one.
    public var arrangement = RecordArrangement.usual

    public init(selector: RecordSelector = .init(), limit: Int? = nil, offset: Int = 0, fields: RecordFields = .all) {
        self.selector = selector
        self.limit = limit
        self.offset = offset
        self.fields = fields
    }
}

/// Which records to delete. Without any restriction nothing is deleted.
public struct DeleteRequest: Sendable {
    public var selector: RecordSelector
    /// At most this many, the oldest first; `nil` for all.
    public var limit: Int?

    public init(selector: RecordSelector, limit: Int? = nil) {
        self.selector = selector
        self.limit = limit
    }
}

/// A search for the `k` nearest records of each query vector among those that the selector allows.
///
/// An id that no record has is an error, unless the selector has conditions too: then those of the ids are meant that match them.
public struct QueryRequest: Sendable {
    /// Query vectors, row-major: a multiple of `dimension` finite floats. Empty for no query vector.
    public var vectors: [Float]
    public var dimension: Int
    public var k: Int
    public var selector: RecordSelector
    /// The parts of the records found that are wanted.
    public var fields: RecordFields
    /// After this moment the search stops with `deadlineExceeded`; `nil` for none.
    public var deadline: ContinuousClock.Instant?
    /// How to search, where it is to differ from the collection's configuration.
    public var overrides = SearchOverrides()
    /// What is made of what was found, and of which examples the query vectors are made.
    public var refinement = QueryRefinement()
    /// Whether the result is to say how it was found.
    public var explain = false

    /// How many query vectors there are; none is legal.
    public var queryCount: Int

    /// - Parameter queryCount: to be given only for vectors of no numbers, which fit no collection but one whose dimension is not fixed yet.
    public init(
        vectors: [Float], dimension: Int, queryCount: Int? = nil, k: Int, selector: RecordSelector = .init(),
        fields: RecordFields = .all, deadline: ContinuousClock.Instant? = nil
    ) {
        self.vectors = vectors
        self.dimension = dimension
        self.queryCount = queryCount ?? (vectors.isEmpty || dimension <= 0 ? 0 : vectors.count / dimension)
        self.k = k
        self.selector = selector
        self.fields = fields
        self.deadline = deadline
    }
}

/// What one query asks of the search in place of the collection's configuration.
public struct SearchOverrides: Hashable, Sendable {
    /// Compare with every matching row, whatever index there is.
    public var exact: Bool
    /// Candidates that a graph search keeps.
    public var efSearch: Int?
    /// Lists of an inverted file that are looked into.
    public var nprobe: Int?
    /// How many of an index's candidates, per result asked for, have their distances computed from the stored vectors; at least 1.
    public var rerank: Int?

    public init(exact: Bool = false, efSearch: Int? = nil, nprobe: Int? = nil, rerank: Int? = nil) {
        self.exact = exact
        self.efSearch = efSearch
        self.nprobe = nprobe
        self.rerank = rerank
    }
}
