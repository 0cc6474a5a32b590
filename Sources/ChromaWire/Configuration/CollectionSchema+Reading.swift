/// Reading and checking a client's schema.
extension WireConfiguration {
    /// The kinds of values and their indexes, as they are spelled.
    private static let indexNames: [(type: String, indexes: [String])] = [
        (SchemaName.string, [SchemaName.fullTextIndex, SchemaScalar.string.indexName]),
        (SchemaName.floatList, [SchemaName.vectorIndex]),
        (SchemaName.sparseVector, [SchemaName.sparseVectorIndex]),
        (SchemaScalar.integer.rawValue, [SchemaScalar.integer.indexName]),
        (SchemaScalar.float.rawValue, [SchemaScalar.float.indexName]),
        (SchemaScalar.boolean.rawValue, [SchemaScalar.boolean.indexName]),
    ]

    /// Reads `schema` of a create. What it leaves out keeps its default.
    mutating func readSchema(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        let fields = try JSONFields(value, at: place, expected: "struct Schema", dialect)
        let defaults = try fields.required("defaults"), keys = try fields.required("keys")
        guard keys.kind == .object else { throw .type(place.field("keys"), "invalid type: \(keys.summary), expected a map", dialect) }
        try readDefaults(defaults, at: place.field("defaults"), dialect)
        let place = place.field("keys")
        try keys.forEachMember { (name: String, value: JSONValue) throws(WireError) in
            let types = try Self.types(value, at: place.field(name), dialect)
            switch name {
            case SchemaName.embedding: try readEmbedding(types, value, at: place.field(name), dialect)
            case SchemaName.document: try readDocument(types, dialect)
            default: try readKey(CollectionSchema.Key(name: name, types: types), dialect)
            }
        }
    }

    private mutating func readDefaults(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        for type in try Self.types(value, at: place, dialect) {
            for index in type.indexes {
                switch index.name {
                case SchemaName.fullTextIndex where index.isEnabled:
                    throw Self.invalid(
                        "Full text search / regular expression index cannot be enabled by default. It can only be enabled on #document field.", dialect)
                case SchemaName.vectorIndex where index.isEnabled:
                    throw Self.invalid("Vector index cannot be enabled by default. It can only be enabled on #embedding field.", dialect)
                case SchemaName.sparseVectorIndex where index.isEnabled:
                    throw Self.invalid(
                        "Sparse vector index cannot be enabled by default. Please enable sparse vector index on specific keys. "
                            + "At most one sparse vector index is allowed for the collection.", dialect)
                default:
                    guard !index.isEnabled, let scalar = SchemaScalar(rawValue: type.name), index.name == scalar.indexName else { continue }
                    schema.disabledDefaults.insert(scalar)
                }
            }
        }
        var settings = VectorIndexSettings()
        try settings.readVectorIndex(of: value, at: place, dialect)
        vectorDefault = settings
    }

    private mutating func readEmbedding(
        _ types: [CollectionSchema.ValueType], _ value: JSONValue, at place: JSONPlace, _ dialect: Dialect
    ) throws(WireError) {
        guard types.allSatisfy({ $0.name == SchemaName.floatList }) else {
            throw Self.invalid("Embedding field cannot have any value types other than float_list: #embedding", dialect)
        }
        guard let index = types.first?.indexes.first else { return }
        schema.isVectorIndexEnabled = index.isEnabled
        try vector.readVectorIndex(of: value, at: place, dialect)
        let config = value.member(SchemaName.floatList)?.member(SchemaName.vectorIndex)?.member("config")
        if let source = config?.member("source_key"), !source.isNull, source.string != SchemaName.document {
            throw Self.invalid("Vector index can only source from #document", dialect)
        }
    }

    private mutating func readDocument(_ types: [CollectionSchema.ValueType], _ dialect: Dialect) throws(WireError) {
        guard types.allSatisfy({ $0.name == SchemaName.string }) else {
            throw Self.invalid("Document field cannot have any value types other than string: #document", dialect)
        }
        for index in types.first?.indexes ?? [] {
            if index.name == SchemaName.fullTextIndex {
                schema.isFullTextEnabled = index.isEnabled
            } else if index.isEnabled {
                throw Self.invalid("String inverted index can not be enabled on #document key: #document", dialect)
            }
        }
    }

