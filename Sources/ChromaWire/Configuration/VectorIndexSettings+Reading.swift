import Engine
import VectorModel

/// The forms in which clients configure the vector index.
extension VectorIndexSettings {
    private static let hnswFields = [
        "space", "ef_construction", "ef_search", "max_neighbors", "num_threads", "resize_factor", "sync_threshold", "batch_size",
    ]
    private static let schemaHNSWFields = [
        "ef_construction", "max_neighbors", "ef_search", "num_threads", "batch_size", "sync_threshold", "resize_factor",
    ]
    private static let schemaFields = ["space", "embedding_function", "source_key", "hnsw", "spann"]
    private static let hnswChangeFields = ["ef_search", "max_neighbors", "num_threads", "resize_factor", "sync_threshold", "batch_size"]
    private static let spannFields = [
        "search_nprobe", "write_nprobe", "space", "ef_construction", "ef_search", "max_neighbors", "reassign_neighbor_count", "split_threshold",
        "merge_threshold",
    ]
    private static let schemaSpannFields = [
        "search_nprobe", "search_rng_factor", "search_rng_epsilon", "nreplica_count", "write_rng_factor", "write_rng_epsilon", "split_threshold",
        "num_samples_kmeans", "initial_lambda", "reassign_neighbor_count", "merge_threshold", "num_centers_to_merge_to", "write_nprobe",
        "ef_construction", "ef_search", "max_neighbors", "center_drift_threshold", "quantize",
    ]
    private static let spannChangeFields = ["search_nprobe", "ef_search"]

    /// `configuration` of a create, in the form of 1.x or of the clients before.
    mutating func read(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        let fields = try JSONFields(value, at: place, expected: "struct CollectionConfiguration", dialect)
        let hnsw = try fields.optional("hnsw")
        let spann = try fields.optional("spann")
        guard hnsw == nil || spann == nil else { throw .rule("Multiple vector index configurations provided", dialect) }
        if let hnsw {
            try readHNSW(try section(hnsw, at: place.field("hnsw"), Self.hnswFields, "struct HnswConfiguration", dialect))
        }
        if let spann {
            let section = try section(spann, at: place.field("spann"), Self.spannFields, "struct SpannConfiguration", dialect)
            if let metric = try metric(section) { index.metric = metric }
            index.choice = .ivf
            try readSpann(section)
        }
        if let legacy = try fields.optional("hnsw_configuration") {
            let section = try JSONFields(legacy, at: place.field("hnsw_configuration"), expected: "struct HnswConfiguration", dialect)
            try readHNSW(section)
            index.M = try section.size("M") ?? index.M
        }
        if let function = try fields.optional("embedding_function") {
            embeddingFunction = try EmbeddingFunction(function, at: place.field("embedding_function"), dialect)
        }
    }

    /// `new_configuration` of a change.
    mutating func readChange(_ value: JSONValue, _ dialect: Dialect) throws(WireError) {
        let place = JSONPlace("new_configuration")
        let fields = try JSONFields(value, at: place, expected: "struct UpdateCollectionConfiguration", dialect)
        let hnsw = try fields.optional("hnsw")
        let spann = try fields.optional("spann")
        guard hnsw == nil || spann == nil else { throw .rule("Multiple vector index configurations provided", dialect) }
        if let hnsw {
            try readHNSW(try section(hnsw, at: place.field("hnsw"), Self.hnswChangeFields, "struct UpdateHnswConfiguration", dialect))
        }
        if let spann {
            let section = try section(spann, at: place.field("spann"), Self.spannChangeFields, "struct UpdateSpannConfiguration", dialect)
            try readSpann(section)
        }
        if let function = try fields.optional("embedding_function") {
            embeddingFunction = try EmbeddingFunction(function, at: place.field("embedding_function"), dialect)
        }
    }

    /// The `hnsw:…` keys of a collection's metadata, which older clients configure with.
    mutating func readMetadata(_ metadata: Metadata, _ dialect: Dialect) throws(WireError) {
        for field in metadata.fields where field.key.hasPrefix("hnsw:") {
            guard let value = field.value, set(field.key, value) else {
                throw .rule(
                    "Failed to parse hnsw parameters from segment metadata", version1: "Invalid value or unknown HNSW parameter: \(field.key)", dialect)
            }
        }
    }

