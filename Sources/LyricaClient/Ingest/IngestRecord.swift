/// A checked row, ready to be sent.
public struct IngestRecord: Equatable, Sendable {
    /// The line of the file, counted from 1.
    public let row: Int
    public let id: String
    public let document: String?
    public let metadata: JSONObject?
    public let uri: String?
    /// At least one component, all finite.
    public let embedding: [Float]

    public init(row: Int, id: String, document: String?, metadata: JSONObject?, uri: String?, embedding: [Float]) {
        self.row = row
        self.id = id
        self.document = document
        self.metadata = metadata
        self.uri = uri
        self.embedding = embedding
    }

    /// About what the record takes in a request, on the large side: a quarter more than the texts for escapes, 14 digits for a component.
    public var encodedBytesEstimate: Int {
        let texts = id.utf8.count + (document?.utf8.count ?? 0) + (uri?.utf8.count ?? 0)
        let pairs = metadata.map { Self.bytesEstimate(.object($0)) } ?? 0
        return texts + texts / 4 + pairs + embedding.count * 14 + 64
    }

    private static func bytesEstimate(_ value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .integer, .number: 24
        case .string(let text): text.utf8.count + text.utf8.count / 4 + 4
        case .array(let elements): elements.reduce(4) { $0 + bytesEstimate($1) }
        case .object(let object): object.members.reduce(4) { $0 + $1.key.utf8.count + 8 + bytesEstimate($1.value) }
        }
    }
}

/// The keys under which a row keeps its parts.
public struct FieldNames: Equatable, Sendable {
    public var id: String
    public var document: String
    public var metadata: String
    public var embedding: String
    public var uri: String

    public init(
        id: String = "id", document: String = "document", metadata: String = "metadata", embedding: String = "embedding", uri: String = "uri"
    ) {
        self.id = id
        self.document = document
        self.metadata = metadata
        self.embedding = embedding
        self.uri = uri
    }
}
