public import ChromaWire
public import HTTPTypes

/// A variable part of a path.
public enum PathParameter: String, CaseIterable, Sendable {
    case tenant
    case database
    case collectionName = "collection_name"
    case collectionIdentifier = "collection_id"
    case resourceName = "crn"
    case functionName = "function_name"
}

/// One method and path pattern, and what answers it.
public struct Route: Sendable {
    /// One part of a pattern between slashes.
    public enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(PathParameter)
    }

    public let method: HTTPRequest.Method
    /// The pattern as OpenAPI writes it: `/api/v2/tenants/{tenant}`. Never ends in a slash; requests may.
    public let pattern: String
    public let segments: [Segment]
    /// The variable parts, in the order of the path.
    public let parameters: [PathParameter]
    public let endpoint: Endpoint
    /// Which protocol the path belongs to; `nil` for the server's own pages.
    public let version: APIVersion?

    /// - Precondition: every `{name}` in `pattern` is a `PathParameter`.
    init(_ method: HTTPRequest.Method, _ pattern: String, _ endpoint: Endpoint, _ version: APIVersion?) {
        self.method = method
        self.pattern = pattern
        self.endpoint = endpoint
        self.version = version
        segments = pattern.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return .literal(String(part)) }
            guard let parameter = PathParameter(rawValue: String(part.dropFirst().dropLast())) else {
                preconditionFailure("unknown path parameter \(part) in \(pattern)")
            }
            return .parameter(parameter)
        }
        parameters = segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let parameter): parameter
            }
        }
    }
}
