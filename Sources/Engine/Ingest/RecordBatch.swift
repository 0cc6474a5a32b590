public import VectorModel

/// The vectors of a batch: one slot per record, all of one dimension, stored row after row without gaps.
public struct EmbeddingColumn: Sendable {
    /// Numbers per vector, at least 1.
    public let dimension: Int
    /// Present vectors, row-major: `presentCount × dimension` floats, all finite.
    public let values: [Float]
    /// Which records have a vector; `nil` when all have.
    public let presence: [Bool]?

    /// - Precondition: `values.count` is `dimension` times the number of present rows.
    public init(dimension: Int, values: [Float], presence: [Bool]? = nil) {
        precondition(dimension > 0 && values.count.isMultiple(of: dimension))
        precondition(presence == nil || presence!.count { $0 } * dimension == values.count)
        self.dimension = dimension
        self.values = values
        self.presence = presence
    }
}

/// What a batch does with its records.
public enum WriteKind: UInt8, Sendable {
    /// Ids that exist already are left as they are.
    case add = 1
    /// Records that exist are changed in the parts given; other ids are ignored.
    case update = 2
    /// Records that exist are changed in the parts given; the others are made.
    case upsert = 3
}

/// Records to write, as columns: entry `i` of every column belongs to `identifiers[i]`.
///
/// A column that is `nil`, or an entry that is `nil`, says nothing: absent in a new record, unchanged in an existing one.
/// The initialiser checks the shape once; inside the engine a batch is valid.
public struct RecordBatch: Sendable {
    public let identifiers: [String]
    public let embeddings: EmbeddingColumn?
    public let documents: [String?]?
    public let uris: [String?]?
    public let metadatas: [Metadata?]?

    public var count: Int { identifiers.count }

    /// - Throws: `invalid` when the columns differ in length, an id is empty or too long, or a part exceeds `limits`; `batchTooLarge`;
    ///   `duplicateIdentifiers` when an id stands twice.
    public init(
        identifiers: [String],
        embeddings: EmbeddingColumn? = nil,
        documents: [String?]? = nil,
        uris: [String?]? = nil,
        metadatas: [Metadata?]? = nil,
        limits: Limits = .standard
    ) throws(RequestError) {
        self.identifiers = identifiers
        self.embeddings = embeddings
        self.documents = documents
        self.uris = uris
        self.metadatas = metadatas
        try RecordBatchValidation.check(self, limits: limits)
    }
}