    private mutating func readKey(_ key: CollectionSchema.Key, _ dialect: Dialect) throws(WireError) {
        guard !key.name.hasPrefix("#") else {
            throw Self.invalid("key cannot begin with '#'. Keys starting with '#' are reserved for system use: \(key.name)", dialect)
        }
        for index in key.types.flatMap(\.indexes) where index.isEnabled {
            switch index.name {
            case SchemaName.fullTextIndex:
                throw Self.invalid(
                    "Full text search / regular expression index can only be enabled on #document field: \(key.name)", dialect)
            case SchemaName.vectorIndex:
                throw Self.invalid("Vector index can only be enabled on #embedding field: \(key.name)", dialect)
            default: break
            }
        }
        if let index = key.sparseIndex, let settings = index.sparse { try checkSparse(settings, of: key, isEnabled: index.isEnabled, dialect) }
        schema.set(key)
    }

    /// One key at most is indexed, and what the client makes its vectors from, it names with the function that does.
    private func checkSparse(
        _ index: SparseIndexSettings, of key: CollectionSchema.Key, isEnabled: Bool, _ dialect: Dialect
    ) throws(WireError) {
        if isEnabled {
            if let other = schema.sparseKey, other != key.name {
                throw Self.invalid("At most one sparse vector index is allowed for the collection: \([other, key.name])", dialect)
            }
            if index.sourceKey != nil, !index.hasEmbeddingFunction {
                throw Self.invalid(
                    "If source_key is provided then embedding_function must also be provided since there is no default embedding function.", dialect)
            }
        }
        if let source = index.sourceKey, source.hasPrefix("#"), source != SchemaName.document {
            throw Self.invalid(
                "source_key cannot begin with '#'. The only valid key starting with '#' is Key.DOCUMENT or '#document'.", dialect)
        }
    }

    private static func invalid(_ problem: String, _ dialect: Dialect) -> WireError {
        .rule("Validation error: schema: \(problem)", dialect)
    }

    /// The kinds of values that `value` speaks of, in the order of `indexNames`; names that are none are ignored.
    private static func types(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) -> [CollectionSchema.ValueType] {
        let fields = try JSONFields(value, at: place, expected: "struct ValueTypes", dialect)
        var types: [CollectionSchema.ValueType] = []
        for (type, names) in indexNames {
            guard let value = try fields.optional(type) else { continue }
            let fields = try JSONFields(value, at: place.field(type), expected: "a value type", dialect)
            var indexes: [CollectionSchema.Index] = []
            for name in names {
                guard let value = try fields.optional(name) else { continue }
                indexes.append(try index(name, value, at: place.field(type).field(name), dialect))
            }
            types.append(CollectionSchema.ValueType(name: type, indexes: indexes))
        }
        return types
    }

    private static func index(_ name: String, _ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) -> CollectionSchema.Index {
        let fields = try JSONFields(value, at: place, expected: "an index", dialect)
        _ = try fields.required("enabled")
        let isEnabled = try fields.boolean("enabled", default: true)
        let value = try fields.required("config")
        let config = try JSONFields(value, at: place.field("config"), expected: "struct \(configName(name))", dialect)
        if name != SchemaName.vectorIndex, name != SchemaName.sparseVectorIndex, let unknown = config.names.first {
            throw .type(place.field("config").field(unknown), "unknown field `\(unknown)`, there are no fields", dialect)
        }
        let sparse = name == SchemaName.sparseVectorIndex ? try SparseIndexSettings(value, at: place.field("config"), dialect) : nil
        return CollectionSchema.Index(name: name, isEnabled: isEnabled, config: value.json, sparse: sparse)
    }

    /// `vector_index` has a `VectorIndexConfig`.
    private static func configName(_ index: String) -> String {
        index.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Config"
    }
}

extension VectorIndexSettings {
    /// Reads the vector index among an object's value types, if it is there.
    fileprivate mutating func readVectorIndex(of types: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        guard let config = types.member(SchemaName.floatList)?.member(SchemaName.vectorIndex)?.member("config") else { return }
        try readIndexConfig(config, at: place.field(SchemaName.floatList).field(SchemaName.vectorIndex).field("config"), dialect)
        // A single node of Chroma shows none that came in a schema, and its clients count on that.
        spann = nil
    }
}
