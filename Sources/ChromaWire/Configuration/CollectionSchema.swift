/// Which kinds of values of a collection may be filtered on: the switches of a client's schema.
///
/// Every filter could be answered without them. They are kept and honoured because a client that turns an index off
/// relies on being refused rather than served slowly.
struct CollectionSchema: Equatable {
    /// The kinds that are off where a key does not say otherwise.
    var disabledDefaults: Set<SchemaScalar> = []
    /// Whether documents may be searched for words and patterns.
    var isFullTextEnabled = true
    /// Echoed: vectors are searched either way.
    var isVectorIndexEnabled = true
    /// The metadata keys of which the client said something, in its order.
    private(set) var keys: [Key] = []
    private var places: [String: Int] = [:]

    struct Key: Equatable {
        let name: String
        var types: [ValueType]

        func type(_ name: String) -> ValueType? { types.first { $0.name == name } }
    }

    /// What is said of one kind of value.
    struct ValueType: Equatable {
        /// As in JSON: `string`, `int`, …
        let name: String
        var indexes: [Index]
    }

    struct Index: Equatable {
        /// As in JSON: `string_inverted_index`, …
        let name: String
        let isEnabled: Bool
        /// A JSON object.
        let config: [UInt8]
        /// Of a sparse vector index only.
        let sparse: SparseIndexSettings?
    }

    subscript(name: String) -> Key? { places[name].map { keys[$0] } }

    /// Adds a key, or replaces the one of this name.
    mutating func set(_ key: Key) {
        if let place = places[key.name] {
            keys[place] = key
        } else {
            places[key.name] = keys.count
            keys.append(key)
        }
    }

    func isEnabled(_ scalar: SchemaScalar, for key: String) -> Bool {
        let index = self[key]?.type(scalar.rawValue)?.indexes.first { $0.name == scalar.indexName }
        return index?.isEnabled ?? !disabledDefaults.contains(scalar)
    }
}

/// The kinds of values that metadata filters compare; arrays go by their elements.
enum SchemaScalar: String, CaseIterable {
    case string
    case integer = "int"
    case float
    case boolean = "bool"

    var indexName: String { rawValue + "_inverted_index" }

    /// As messages name it.
    var filterName: String {
        switch self {
        case .string: "Str"
        case .integer: "Int"
        case .float: "Float"
        case .boolean: "Bool"
        }
    }
}

/// Names with a meaning of their own among a schema's keys and indexes.
enum SchemaName {
    static let document = "#document"
    static let embedding = "#embedding"
    static let string = "string"
    static let floatList = "float_list"
    static let sparseVector = "sparse_vector"
    static let fullTextIndex = "fts_index"
    static let vectorIndex = "vector_index"
    static let sparseVectorIndex = "sparse_vector_index"
}
