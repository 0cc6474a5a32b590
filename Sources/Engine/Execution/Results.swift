public import Segments

/// The records that a `get` found, in the order of the ids asked for, otherwise in the order they were first inserted.
public struct GetResult: Sendable {
    public let records: [RecordView]
    /// For a page of a scroll: how it goes on.
    public let scroll: ScrollPage?
}

/// How a scroll goes on after a page.
public struct ScrollPage: Hashable, Sendable {
    /// Where the next page begins; `nil`: this was the last one.
    public let next: ScrollCursor?
}

/// One answer of a search.
public struct QueryHit: Sendable {
    public let record: RecordView
    public let distance: Float
}

/// The answers of a search: one list per query vector, nearest first, equal distances in the order of insertion.
public struct QueryResult: Sendable {
    public let hits: [[QueryHit]]
    /// How it was found, where the request asked.
    public let explanation: Explanation?

    public init(hits: [[QueryHit]], explanation: Explanation? = nil) {
        self.hits = hits
        self.explanation = explanation
    }
}

/// The ids that a delete removed: those that existed.
public struct DeleteResult: Sendable {
    public let identifiers: [String]

    public var count: Int { identifiers.count }
}
