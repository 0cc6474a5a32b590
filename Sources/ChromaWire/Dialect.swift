/// The two generations of the protocol's paths.
public enum APIVersion: Hashable, Sendable {
    case v1
    case v2
}

/// How a collection object is written; old clients refuse keys they do not know, or miss keys they do.
public enum CollectionShape: Hashable, Sendable {
    /// Up to 0.4.14, which knows no tenants: id, name, metadata.
    case v1Oldest
    /// 0.4.15 to 0.5.0: id, name, metadata, tenant, database.
    case v1Minimal
    /// 0.5.1 to 0.5.15: the same with configuration, dimension and version.
    case v1Full
    /// 0.5.16 to 0.6.3: typed configuration, no schema.
    case v2Legacy
    /// 1.0 and later: configuration and schema.
    case v2Current
}

/// How an error is written.
public enum ErrorStyle: Hashable, Sendable {
    /// `error` and `message`, with the texts of Chroma 1.x.
    case v2
    /// `error` and `message`, with the texts of Chroma 0.5.
    case v1Named
    /// One `error` that holds the Python representation of an exception, as Chroma 0.4 had it.
    case v1Repr
}

/// Which client generation speaks: decides the shapes of collections and errors, and which bodies are accepted.
public struct Dialect: Hashable, Sendable {
    public let version: APIVersion
    public let shape: CollectionShape
    public let errorStyle: ErrorStyle

    /// - Parameters:
    ///   - userAgent: told apart are `python-requests/…` (up to 0.5.3), `python-httpx/…` (0.5.4 to 0.6.3) and everything else.
    ///   - shapeOverride: `v1.0`, `v0.6`, `v0.5` or `v0.4` chooses the collection shape whatever the client says it is; anything else is ignored.
    ///   - namesTenant: whether the request says which tenant it means, as every client since 0.4.15 does.
    public init(version: APIVersion, userAgent: String?, namesTenant: Bool = true, shapeOverride: String? = nil) {
        self.version = version
        let isRequests = userAgent?.hasPrefix("python-requests/") ?? false
        let isHTTPX = userAgent?.hasPrefix("python-httpx/") ?? false
        let usual: CollectionShape = switch version {
        case .v1: isRequests ? (namesTenant ? .v1Minimal : .v1Oldest) : .v1Full
        case .v2: isHTTPX ? .v2Legacy : .v2Current
        }
        shape = shapeOverride.flatMap(Self.shape(named:)) ?? usual
        errorStyle = switch version {
        case .v1: isRequests ? .v1Repr : .v1Named
        case .v2: .v2
        }
    }

    private static func shape(named name: String) -> CollectionShape? {
        switch name {
        case "v1.0": .v2Current
        case "v0.6": .v2Legacy
        case "v0.5": .v1Full
        case "v0.4": .v1Minimal
        default: nil
        }
    }
}
