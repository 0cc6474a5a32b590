import ChromaWire
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import VectorModel

/// One request on its way to its handler: matched to a route, its client's generation known, its parameters decoded when asked for.
struct Call: Sendable {
    let route: Route
    let values: [Substring]
    let query: QueryParameters
    let dialect: Dialect
    let request: Request
    let channel: any Channel
    /// What the body takes of the memory for bodies, until the request is answered: what is read from it is as large.
    let bodyShare: BodyBudget.Share
    let logger: Logger

    var encoder: ChromaWire.ResponseEncoder { ChromaWire.ResponseEncoder(dialect: dialect) }

    /// The decoded value of a path parameter. The route table guarantees that the route has it.
    func value(of parameter: PathParameter) throws(WireError) -> String {
        guard let value = try valueIfPresent(of: parameter) else {
            preconditionFailure("\(route.pattern) has no \(parameter.rawValue)")
        }
        return value
    }

    private func valueIfPresent(of parameter: PathParameter) throws(WireError) -> String? {
        guard let position = route.parameters.firstIndex(of: parameter) else { return nil }
        guard let decoded = PercentEncoding.decode(values[position]) else {
            throw WireError(.invalid(parameter.rawValue, "the path is not valid UTF-8 after percent-decoding"), dialect: dialect)
        }
        return decoded
    }

    /// The tenant: from the path in version 2, from the query in version 1, else the default one.
    var tenant: String {
        get throws(WireError) { try valueIfPresent(of: .tenant) ?? query["tenant"] ?? "default_tenant" }
    }

    /// The database: as the tenant.
    func database(_ decoder: ChromaWire.RequestDecoder) throws(WireError) -> String {
        try decoder.databaseName(valueIfPresent(of: .database) ?? query["database"] ?? "default_database")
    }

    /// The collection that the path names by its id.
    func collectionIdentifier(
        _ decoder: ChromaWire.RequestDecoder, for operation: WireError.Operation = .other
    ) throws(WireError) -> CollectionIdentifier {
        try decoder.collectionIdentifier(value(of: .collectionIdentifier), for: operation)
    }

    /// Runs an engine operation and words its error for the client.
    func engine<Value>(
        _ operation: WireError.Operation = .other, _ body: () async throws(RequestError) -> Value
    ) async throws(WireError) -> Value {
        do {
            return try await body()
        } catch {
            throw worded(error, operation)
        }
    }

    /// The same for an operation that only reads what is in memory.
    func read<Value>(_ operation: WireError.Operation = .other, _ body: () throws(RequestError) -> Value) throws(WireError) -> Value {
        do {
            return try body()
        } catch {
            throw worded(error, operation)
        }
    }

    /// Failures of the disk are logged too: who runs the server must act on them, not who sent the request. Damage is told once, when it is
    /// found, and not for every request that meets it.
    private func worded(_ error: RequestError, _ operation: WireError.Operation) -> WireError {
        switch error.errorClass {
        case .internalFailure, .outOfSpace:
            let level: Logger.Level = if case .storageDamaged = error.reason { .debug } else { .error }
            logger.log(level: level, "request failed", metadata: ["endpoint": "\(route.endpoint)", "error": "\(error)"])
        case .invalid, .notFound, .alreadyExists, .conflict, .forbidden, .tooLarge, .unavailable, .deadlineExceeded, .cancelled, .unimplemented: break
        }
        return WireError(error, dialect: dialect, operation: operation)
    }
}
