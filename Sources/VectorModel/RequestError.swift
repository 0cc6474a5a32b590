/// A request that cannot be carried out, and why: the one error that the engine gives its callers.
///
/// Nothing of the request has been applied when it is thrown. Messages never hold documents or vectors.
public struct RequestError: Error, Hashable, Sendable {
    public let reason: Reason

    public init(_ reason: Reason) {
        self.reason = reason
    }

    /// What is wrong. The wire layer words these for each client generation; `description` is the neutral wording.
    public enum Reason: Hashable, Sendable {
        case tenantNotFound(String)
        case tenantExists(String)
        case databaseNotFound(String, tenant: String)
        case databaseExists(String, tenant: String)
        case collectionNotFound(name: String)
        case collectionIdentifierNotFound(CollectionIdentifier)
        case collectionExists(String)
        /// A search is to look among ids of which this one is no record's.
        case recordNotFound(String)
        /// A vector's length differs from its collection's. `inQuery` tells a query from a write.
        case dimensionMismatch(expected: Int, got: Int, inQuery: Bool)
        /// A number of a vector is too large for the collection's 16-bit floats: beyond `limit`, in either direction.
        case vectorValueTooLarge(limit: Int)
        /// What a transaction has read was changed before its commit: it has to read again.
        case conditionalConflict
        /// The moment at which a transaction reads is not kept any more: it has to begin again.
        case staleRead(SequenceNumber)
        /// The same id stands more than once in one batch.
        case duplicateIdentifiers([String])
        /// `field` breaks a rule; `problem` says which and what the limit is.
        case invalid(field: String, problem: String)
        /// A regular expression in a filter does not compile; `problem` is what the compiler says of it.
        case invalidPattern(problem: String)
        /// More rows than one request may carry.
        case batchTooLarge(rows: Int, limit: Int)
        case resetDisabled
        /// Too many requests wait already; try again after the given seconds.
        case overloaded(retryAfterSeconds: Int)
        /// The time that the request allowed has passed.
        case deadlineExceeded
        /// The client went away or asked to stop.
        case cancelled
        /// The server is stopping.
        case shuttingDown
        /// The disk has no room for the write.
        case outOfSpace(String)
        /// The disk failed; the server must be restarted. The text names operation and file, no user data.
        case storageFailed(String)
        /// Bytes on disk are not those that were written: of this collection only, or of all. The text names file and place, no user data.
        case storageDamaged(String)
        /// The database, or this collection, may be read but not changed; the text says why.
        case readOnly(String)
        /// This server does not offer it (yet).
        case unimplemented(String)
    }

    /// Who has to act: decides the status code on every wire.
    public enum Class: Sendable {
        /// The caller's request is wrong and will be wrong again.
        case invalid
        case notFound
        case alreadyExists
        /// Others have changed what the request builds on: read again, then send another request.
        case conflict
        case forbidden
        case tooLarge
        /// Try the same request again later.
        case unavailable
        case deadlineExceeded
        case cancelled
        case outOfSpace
        case internalFailure
        case unimplemented
    }

    public var errorClass: Class {
        switch reason {
        case .tenantNotFound, .databaseNotFound, .collectionNotFound, .collectionIdentifierNotFound, .recordNotFound: .notFound
        case .tenantExists, .databaseExists, .collectionExists: .alreadyExists
        case .conditionalConflict, .staleRead: .conflict
        case .dimensionMismatch, .vectorValueTooLarge, .duplicateIdentifiers, .invalid, .invalidPattern: .invalid
        case .batchTooLarge: .tooLarge
        case .resetDisabled: .forbidden
        case .overloaded, .shuttingDown: .unavailable
        case .deadlineExceeded: .deadlineExceeded
        case .cancelled: .cancelled
        case .outOfSpace: .outOfSpace
        case .storageFailed, .storageDamaged: .internalFailure
        case .readOnly: .forbidden
        case .unimplemented: .unimplemented
        }
    }

    /// A rule broken in `field`.
    public static func invalid(_ field: String, _ problem: String) -> RequestError {
        RequestError(.invalid(field: field, problem: problem))
    }
}

extension RequestError: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .tenantNotFound(let name): "Tenant [\(name)] not found"
        case .tenantExists(let name): "Tenant [\(name)] already exists"
        case .databaseNotFound(let name, let tenant): "Database [\(name)] not found in tenant [\(tenant)]"
        case .databaseExists(let name, let tenant): "Database [\(name)] already exists in tenant [\(tenant)]"
        case .collectionNotFound(let name): "Collection [\(name)] does not exist"
        case .collectionIdentifierNotFound(let identifier): "Collection [\(identifier)] does not exist"
        case .collectionExists(let name): "Collection [\(name)] already exists"
        case .recordNotFound(let identifier): "Error finding id [\(identifier)]: no record has it"
        case .dimensionMismatch(let expected, let got, _):
            "Collection expecting embedding with dimension of \(expected), got \(got)"
        case .conditionalConflict: "conditional write conflict"
        case .staleRead(let token): "read token \(token) can no longer be read at: begin the transaction again"
        case .vectorValueTooLarge(let limit):
            "The collection stores 16-bit floats (lyrica:vector_type is float16), which end at \(limit); an embedding has a larger number"
        case .duplicateIdentifiers(let identifiers):
            "Expected IDs to be unique, found \(identifiers.count) that stand more than once in the batch"
        case .invalid(let field, let problem): "\(field): \(problem)"
        case .invalidPattern(let problem): "The regular expression is not valid: \(problem)"
        case .batchTooLarge(let rows, let limit): "The batch has \(rows) records; one request may carry at most \(limit)"
        case .resetDisabled: "Reset is disabled by config"
        case .overloaded(let seconds): "The server has too many requests waiting; try again in \(seconds) s"
        case .deadlineExceeded: "The time allowed for the request has passed"
        case .cancelled: "The request was cancelled"
        case .shuttingDown: "The server is shutting down"
        case .outOfSpace(let place): "The disk is full: \(place)"
        case .storageFailed(let cause): "The storage failed, restart the server: \(cause)"
        case .storageDamaged(let damage): "The stored data is damaged: \(damage). Run lyrica verify"
        case .readOnly(let why): "Nothing can be changed: \(why)"
        case .unimplemented(let what): "\(what) is not implemented"
        }
    }
}
