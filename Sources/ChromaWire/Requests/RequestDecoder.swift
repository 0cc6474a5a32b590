public import VectorModel

/// Reads request bodies of one client generation into the engine's values, checking all that does not depend on stored data.
///
/// Synchronous: the cost is linear in the body, so large ones belong on a worker thread.
public struct RequestDecoder: Sendable {
    let dialect: Dialect
    let limits: Limits

    public init(dialect: Dialect, limits: Limits) {
        self.dialect = dialect
        self.limits = limits
    }

    /// Accepts JSON types and, since old clients send none, no type at all.
    public func checkContentType(_ value: String?) throws(WireError) {
        guard let value, !value.isEmpty else { return }
        let type = value.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        guard type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json") else {
            throw WireError(
                status: 415, name: WireError.generalName(dialect), message: "Expected request with `Content-Type: application/json`", dialect: dialect)
        }
    }

    /// A collection's id in a path: a UUID in either case, with or without hyphens.
    /// - Parameter operation: `.getCollection` has a text of its own.
    public func collectionIdentifier(_ text: String, for operation: WireError.Operation = .other) throws(WireError) -> CollectionIdentifier {
        if let identifier = CollectionIdentifier(text) ?? Self.hyphenated(text).flatMap({ CollectionIdentifier($0) }) { return identifier }
        throw switch dialect.version {
        case .v1: WireError(status: 400, name: "InvalidUUID", message: "Could not parse \(text) as a UUID", dialect: dialect)
        case .v2 where operation == .getCollection:
            WireError.rule("Validation error: collection_id: Invalid collection ID format, expected UUID", dialect)
        case .v2: WireError.rule("Collection ID is not a valid UUIDv4", dialect)
        }
    }

    private static func hyphenated(_ text: String) -> String? {
        let digits = Array(text)
        guard digits.count == 32, digits.allSatisfy({ $0.isHexDigit && $0.isASCII }) else { return nil }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// `limit` and `offset` of a list, as they stand in the query string.
    public func paging(limit: String?, offset: String?) throws(WireError) -> (limit: Int?, offset: Int) {
        (try count(limit, "limit"), try count(offset, "offset") ?? 0)
    }

    private func count(_ text: String?, _ name: String) throws(WireError) -> Int? {
        guard let text else { return nil }
        if let number = UInt32(text) { return Int(number) }
        if dialect.version == .v1 { throw .type(JSONPlace("query", name), "Input should be a valid integer of at least 0", dialect) }
        let problem = text.isEmpty ? "cannot parse integer from empty string" : "invalid digit found in string"
        throw .rule("Failed to deserialize query string: \(name): \(problem)", dialect)
    }

    /// Reads a body that must be an object. Only the named fields are looked at; the closure gets those present.
    func read<R>(_ body: RequestBody, _ target: String, _ decode: (JSONFields) throws(WireError) -> R) throws(WireError) -> R {
        try JSONDocument.read(body) { root throws(WireError) in
            try decode(try JSONFields(root, at: .root, expected: "struct \(target)", dialect))
        } failing: { .syntax($0, dialect) }
    }
}
