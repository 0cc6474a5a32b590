public import VectorModel

/// A condition on a record's metadata: the `where` language as values.
///
/// A record matches `.compare` only if it has the key with a value of a comparable kind; integers and floats compare by value, nothing else
/// crosses kinds. `.notEqual`, `.notIn` and `.notContains` are the exact complements of their positive forms, so they also match
/// records without the key; so does `.not` around any comparison.
public indirect enum MetadataCondition: Hashable, Sendable {
    case all([MetadataCondition])
    case any([MetadataCondition])
    /// The exact complement: every record that does not match.
    case not(MetadataCondition)
    /// The key `identifierKey` means the record's id, as a string.
    case compare(key: String, MetadataComparison)
    /// A condition on the document, mixed in among those on metadata.
    case document(DocumentCondition)

    /// The key under which a condition asks for the record's id; no metadata is stored under it.
    public static let identifierKey = "#id"
}

/// What is asked of one key's value.
public enum MetadataComparison: Hashable, Sendable {
    case equal(MetadataValue)
    case notEqual(MetadataValue)
    case less(MetadataValue)
    case lessOrEqual(MetadataValue)
    case greater(MetadataValue)
    case greaterOrEqual(MetadataValue)
    /// The value is one of these scalars.
    case isIn([MetadataValue])
    case notIn([MetadataValue])
    /// The value is an array that holds this scalar.
    case contains(MetadataValue)
    case notContains(MetadataValue)
    /// The key has a value, whatever it is.
    case exists
    /// The complement of `exists`. A null removes its key, so a missing value and a null are the same.
    case missing
    /// The value is a string with this in it.
    case text(TextComparison)
    /// The value is a string that says a date, which compares so.
    case date(DateComparison)
}

/// What is asked of a value that is one string; values of other kinds, arrays of strings among them, do not match. UTF-8, case-sensitive.
public enum TextComparison: Hashable, Sendable {
    /// The whole string, as SQL's `LIKE`: `%` stands for any characters, `_` for one, and a backslash takes the character after it as it is.
    case like(String)
    case prefix(String)
    case substring(String)
    /// RE2 syntax, found anywhere in the string.
    case matches(pattern: String)
}

/// A comparison of the moment that a string says with another one. Strings that say none (see `DateText`) do not match.
public struct DateComparison: Hashable, Sendable {
    public enum Order: Hashable, Sendable { case less, lessOrEqual, greater, greaterOrEqual, equal }

    /// How the record's moment is to stand to the one given.
    public var order: Order
    /// Since 1970-01-01T00:00:00Z, negative before.
    public var microseconds: Int64

    public init(_ order: Order, microseconds: Int64) {
        self.order = order
        self.microseconds = microseconds
    }
}

/// A condition on a record's document: the `where_document` language as values. Documents are matched as UTF-8 bytes, case-sensitively.
///
/// A record without a document matches none of the positive forms. `.notContains` and `.notMatches` are the complements.
public indirect enum DocumentCondition: Hashable, Sendable {
    case all([DocumentCondition])
    case any([DocumentCondition])
    case contains(String)
    case notContains(String)
    /// RE2 syntax, found anywhere in the document.
    case matches(pattern: String)
    case notMatches(pattern: String)
}

/// Everything that a request says about which records it means. All parts given must hold.
public struct RecordSelector: Hashable, Sendable {
    /// Only these ids, in this order where the answer has an order; `nil` for all.
    public var identifiers: [String]?
    public var metadata: MetadataCondition?
    public var document: DocumentCondition?

    public init(identifiers: [String]? = nil, metadata: MetadataCondition? = nil, document: DocumentCondition? = nil) {
        self.identifiers = identifiers
        self.metadata = metadata
        self.document = document
    }

    /// No condition at all: every record.
    public var isUnrestricted: Bool { identifiers == nil && metadata == nil && document == nil }
}
