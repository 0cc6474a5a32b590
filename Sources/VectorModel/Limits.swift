/// The bounds of every input. What exceeds one is refused with an error that names the field, the limit and what was found.
///
/// Each has the reason for its default; a server may be configured with others where `Server` says so.
public struct Limits: Hashable, Sendable {
    /// Numbers per vector. The widest embeddings in use have 4,096; peers allow 65,535.
    public var dimension = 65_535
    /// Records per write request. `glosses`-sized imports (117,659 rows) should pass in two requests.
    public var batchRows = 100_000
    /// Bytes of one record id.
    public var identifierBytes = 8 * 1024
    /// Bytes of one document. Ten-megabyte documents are legal; a body holds at most 256 MiB.
    public var documentBytes = 64 * 1024 * 1024
    /// Bytes of one URI.
    public var uriBytes = 64 * 1024
    /// Bytes of the name of a tenant, database or collection.
    public var nameBytes = 1_024
    /// Metadata keys per record or collection.
    public var metadataKeys = 4_096
    /// Bytes of one metadata key.
    public var metadataKeyBytes = 1_024
    /// Bytes of one metadata string.
    public var metadataStringBytes = 16 * 1024 * 1024
    /// Elements of one metadata array.
    public var metadataArrayCount = 65_536
    /// Indices of one sparse vector. Learned sparse models give some hundreds, long documents as bags of words some thousands.
    public var sparseVectorCount = 65_536
    /// Answers per query vector.
    public var resultCount = 100_000
    /// Query vectors per request.
    public var queryVectors = 10_000
    /// Results of all query vectors of one request together: bounds the memory of one answer.
    public var totalResultCount = 4_000_000
    /// Records whose neighbours one request may ask for: larger collections are asked page by page.
    public var neighborRows = 100_000
    /// Distances in one matrix, such as those of 2,000 records to each other: bounds the memory of one answer.
    public var matrixDistances = 4_000_000
    /// Searches in one request of the search API.
    public var searches = 1_000
    /// Nesting of a rank expression. Clients write `a + b + c` flat, and `a - b - c` nested.
    public var rankDepth = 64
    /// Operators, values and leaves of one rank expression: scoring takes a step for each, for each record found.
    public var rankNodes = 1_024
    /// Searches that one rank expression combines.
    public var rankLeaves = 64
    /// Keys that records are grouped by, or ordered by within a group.
    public var groupKeys = 16
    /// Nesting of `$and`/`$or` in a filter.
    public var filterDepth = 64
    /// Conditions in one filter.
    public var filterConditions = 4_096
    /// Elements of one `$in`/`$nin` list.
    public var filterListCount = 100_000
    /// Bytes of one regular expression.
    public var patternBytes = 16 * 1024
    /// Bytes of the program that RE2 may compile one regular expression to.
    public var patternProgramBytes = 8 << 20
    /// Bytes of the programs of all regular expressions of one filter: 32 of the largest, or thousands of usual ones, which take some kilobytes.
    public var filterProgramBytes = 256 << 20

    /// Different words of a text query: a search follows the list of each.
    public var queryTerms = 1_024

    public static let standard = Limits()

    /// No bounds: for records that were checked when they were accepted and are read back from the log, whatever the limits are now.
    public static let unbounded: Limits = {
        var limits = Limits()
        limits.dimension = .max
        limits.batchRows = .max
        limits.identifierBytes = .max
        limits.documentBytes = .max
        limits.uriBytes = .max
        limits.metadataKeys = .max
        limits.metadataKeyBytes = .max
        limits.metadataStringBytes = .max
        limits.metadataArrayCount = .max
        limits.sparseVectorCount = .max
        return limits
    }()

    public init() {}
}
