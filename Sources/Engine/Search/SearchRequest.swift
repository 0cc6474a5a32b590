public import Filtering
public import Segments
public import VectorModel

/// Several searches of one collection, answered from one snapshot of it.
public struct SearchBatch: Sendable {
    public var searches: [SearchRequest]
    /// After this moment the searches stop with `deadlineExceeded`; `nil` for none.
    public var deadline: ContinuousClock.Instant?

    public init(_ searches: [SearchRequest], deadline: ContinuousClock.Instant? = nil) {
        self.searches = searches
        self.deadline = deadline
    }
}

/// A search that scores records by an expression over several lists of them: vectors, sparse vectors and words in one request.
public struct SearchRequest: Sendable {
    /// Which records may be returned. Ids that no record has are passed over.
    public var selector: RecordSelector
    /// `nil`: the records have no scores and come in the order of insertion.
    public var rank: RankExpression?
    /// Metadata keys for whose sparse vectors each value of a query counts for more the fewer records have its index, as BM25 weighs words.
    public var keysScaledByRarity: Set<String> = []
    /// Keeps a few records of each group, before `offset` and `limit` count.
    public var grouping: SearchGrouping?
    /// At most this many; `nil` for all.
    public var limit: Int?
    public var offset: Int
    /// The parts of the records that are wanted.
    public var fields: RecordFields

    public init(
        selector: RecordSelector = .init(), rank: RankExpression? = nil, grouping: SearchGrouping? = nil, limit: Int? = nil, offset: Int = 0,
        fields: RecordFields = []
    ) {
        self.selector = selector
        self.rank = rank
        self.grouping = grouping
        self.limit = limit
        self.offset = offset
        self.fields = fields
    }
}

/// One answer of a search.
public struct SearchHit: Sendable {
    public let record: RecordView
    /// The smaller, the better; may be infinite or not a number. `nil`: the search ranks nothing.
    public let score: Double?
}

/// The answers of a batch, one list per search: the best first, those of equal score in the order of insertion.
public struct SearchResult: Sendable {
    public let answers: [[SearchHit]]
}
