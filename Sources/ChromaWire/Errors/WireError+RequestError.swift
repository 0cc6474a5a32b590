public import VectorModel

extension WireError {
    /// The engine's error in the words of the client's generation.
    public init(_ error: RequestError, dialect: Dialect, operation: Operation = .other) {
        switch dialect.errorStyle {
        case .v2: self = Self.version2(error, operation)
        case .v1Named, .v1Repr: self = Self.version1(error, dialect.errorStyle, operation)
        }
    }

    /// Texts and codes of Chroma 1.5.9; conflicts carry the name that clients have a class for.
    private static func version2(_ error: RequestError, _ operation: Operation) -> WireError {
        let (status, name, message): (Int, String, String) = switch error.reason {
        case .tenantNotFound(let tenant): (404, "NotFoundError", "Tenant [\(tenant)] not found")
        case .tenantExists(let tenant): (409, "UniqueConstraintError", "Tenant [\(tenant)] already exists")
        case .databaseNotFound(let database, _):
            (404, "NotFoundError", "Database [\(database)] not found\(operation == .deleteDatabase ? "" : ". Are you sure it exists?")")
        case .databaseExists(let database, _): (409, "UniqueConstraintError", "Database [\(database)] already exists")
        case .collectionNotFound(let collection): (404, "NotFoundError", "Collection [\(collection)] does not exist")
        case .collectionIdentifierNotFound(let identifier):
            (404, "NotFoundError", "Collection [\(identifier)] does not exist\(operation == .getCollection ? "" : ".")")
        case .collectionExists(let collection): (409, "UniqueConstraintError", "Collection [\(collection)] already exists")
        // Not 404: clients take that for a collection that is missing.
        case .recordNotFound: (400, "InvalidArgumentError", error.description)
        case .dimensionMismatch(let expected, let got, _):
            (400, "InvalidArgumentError", "Collection expecting embedding with dimension of \(expected), got \(got)")
        // The text by which clients know that another try may succeed.
        case .conditionalConflict: (409, "ConditionalWriteConflictError", error.description)
        case .staleRead: (412, "StaleReadError", error.description)
        case .vectorValueTooLarge: (400, "InvalidArgumentError", "Validation error: embeddings: \(error.description)")
        case .duplicateIdentifiers(let identifiers): (400, "DuplicateID", duplicates(identifiers))
        case .invalid(let field, let problem): (400, "InvalidArgumentError", "Validation error: \(field): \(problem)")
        // The typing error is Chroma's: clients match on its words.
        case .invalidPattern(let problem): (400, "InvalidArgumentError", "Regex syntax errror: \(problem)")
        case .batchTooLarge(let rows, let limit): (413, "ChromaError", batchSize(rows, limit))
        case .resetDisabled: (403, "ChromaError", error.description)
        case .overloaded: (503, "ChromaError", error.description)
        case .deadlineExceeded: (504, "ChromaError", error.description)
        case .cancelled: (400, "ChromaError", error.description)
        case .shuttingDown: (503, "ChromaError", error.description)
        case .outOfSpace: (507, "ChromaError", error.description)
        case .storageFailed, .storageDamaged: (500, "InternalError", error.description)
        case .readOnly: (403, "ChromaError", error.description)
        case .unimplemented: (501, "ChromaError", error.description)
        }
        return WireError(status: status, name: name, message: message, style: .v2, retryAfterSeconds: retryAfter(error))
    }

    /// A row of the version 1 table: one text, and how the two generations label it.
    private struct Version1Row {
        /// Status and name from 0.5 on.
        var named: (status: Int, name: String)
        /// Status and exception class before; `nil` when the older form is the same.
        var exception: (status: Int, name: String)?
        var message: String
    }

    private static func version1(_ error: RequestError, _ style: ErrorStyle, _ operation: Operation) -> WireError {
        let row = version1Row(error, operation)
        if style == .v1Repr, let exception = row.exception {
            return WireError(
                status: exception.status, name: exception.name, message: row.message, style: style,
                retryAfterSeconds: retryAfter(error), form: .representation)
        }
        return WireError(status: row.named.status, name: row.named.name, message: row.message, style: style, retryAfterSeconds: retryAfter(error))
    }

