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
            legacyConfiguration(WireConfiguration(of: collection).vector)
        case .v2Current:
            let configuration = WireConfiguration(of: collection)
            raw(#","configuration_json":"#)
            currentConfiguration(configuration.vector)
            raw(#","schema":"#)
            schema(configuration, discovered: collection.metadataKeys)
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
    private mutating func legacyConfiguration(_ settings: VectorIndexSettings) {
        raw(#"{"hnsw_configuration":{"space":"#)
        string(settings.index.metric.name)
        number("ef_construction", settings.index.efConstruction)
        number("ef_search", settings.index.efSearch)
        number("num_threads", settings.threads)
        number("M", settings.index.M)
        raw(#","resize_factor":"#)
        double(settings.resizeFactor)
        number("batch_size", min(settings.batchSize, settings.syncThreshold))
        number("sync_threshold", settings.syncThreshold)
        raw(#","_type":"HNSWConfigurationInternal"},"_type":"CollectionConfigurationInternal"}"#)
    }

    private mutating func currentConfiguration(_ settings: VectorIndexSettings) {
        raw(#"{"hnsw":{"space":"#)
        string(settings.index.metric.name)
        number("ef_construction", settings.index.efConstruction)
        number("ef_search", settings.index.efSearch)
        number("max_neighbors", settings.index.M)
        raw(#","resize_factor":"#)
        double(settings.resizeFactor)
        number("sync_threshold", settings.syncThreshold)
        raw(#"},"spann":null,"embedding_function":"#)
        raw(settings.embeddingFunction?.json ?? Array("null".utf8))
        raw("}")
    }
}
