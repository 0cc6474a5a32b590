/// How the distance of two vectors is measured.
public enum DistanceMetric: String, CaseIterable, Sendable {
    /// Squared Euclidean distance.
    case l2
    /// One minus the cosine of the angle.
    case cosine
    /// One minus the inner product.
    case ip
}

/// A collection as the server describes it.
public struct CollectionInfo: Equatable, Sendable {
    public let id: String
    public let name: String
    /// `nil` until the first record fixes it.
    public let dimension: Int?
    /// `nil` when the configuration names none that is known here.
    public let metric: DistanceMetric?
    public let metadata: JSONObject?
    /// The whole answer, for `--json`.
    public let raw: JSONValue

    /// - Throws: `ClientError.unexpectedReply` when id or name is missing.
    public init(_ answer: JSONValue) throws(ClientError) {
        guard let object = answer.object, let id = object["id"]?.string, let name = object["name"]?.string else {
            throw .unexpectedReply("a collection without id or name")
        }
        self.id = id
        self.name = name
        dimension = object["dimension"]?.integer
        metadata = object["metadata"]?.object
        metric = Self.metric(configuration: object["configuration_json"]?.object, metadata: metadata)
        raw = answer
    }

    /// Old clients name the metric in the metadata, and servers then let that win; `hnsw_configuration` is the older form of `hnsw`.
    private static func metric(configuration: JSONObject?, metadata: JSONObject?) -> DistanceMetric? {
        if let named = metadata?["hnsw:space"]?.string { return DistanceMetric(rawValue: named) }
        for section in ["hnsw", "spann", "hnsw_configuration"] {
            if let named = configuration?[section]?.object?["space"]?.string { return DistanceMetric(rawValue: named) }
        }
        return nil
    }
}