    private static func version1Row(_ error: RequestError, _ operation: Operation) -> Version1Row {
        let refused = (400, "InvalidArgumentError")
        let valueError = (500, "ValueError")
        switch error.reason {
        case .tenantNotFound(let tenant):
            return Version1Row(named: (404, "NotFoundError"), exception: (500, "NotFoundError"), message: "Tenant \(tenant) not found")
        case .tenantExists(let tenant):
            return conflict("Tenant \(tenant) already exists")
        case .databaseNotFound(let database, let tenant):
            return Version1Row(
                named: (404, "NotFoundError"), exception: (500, "NotFoundError"),
                message: "Database \(database) not found for tenant \(tenant). Are you sure it exists?")
        case .databaseExists(let database, let tenant):
            return conflict("Database \(database) already exists for tenant \(tenant)")
        case .collectionNotFound(let collection):
            let name = operation == .deleteCollection ? "InvalidArgumentError" : "InvalidCollection"
            return Version1Row(named: (400, name), exception: valueError, message: "Collection \(collection) does not exist.")
        case .collectionIdentifierNotFound(let identifier):
            return Version1Row(named: (400, "InvalidCollection"), message: "Collection \(identifier) does not exist.")
        case .collectionExists(let collection):
            return conflict("Collection \(collection) already exists")
        case .recordNotFound:
            return Version1Row(named: refused, exception: valueError, message: error.description)
        case .dimensionMismatch(let expected, let got, _):
            return Version1Row(
                named: (400, "InvalidDimension"), message: "Embedding dimension \(got) does not match collection dimensionality \(expected)")
        // Version 1 has no transactions.
        case .conditionalConflict, .staleRead:
            return Version1Row(named: (409, "InvalidArgumentError"), exception: valueError, message: error.description)
        case .vectorValueTooLarge:
            return Version1Row(named: refused, exception: valueError, message: error.description)
        case .duplicateIdentifiers(let identifiers):
            return Version1Row(named: (400, "DuplicateID"), message: duplicates(identifiers))
        case .invalid(let field, let problem):
            return Version1Row(named: refused, exception: valueError, message: "\(field): \(problem)")
        case .invalidPattern:
            return Version1Row(named: refused, exception: valueError, message: error.description)
        case .batchTooLarge(let rows, let limit):
            return Version1Row(named: (413, "BatchSizeExceededError"), exception: (413, "ValueError"), message: batchSize(rows, limit))
        case .resetDisabled:
            return Version1Row(named: refused, exception: valueError, message: "Resetting is not allowed by this configuration")
        case .overloaded, .shuttingDown:
            return Version1Row(named: (503, "RateLimitError"), exception: (503, "RuntimeError"), message: error.description)
        case .deadlineExceeded:
            return Version1Row(named: (504, "InvalidArgumentError"), exception: (504, "TimeoutError"), message: error.description)
        case .cancelled:
            return Version1Row(named: refused, exception: (400, "RuntimeError"), message: error.description)
        case .outOfSpace:
            return Version1Row(named: (507, "InternalError"), exception: (507, "OSError"), message: error.description)
        case .storageFailed, .storageDamaged:
            return Version1Row(named: (500, "InternalError"), exception: (500, "RuntimeError"), message: error.description)
        case .readOnly:
            return Version1Row(named: (403, "InvalidArgumentError"), exception: (403, "RuntimeError"), message: error.description)
        case .unimplemented:
            return Version1Row(named: (501, "NotImplementedError"), exception: (501, "NotImplementedError"), message: error.description)
        }
    }

    private static func conflict(_ message: String) -> Version1Row {
        Version1Row(named: (409, "UniqueConstraintError"), exception: (500, "UniqueConstraintError"), message: message)
    }

    private static func duplicates(_ identifiers: [String]) -> String {
        let shown = identifiers.prefix(10).joined(separator: ", ")
        return "Expected IDs to be unique, found duplicates of: \(shown)\(identifiers.count > 10 ? ", …" : "")"
    }

    private static func batchSize(_ rows: Int, _ limit: Int) -> String {
        "Batch size of \(rows) is greater than max batch size of \(limit)"
    }

    private static func retryAfter(_ error: RequestError) -> Int? {
        switch error.reason {
        case .overloaded(let seconds): seconds
        case .shuttingDown: 1
        case .tenantNotFound, .tenantExists, .databaseNotFound, .databaseExists, .collectionNotFound, .collectionIdentifierNotFound,
            .collectionExists, .conditionalConflict, .staleRead, .recordNotFound, .dimensionMismatch, .vectorValueTooLarge,
            .duplicateIdentifiers, .invalid, .invalidPattern, .batchTooLarge,
            .resetDisabled, .deadlineExceeded, .cancelled, .outOfSpace, .storageFailed, .storageDamaged, .readOnly, .unimplemented:
            nil
        }
    }
}
