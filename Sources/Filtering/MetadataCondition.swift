public import VectorModel

/// A condition on a record's metadata: the `where` language as values.
///
/// A record matches `.compare` only if it has the key with a value of a comparable kind; integers and floats compare by value, nothing else
/// crosses kinds. `.notEqual`, `.notIn` and `.notContains` are the exact complements of their positive forms, so they also match
/// records without the key.
public indirect enum MetadataCondition: Hashable, Sendable {
    case all([MetadataCondition])
    case any([MetadataCondition])
    case compare(key: String, MetadataComparison)
    /// A condition on the document, mixed in among those on metadata.
    case document(DocumentCondition)
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
