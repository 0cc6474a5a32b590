public import Filtering
public import VectorModel

/// Which values keys have, and how often, among the records that a selector means.
public struct FacetRequest: Sendable {
    public var selector: RecordSelector
    public var keys: [String]
    /// Values returned for each key, the most frequent.
    public var limit: Int

    public init(selector: RecordSelector = .init(), keys: [String], limit: Int) {
        self.selector = selector
        self.keys = keys
        self.limit = limit
    }

    /// Keys of one request.
    public static let keysMax = 64
    /// Different values of one key that are counted: bounds the memory of a request.
    public static let valuesMax = 1_000_000

    func check(_ limits: Limits) throws(RequestError) {
        guard (1...Self.keysMax).contains(keys.count) else {
            throw .invalid("keys", "must have from 1 to \(Self.keysMax) keys, got \(keys.count)")
        }
        guard Set(keys).count == keys.count else { throw .invalid("keys", "has a key more than once") }
        guard (0...limits.resultCount).contains(limit) else {
            throw .invalid("limit", "must be from 0 to \(limits.resultCount), got \(limit)")
        }
    }
}

/// The values of one key.
public struct Facet: Hashable, Sendable {
    public struct Value: Hashable, Sendable {
        /// A scalar; a number that is an integer is given as one. Of an array its elements are counted, each once for a record.
        public let value: MetadataValue
        /// Records that have it.
        public let count: Int

        public init(_ value: MetadataValue, count: Int) {
            self.value = value
            self.count = count
        }
    }

    public let key: String
    /// The most frequent first, equals in the order of their values: numbers, strings, booleans.
    public let values: [Value]
    /// How many different values there are.
    public let distinct: Int
    /// Records without the key.
    public let missing: Int

    public init(key: String, values: [Value], distinct: Int, missing: Int) {
        self.key = key
        self.values = values
        self.distinct = distinct
        self.missing = missing
    }
}
