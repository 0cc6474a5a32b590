import VectorModel

/// An error as a client sees it: status, name and text, already worded for the client's generation.
public struct WireError: Error, Hashable, Sendable {
    public let status: Int
    /// What clients look up to choose an exception class.
    public let name: String
    public let message: String
    public let style: ErrorStyle
    /// For the `Retry-After` header, when the same request may succeed later.
    public let retryAfterSeconds: Int?
    let form: Form

    /// How the body is built.
    enum Form: Hashable, Sendable {
        /// `{"error": name, "message": message}`
        case named
        /// `{"error": "name('message')"}`
        case representation
        /// `{"detail": message}`
        case detail
        /// `{"detail": [{"type", "loc", "msg", "input"}]}` with the place in the body.
        case validation(place: [String])
    }

    /// What the client wanted; some texts depend on it.
    public enum Operation: Sendable {
        case getCollection, deleteCollection, createCollection, changeCollection
        case add, update, upsert, get, query, delete, count
        case deleteDatabase
        case other
    }

    init(status: Int, name: String, message: String, style: ErrorStyle, retryAfterSeconds: Int? = nil, form: Form = .named) {
        self.status = status
        self.name = name
        self.message = message
        self.style = style
        self.retryAfterSeconds = retryAfterSeconds
        self.form = form
    }

    /// An error of the transport. `name` is kept on version 2 and for clients of version 1 that read names.
    public init(status: Int, name: String, message: String, dialect: Dialect, retryAfterSeconds: Int? = nil) {
        self.init(status: status, name: name, message: message, style: dialect.errorStyle, retryAfterSeconds: retryAfterSeconds)
    }

    public static func payloadTooLarge(limit: Int, dialect: Dialect) -> WireError {
        WireError(status: 413, name: generalName(dialect), message: "Payload too large: a request body may have at most \(limit) bytes", dialect: dialect)
    }

    public static func routeNotFound(path: String, dialect: Dialect) -> WireError {
        switch dialect.version {
        case .v1: WireError(status: 404, name: "NotFoundError", message: "Not Found", style: dialect.errorStyle, form: .detail)
        case .v2: WireError(status: 404, name: "NotFoundError", message: "There is no \(path) here", dialect: dialect)
        }
    }

    public static func methodNotAllowed(dialect: Dialect) -> WireError {
        switch dialect.version {
        case .v1: WireError(status: 405, name: "InvalidArgumentError", message: "Method Not Allowed", style: dialect.errorStyle, form: .detail)
        case .v2: WireError(status: 405, name: generalName(dialect), message: "Method not allowed", dialect: dialect)
        }
    }

    public static func notImplemented(_ what: String, dialect: Dialect) -> WireError {
        WireError(RequestError(.unimplemented(what)), dialect: dialect)
    }

    public static func unauthorized(dialect: Dialect) -> WireError {
        WireError(status: 401, name: dialect.version == .v1 ? "AuthorizationError" : "ChromaError", message: "Unauthorized", dialect: dialect)
    }

    public static func forbidden(dialect: Dialect) -> WireError {
        WireError(status: 403, name: dialect.version == .v1 ? "AuthError" : "ChromaError", message: "Forbidden", dialect: dialect)
    }

    /// A failure of ours; what went wrong is in the log, not here.
    public static func internalFailure(dialect: Dialect) -> WireError {
        WireError(status: 500, name: "InternalError", message: "Internal server error", dialect: dialect)
    }

    /// The name of codes that have none of their own. Clients of version 1 do not know `ChromaError`.
    static func generalName(_ dialect: Dialect) -> String {
        dialect.version == .v1 ? "InvalidArgumentError" : "ChromaError"
    }
}

extension WireError: CustomStringConvertible {
    public var description: String { "\(status) \(name): \(message)" }
}
