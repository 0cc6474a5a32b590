import Engine
import VectorModel

extension JSONWriter {
    /// `schema` of a collection as clients read it: with the keys that its records have had, each as the defaults have it where the client said nothing.
    mutating func schema(_ configuration: WireConfiguration, discovered: [MetadataKey]) {
        let schema = configuration.schema
        raw(#"{"defaults":{"string":"#)
        scalar(.string, isEnabled: !schema.disabledDefaults.contains(.string))
        raw(#","float_list":{"vector_index":"#)
        vectorIndex(configuration.vectorDefault ?? configuration.vector, isEnabled: false, source: nil)
        raw("},")
        sparseVector()
        for type in [SchemaScalar.integer, .float, .boolean] {
            raw(",")
            name(type.rawValue)
            scalar(type, isEnabled: !schema.disabledDefaults.contains(type))
        }
        raw(#"},"keys":{"#)
        documentKey(schema)
        raw(##","#embedding":{"float_list":{"vector_index":"##)
        vectorIndex(configuration.vector, isEnabled: schema.isVectorIndexEnabled, source: SchemaName.document)
        raw("}}")
        metadataKeys(schema, discovered)
        raw("}}")
    }

    /// A schema without its vector indexes, as it is stored.
    mutating func storedSchema(_ schema: CollectionSchema) {
        raw(#"{"defaults":{"#)
        for (place, type) in SchemaScalar.allCases.enumerated() {
            if place > 0 { raw(",") }
            name(type.rawValue)
            scalar(type, isEnabled: !schema.disabledDefaults.contains(type))
        }
        raw(#"},"keys":{"#)
        documentKey(schema)
        if !schema.isVectorIndexEnabled { raw(##","#embedding":{"float_list":{"vector_index":{"enabled":false,"config":{}}}}"##) }
        metadataKeys(schema, [])
        raw("}}")
    }

    /// `config` of a vector index.
    mutating func vectorIndexConfig(_ settings: VectorIndexSettings, source: String?) {
        raw(#"{"space":"#)
        string(settings.index.metric.name)
        if let function = settings.embeddingFunction {
            raw(#","embedding_function":"#)
            raw(function.json)
        }
        if let source {
            raw(#","source_key":"#)
            string(source)
        }
        raw(#","hnsw":{"ef_construction":"#)
        integer(settings.index.efConstruction)
        number("max_neighbors", settings.index.M)
        number("ef_search", settings.index.efSearch)
        number("num_threads", settings.threads)
        number("batch_size", settings.batchSize)
        number("sync_threshold", settings.syncThreshold)
        raw(#","resize_factor":"#)
        double(settings.resizeFactor)
        raw("}")
        // Beside `hnsw`, which every client of a single node expects: it lets clients change the numbers that they sent.
        if let spann = settings.spann {
            raw(#","spann":"#)
            self.spann(spann, nprobe: settings.index.nprobe)
        }
        raw("}")
    }

    /// `spann` of a vector index. Where the client did not choose `search_nprobe` the server chooses it for each segment, and tells none.
    private mutating func spann(_ settings: SpannSettings, nprobe: Int?) {
        raw("{")
        for (place, setting) in settings.members.enumerated() {
            if place > 0 { raw(",") }
            name(setting.name)
            integer(setting.value)
        }
        if let nprobe { number("search_nprobe", nprobe) }
        raw("}")
    }

    /// `,"name":value`
    mutating func number(_ text: String, _ value: Int) {
        raw(",")
        name(text)
        integer(value)
    }

    /// `"name":`
    private mutating func name(_ text: String) {
        string(text)
        raw(":")
    }

    private mutating func vectorIndex(_ settings: VectorIndexSettings, isEnabled: Bool, source: String?) {
        raw(#"{"enabled":"#)
        boolean(isEnabled)
        raw(#","config":"#)
        vectorIndexConfig(settings, source: source)
        raw("}")
    }

    private mutating func documentKey(_ schema: CollectionSchema) {
        raw(##""#document":{"string":{"fts_index":{"enabled":"##)
        boolean(schema.isFullTextEnabled)
        raw(#","config":{}},"string_inverted_index":{"enabled":false,"config":{}}}}"#)
    }

    /// `,"key":{…}` for each key that the client named or that was discovered.
    private mutating func metadataKeys(_ schema: CollectionSchema, _ discovered: [MetadataKey]) {
        // The common case, in which nothing need be looked up.
        let found = schema.keys.isEmpty ? [:] : Dictionary(discovered.map { ($0.name, $0.kinds) }) { $1 }
        for key in schema.keys { metadataKey(key.name, key.types, found[key.name] ?? [], schema) }
        // Reserved names reach a collection through old clients only; the new ones would take them for the server's own.
        for key in discovered where !key.name.hasPrefix("#") && schema[key.name] == nil { metadataKey(key.name, [], key.kinds, schema) }
    }

    private mutating func metadataKey(_ key: String, _ types: [CollectionSchema.ValueType], _ kinds: MetadataKinds, _ schema: CollectionSchema) {
        raw(",")
        name(key)
        raw("{")
        for (place, type) in types.enumerated() {
            if place > 0 { raw(",") }
            name(type.name)
            indexes(type.indexes)
        }
        var isFirst = types.isEmpty
        for scalar in SchemaScalar.allCases where kinds.contains(scalar.kind) && !types.contains(where: { $0.name == scalar.rawValue }) {
            if !isFirst { raw(",") }
            isFirst = false
            name(scalar.rawValue)
            self.scalar(scalar, isEnabled: !schema.disabledDefaults.contains(scalar))
        }
        if kinds.contains(.sparse), !types.contains(where: { $0.name == SchemaName.sparseVector }) {
            if !isFirst { raw(",") }
            sparseVector()
        }
        raw("}")
    }

    /// Sparse vectors of which a schema says nothing.
    private mutating func sparseVector() {
        raw(#""sparse_vector":{"sparse_vector_index":{"enabled":false,"config":{"embedding_function":{"type":"unknown"},"bm25":false}}}"#)
    }

    private mutating func indexes(_ indexes: [CollectionSchema.Index]) {
        raw("{")
        for (place, index) in indexes.enumerated() {
            if place > 0 { raw(",") }
            name(index.name)
            raw(#"{"enabled":"#)
            boolean(index.isEnabled)
            raw(#","config":"#)
            raw(index.config)
            raw("}")
        }
        raw("}")
    }

    /// The indexes of a kind of value, in a metadata key and among the defaults.
    private mutating func scalar(_ scalar: SchemaScalar, isEnabled: Bool) {
        raw("{")
        if scalar == .string { raw(#""fts_index":{"enabled":false,"config":{}},"#) }
        name(scalar.indexName)
        raw(#"{"enabled":"#)
        boolean(isEnabled)
        raw(#","config":{}}}"#)
    }
}

extension SchemaScalar {
    fileprivate var kind: MetadataKinds {
        switch self {
        case .string: .string
        case .integer: .integer
        case .float: .float
        case .boolean: .boolean
        }
    }
}