    private mutating func set(_ key: String, _ value: MetadataValue) -> Bool {
        switch (key, value) {
        case ("hnsw:space", .string(let name)):
            guard let metric = Metric(name: name) else { return false }
            index.metric = metric
        case ("hnsw:resize_factor", .float(let factor)): resizeFactor = factor
        case ("hnsw:resize_factor", .integer(let factor)): resizeFactor = Double(factor)
        case (_, .integer(let number)) where number >= 0: return set(key, Int(number))
        default: return false
        }
        return true
    }

    private mutating func set(_ key: String, _ number: Int) -> Bool {
        switch key {
        case "hnsw:construction_ef": index.efConstruction = number
        case "hnsw:search_ef": index.efSearch = number
        case "hnsw:M": index.M = number
        case "hnsw:num_threads": threads = number
        case "hnsw:batch_size": batchSize = number
        case "hnsw:sync_threshold": syncThreshold = number
        default: return false
        }
        return true
    }

    /// `config` of a vector index in a schema.
    mutating func readIndexConfig(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        let fields = try section(value, at: place, Self.schemaFields, "struct VectorIndexConfig", dialect)
        if let metric = try metric(fields) { index.metric = metric }
        if let hnsw = try fields.optional("hnsw") {
            try readHNSW(try section(hnsw, at: place.field("hnsw"), Self.schemaHNSWFields, "struct HnswIndexConfig", dialect))
        }
        if let spann = try fields.optional("spann") {
            index.choice = .ivf
            try readSpann(try section(spann, at: place.field("spann"), Self.schemaSpannFields, "struct SpannIndexConfig", dialect))
        }
        if let function = try fields.optional("embedding_function") {
            embeddingFunction = try EmbeddingFunction(function, at: place.field("embedding_function"), dialect)
        }
    }

    /// Chroma's distributed index is lists in files, as an inverted file is. Of its parameters one means the same here; the others are echoed.
    private mutating func readSpann(_ fields: JSONFields) throws(WireError) {
        let nprobe = try fields.size("search_nprobe")
        index.nprobe = nprobe ?? index.nprobe
        var settings = spann ?? SpannSettings()
        let isNamed = try settings.read(fields)
        // Another kind of index was chosen in words: it has no lists, and refuses `search_nprobe` later.
        if index.choice.mayHaveLists, isNamed || nprobe != nil { spann = settings }
    }

    private mutating func readHNSW(_ fields: JSONFields) throws(WireError) {
        if let metric = try metric(fields) { index.metric = metric }
        index.efConstruction = try fields.size("ef_construction") ?? index.efConstruction
        index.efSearch = try fields.size("ef_search") ?? index.efSearch
        index.M = try fields.size("max_neighbors") ?? index.M
        threads = try fields.size("num_threads") ?? threads
        batchSize = try fields.size("batch_size") ?? batchSize
        syncThreshold = try fields.size("sync_threshold") ?? syncThreshold
        resizeFactor = try fields.double("resize_factor") ?? resizeFactor
    }

    private func metric(_ fields: JSONFields) throws(WireError) -> Metric? {
        guard let value = try fields.optional("space") else { return nil }
        try WireError.requirePossibleName(value, at: fields.place.field("space"), fields.dialect)
        guard let name = try fields.optionalString("space") else { return nil }
        guard let metric = Metric(name: name) else {
            throw .type(fields.place.field("space"), "unknown variant `\(name)`, expected one of `l2`, `cosine`, `ip`", fields.dialect)
        }
        return metric
    }

    /// An object that may hold only the names given.
    private func section(
        _ value: JSONValue, at place: JSONPlace, _ names: [String], _ expected: String, _ dialect: Dialect
    ) throws(WireError) -> JSONFields {
        let fields = try JSONFields(value, at: place, expected: expected, dialect)
        if let unknown = fields.names.first(where: { !names.contains($0) }) {
            let list = names.map { "`\($0)`" }.joined(separator: ", ")
            throw .type(place.field(unknown), "unknown field `\(unknown)`, expected one of \(list)", dialect)
        }
        return fields
    }
}

extension VectorIndexSettings.EmbeddingFunction {
    /// Reads what a client says of the function that makes its vectors.
    init(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        let fields = try JSONFields(value, at: place, expected: "internally tagged enum EmbeddingFunctionConfiguration", dialect)
        let type = try fields.requiredString("type")
        switch type {
        case "legacy", "unknown": break
        case "known":
            let name = try fields.requiredString("name")
            _ = try fields.required("config")
            self.init(json: value.json, isDefault: name == "default")
            return
        default:
            throw .type(place.field("type"), "unknown variant `\(type)`, expected one of `legacy`, `known`, `unknown`", dialect)
        }
        self.init(json: value.json, isDefault: false)
    }
}
