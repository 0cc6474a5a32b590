/// A record as the server gives it; what was not asked for, or is not stored, is `nil`.
public struct StoredRecord: Equatable, Sendable {
    public var id: String
    public var document: String?
    public var metadata: JSONObject?
    public var uri: String?
    public var embedding: [Float]?
    /// From the query, in the collection's metric; smaller is nearer.
    public var distance: Double?

    public init(
        id: String, document: String? = nil, metadata: JSONObject? = nil, uri: String? = nil, embedding: [Float]? = nil, distance: Double? = nil
    ) {
        self.id = id
        self.document = document
        self.metadata = metadata
        self.uri = uri
        self.embedding = embedding
        self.distance = distance
    }
}

/// The records of one answer, turned from the protocol's parallel lists into rows.
public struct RecordPage: Equatable, Sendable {
    public let records: [StoredRecord]

    /// - Throws: `ClientError.unexpectedReply` when a list is missing, of the wrong kind, or not as long as the ids.
    public init(getAnswer answer: JSONValue) throws(ClientError) {
        guard let object = answer.object else { throw .unexpectedReply("records that are \(answer.kindName)") }
        try self.init(columns: object) { $0 }
    }

    /// The answer for the first query vector of a query.
    public init(queryAnswer answer: JSONValue) throws(ClientError) {
        guard let object = answer.object else { throw .unexpectedReply("query results that are \(answer.kindName)") }
        try self.init(columns: object) { $0.array?.first }
    }

    /// - Parameter column: Finds the list of one query in what the answer has under a key.
    private init(columns object: JSONObject, column: (JSONValue) -> JSONValue?) throws(ClientError) {
        guard let ids = object["ids"].flatMap(column)?.array else { throw .unexpectedReply("records without ids") }

        func list(_ key: String) throws(ClientError) -> [JSONValue]? {
            guard let value = object[key], !value.isNull else { return nil }
            guard let elements = column(value)?.array, elements.count == ids.count else {
                throw .unexpectedReply("\(key) that do not match \(ids.count) ids")
            }
            return elements
        }

        let documents = try list("documents")
        let metadatas = try list("metadatas")
        let uris = try list("uris")
        let embeddings = try list("embeddings")
        let distances = try list("distances")
        var records: [StoredRecord] = []
        records.reserveCapacity(ids.count)
        for (row, id) in ids.enumerated() {
            guard let id = id.string else { throw .unexpectedReply("an id that is \(id.kindName)") }
            records.append(
                StoredRecord(
                    id: id, document: documents?[row].string, metadata: metadatas?[row].object, uri: uris?[row].string,
                    embedding: try embeddings.flatMap { (list) throws(ClientError) in try Self.vector(list[row]) },
                    distance: distances?[row].number
                )
            )
        }
        self.records = records
    }

    private static func vector(_ value: JSONValue) throws(ClientError) -> [Float]? {
        if value.isNull { return nil }
        guard let components = value.array else { throw .unexpectedReply("an embedding that is \(value.kindName)") }
        var vector: [Float] = []
        vector.reserveCapacity(components.count)
        for component in components {
            guard let number = component.number else { throw .unexpectedReply("an embedding with a component that is \(component.kindName)") }
            vector.append(Float(number))
        }
        return vector
    }
}

extension StoredRecord {
    /// One JSON object in the form that `lyrica ingest` reads, with the distance when there is one.
    public var json: JSONObject {
        var object = JSONObject([.init("id", .string(id))])
        if let distance { object.append("distance", .number(distance)) }
        object.append("document", document.map { .string($0) } ?? .null)
        object.append("metadata", metadata.map { .object($0) } ?? .null)
        if let uri { object.append("uri", .string(uri)) }
        return object
    }
}
