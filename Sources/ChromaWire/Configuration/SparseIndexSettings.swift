import Engine

/// What a schema says of the sparse vectors under a key.
///
/// The server searches every key's sparse vectors, indexed or not. What a client says here it reads back: from it clients know which function makes
/// the vectors and of what.
struct SparseIndexSettings: Equatable {
    /// The key whose text the client makes the vectors from; `nil`: it sends them itself.
    let sourceKey: String?
    let hasEmbeddingFunction: Bool
    /// Whether values are term frequencies, and queries are to be scaled by how rare their terms are.
    let isBM25: Bool

    /// Reads `config` of a sparse vector index.
    init(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        let fields = try JSONFields(value, at: place, expected: "struct SparseVectorIndexConfig", dialect)
        let function = try fields.optional("embedding_function")
        if let function { _ = try VectorIndexSettings.EmbeddingFunction(function, at: place.field("embedding_function"), dialect) }
        hasEmbeddingFunction = function != nil
        sourceKey = try fields.optionalString("source_key")
        isBM25 = try fields.optional("bm25") == nil ? false : fields.boolean("bm25", default: false)
    }
}

extension CollectionSchema {
    /// The key whose sparse vectors the client has indexed: one at most. Cost: linear in the schema's keys.
    var sparseKey: String? { keys.first { $0.sparseIndex?.isEnabled == true }?.name }
}

extension CollectionSchema.Key {
    var sparseIndex: CollectionSchema.Index? { type(SchemaName.sparseVector)?.indexes.first }
}

extension WireConfiguration {
    /// The metadata keys whose sparse queries are to be scaled by how rare their indices are: those with an index for BM25.
    ///
    /// Cost: O(1) for collections without a schema of their own, which is the rule; else linear in the schema.
    static func keysScaledByRarity(of collection: CollectionDescription) -> Set<String> {
        guard hasSchema(collection) else { return [] }
        let keys = WireConfiguration(of: collection).schema.keys.filter { key in
            guard let index = key.sparseIndex, index.isEnabled else { return false }
            return index.sparse?.isBM25 == true
        }
        return Set(keys.map(\.name))
    }
}
