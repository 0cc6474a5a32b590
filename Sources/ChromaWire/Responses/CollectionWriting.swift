public import Engine
import VectorModel

extension ResponseEncoder {
    public func collection(_ collection: CollectionDescription) -> WireBytes {
        write(capacity: 2_048) { $0.collection(collection, dialect.shape) }
    }

    public func collections(_ collections: [CollectionDescription]) -> WireBytes {
        write(capacity: 2_048 * max(collections.count, 1)) { writer in
            writer.array(collections) { writer, collection in writer.collection(collection, dialect.shape) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func collection(_ collection: CollectionDescription, _ shape: CollectionShape) {
        raw(#"{"id":"#)
        string(collection.identifier.description)
        raw(#","name":"#)
        string(collection.name)
        switch shape {
        case .v1Oldest, .v1Minimal: break
        case .v1Full, .v2Legacy:
            raw(#","configuration_json":"#)
            legacyConfiguration(WireConfiguration(of: collection))
        case .v2Current:
            let configuration = WireConfiguration(of: collection)
            raw(#","configuration_json":"#)
            currentConfiguration(configuration)
            raw(#","schema":"#)
            schema(configuration)
        }
        raw(#","metadata":"#)
        if let metadata = collection.metadata { self.metadata(metadata) } else { null() }
        switch shape {
        case .v1Oldest: break
        case .v1Minimal: scope(collection)
        case .v1Full:
            dimension(collection)
            scope(collection)
            version(collection)
        case .v2Legacy, .v2Current:
            dimension(collection)
            scope(collection)
            raw(#","log_position":"#)
            integer(collection.lastSequenceNumber.rawValue)
            version(collection)
        }
        raw("}")
    }

    private mutating func scope(_ collection: CollectionDescription) {
        raw(#","tenant":"#)
        string(collection.tenant)
        raw(#","database":"#)
        string(collection.database)
    }

    private mutating func dimension(_ collection: CollectionDescription) {
        raw(#","dimension":"#)
        if let dimension = collection.dimension { integer(dimension) } else { null() }
    }

    private mutating func version(_ collection: CollectionDescription) {
        raw(#","version":"#)
        integer(collection.version)
    }

    /// The typed form, whose reader accepts these keys only and a batch size up to the threshold.
    private mutating func legacyConfiguration(_ configuration: WireConfiguration) {
        raw(#"{"hnsw_configuration":{"space":"#)
        string(configuration.index.metric.name)
        number("ef_construction", configuration.index.efConstruction)
        number("ef_search", configuration.index.efSearch)
        number("num_threads", configuration.threads)
        number("M", configuration.index.M)
        raw(#","resize_factor":"#)
        double(configuration.resizeFactor)
        number("batch_size", min(configuration.batchSize, configuration.syncThreshold))
        number("sync_threshold", configuration.syncThreshold)
        raw(#","_type":"HNSWConfigurationInternal"},"_type":"CollectionConfigurationInternal"}"#)
    }

    private mutating func currentConfiguration(_ configuration: WireConfiguration) {
        raw(#"{"hnsw":{"space":"#)
        string(configuration.index.metric.name)
        number("ef_construction", configuration.index.efConstruction)
        number("ef_search", configuration.index.efSearch)
        number("max_neighbors", configuration.index.M)
        raw(#","resize_factor":"#)
        double(configuration.resizeFactor)
        number("sync_threshold", configuration.syncThreshold)
        raw(#"},"spann":null,"embedding_function":"#)
        raw(configuration.embeddingFunction ?? Array("null".utf8))
        raw("}")
    }

    private mutating func schema(_ configuration: WireConfiguration) {
        raw(#"{"defaults":{"#)
        let usual: [(String, StaticString)] = [
            ("string", #"{"fts_index":{"enabled":false,"config":{}},"string_inverted_index":{"enabled":true,"config":{}}}"#),
            ("sparse_vector", #"{"sparse_vector_index":{"enabled":false,"config":{"embedding_function":{"type":"unknown"},"bm25":false}}}"#),
            ("int", #"{"int_inverted_index":{"enabled":true,"config":{}}}"#),
            ("float", #"{"float_inverted_index":{"enabled":true,"config":{}}}"#),
            ("bool", #"{"bool_inverted_index":{"enabled":true,"config":{}}}"#),
        ]
        for (name, json) in usual {
            string(name)
            raw(":")
            if let given = configuration.schemaDefaults[name] { raw(given) } else { raw(json) }
            raw(",")
        }
        raw(#""float_list":"#)
        vectorIndex(configuration, isEnabled: false)
        raw(#"},"keys":{"#)
        if !configuration.schemaKeys.contains(where: { $0.name == "#document" }) {
            raw(##""#document":{"string":{"fts_index":{"enabled":true,"config":{}},"string_inverted_index":{"enabled":false,"config":{}}}},"##)
        }
        members(configuration.schemaKeys.map { ($0.name, $0.json) })
        if !configuration.schemaKeys.isEmpty { raw(",") }
        raw(##""#embedding":{"float_list":"##)
        vectorIndex(configuration, isEnabled: true)
        raw("}}}")
    }

    private mutating func vectorIndex(_ configuration: WireConfiguration, isEnabled: Bool) {
        raw(#"{"vector_index":{"enabled":"#)
        boolean(isEnabled)
        raw(#","config":{"space":"#)
        string(configuration.index.metric.name)
        if let function = configuration.embeddingFunction {
            raw(#","embedding_function":"#)
            raw(function)
        }
        if isEnabled { raw(##","source_key":"#document""##) }
        raw(#","hnsw":{"ef_construction":"#)
        integer(configuration.index.efConstruction)
        number("max_neighbors", configuration.index.M)
        number("ef_search", configuration.index.efSearch)
        number("num_threads", configuration.threads)
        number("batch_size", configuration.batchSize)
        number("sync_threshold", configuration.syncThreshold)
        raw(#","resize_factor":"#)
        double(configuration.resizeFactor)
        raw("}}}}")
    }

    /// `,"name":value`
    private mutating func number(_ name: String, _ value: Int) {
        raw(",")
        string(name)
        raw(":")
        integer(value)
    }
}
