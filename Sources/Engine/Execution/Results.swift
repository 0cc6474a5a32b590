public import Segments

/// The records that a `get` found, in the order of the ids asked for, otherwise in the order they were first inserted.
public struct GetResult: Sendable {
    public let records: [RecordView]
}

/// One answer of a search.
public struct QueryHit: Sendable {
    public let record: RecordView
    public let distance: Float
}

/// The answers of a search: one list per query vector, nearest first, equal distances in the order of insertion.
public struct QueryResult: Sendable {
    public let hits: [[QueryHit]]
}

/// The ids that a delete removed: those that existed.
public struct DeleteResult: Sendable {
    public let identifiers: [String]

    public var count: Int { identifiers.count }
}
