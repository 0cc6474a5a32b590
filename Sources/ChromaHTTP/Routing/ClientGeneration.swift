public import ChromaWire
public import HTTPTypes

/// Decides which generation of clients a request comes from, and so which shapes and error texts it is answered with.
///
/// The path says the protocol's version, the User-Agent the generation within it. A script that uses a client's HTTP library without being that
/// client can say what it wants: header `X-Chroma-Shape` or query parameter `shape`, with `v1.0`, `v0.6`, `v0.5` or `v0.4`. The header wins.
public enum ClientGeneration {
    /// The header that overrides the User-Agent.
    public static let shapeHeader = HTTPField.Name("X-Chroma-Shape")!
    /// The query parameter that overrides the User-Agent.
    public static let shapeParameter = "shape"

    /// - Parameter version: the version that the path belongs to. The server's own pages and unknown paths outside `/api/v1` count as version 2.
    public static func dialect(version: APIVersion, headers: HTTPFields, query: QueryParameters) -> Dialect {
        Dialect(
            version: version, userAgent: headers[.userAgent], namesTenant: query["tenant"] != nil,
            shapeOverride: headers[shapeHeader] ?? query[shapeParameter])
    }

    /// The version for a path that no route answers.
    public static func version(ofUnknownPath segments: [Substring]) -> APIVersion {
        segments.starts(with: ["api", "v1"]) ? .v1 : .v2
    }
}
