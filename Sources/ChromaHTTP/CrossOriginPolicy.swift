public import HTTPTypes

/// Which web pages of other origins may use this server from a browser (CORS, as the Fetch standard defines it). None unless told.
public struct CrossOriginPolicy: Sendable, Hashable {
    /// Origins as browsers send them, `http://localhost:3000`; `*` allows all.
    public let allowedOrigins: Set<String>

    public init(allowedOrigins: some Sequence<String> = []) {
        self.allowedOrigins = Set(allowedOrigins)
    }

    public var isOff: Bool { allowedOrigins.isEmpty }

    /// The fields to add to the answer of a request with `headers`; `nil` when it comes from no page or from one that is not allowed.
    public func responseFields(for headers: HTTPFields) -> HTTPFields? {
        guard !isOff, let origin = headers[.origin] else { return nil }
        if allowedOrigins.contains("*") { return [.accessControlAllowOrigin: "*", .accessControlExposeHeaders: "chroma-trace-id, retry-after"] }
        guard allowedOrigins.contains(origin) else { return nil }
        return [.accessControlAllowOrigin: origin, .vary: "Origin", .accessControlExposeHeaders: "chroma-trace-id, retry-after"]
    }

    /// The fields that answer a browser's question before its real request; `nil` when this is no such question or the origin is not allowed.
    public func preflightFields(method: HTTPRequest.Method, headers: HTTPFields) -> HTTPFields? {
        guard method == .options, headers[.accessControlRequestMethod] != nil, var fields = responseFields(for: headers) else { return nil }
        fields[.accessControlAllowMethods] = "GET, HEAD, POST, PUT, PATCH, DELETE"
        fields[.accessControlAllowHeaders] = headers[.accessControlRequestHeaders] ?? "content-type"
        fields[.accessControlMaxAge] = "600"
        return fields
    }
}
