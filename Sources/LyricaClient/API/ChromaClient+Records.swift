/// Parts of a record that an answer can carry.
public enum IncludedField: String, CaseIterable, Sendable {
    case documents
    case metadatas
    case embeddings
    case uris
    case distances
}

/// What happens to an id that is stored already.
public enum WriteMode: String, CaseIterable, Sendable {
    /// The stored record stays.
    case add
    /// The stored record is updated with what is sent.
    case upsert
}

/// Which records are meant: all conditions hold at once. The conditions are in the protocol's language and passed on unread.
public struct RecordFilter: Equatable, Sendable {
    public var ids: [String]?
    public var condition: JSONObject?
    public var documentCondition: JSONObject?

    public init(ids: [String]? = nil, condition: JSONObject? = nil, documentCondition: JSONObject? = nil) {
        self.ids = ids
        self.condition = condition
        self.documentCondition = documentCondition
    }

    fileprivate func append(to body: inout JSONObject) {
        if let ids { body.append("ids", .array(ids.map { .string($0) })) }
        if let condition { body.append("where", .object(condition)) }
        if let documentCondition { body.append("where_document", .object(documentCondition)) }
    }
}

extension ChromaClient {
    /// Stores a batch; the body is what `BatchEncoder` made. May be repeated: both modes leave the same state when sent twice.
    public func write(_ mode: WriteMode, collectionID: String, body: [UInt8]) async throws(ClientError) {
        _ = try await success(HTTPCall(.post, "\(collectionPath(id: collectionID))/\(mode.rawValue)", body: body, isRepeatable: true))
    }

    /// Records by filter, in the server's order.
    /// - Parameter limit: `nil` asks for all that match.
    public func get(
        collectionID: String, filter: RecordFilter, limit: Int?, offset: Int, include: [IncludedField]
    ) async throws(ClientError) -> RecordPage {
        var body = JSONObject()
        filter.append(to: &body)
        if let limit { body.append("limit", .integer(Int64(limit))) }
        body.append("offset", .integer(Int64(offset)))
        body.append("include", .array(include.map { .string($0.rawValue) }))
        let answer = try await json(HTTPCall(.post, collectionPath(id: collectionID) + "/get", body: body.bytes, isRepeatable: true))
        return try RecordPage(getAnswer: answer)
    }

    /// The records nearest to one vector, nearest first.
    public func query(
        collectionID: String, embedding: [Float], resultCount: Int, filter: RecordFilter, include: [IncludedField],
        options: SearchOptions = SearchOptions()
    ) async throws(ClientError) -> RecordPage {
        var body = JSONObject([
            .init("query_embeddings", .array([.array(embedding.map { .number(Double($0)) })])),
            .init("n_results", .integer(Int64(resultCount))),
        ])
        filter.append(to: &body)
        body.append("include", .array(include.map { .string($0.rawValue) }))
        options.append(to: &body)
        let answer = try await json(HTTPCall(.post, collectionPath(id: collectionID) + "/query", body: body.bytes, isRepeatable: true))
        return try RecordPage(queryAnswer: answer)
    }
}
