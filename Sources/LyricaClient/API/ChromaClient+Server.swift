/// What the server says about the size and form of writes.
public struct ServerLimits: Equatable, Sendable {
    /// The most records in one write.
    public let batchSizeMax: Int
    /// Whether embeddings may be sent as base64 of little-endian float32.
    public let supportsBase64: Bool

    public init(batchSizeMax: Int, supportsBase64: Bool) {
        self.batchSizeMax = batchSizeMax
        self.supportsBase64 = supportsBase64
    }
}

/// What `/readyz` says.
public enum Readiness: Equatable, Sendable {
    case ready
    case notReady(status: Int)
    /// The server has no such page, as Chroma's own.
    case unknown
}

extension ChromaClient {
    /// The server's clock, in nanoseconds since 1970; a sign of life.
    public func heartbeat() async throws(ClientError) -> Int {
        let answer = try await json(HTTPCall(.get, "/api/v2/heartbeat", isRepeatable: true))
        guard let nanoseconds = answer.object?["nanosecond heartbeat"]?.integer else { throw .unexpectedReply("a heartbeat without its time") }
        return nanoseconds
    }

    public func version() async throws(ClientError) -> String {
        let answer = try await json(HTTPCall(.get, "/api/v2/version", isRepeatable: true))
        guard let version = answer.string else { throw .unexpectedReply("a version that is \(answer.kindName)") }
        return version
    }

    public func readiness() async throws(ClientError) -> Readiness {
        let reply = try await reply(HTTPCall(.get, "/readyz", isRepeatable: false))
        if reply.isSuccess { return .ready }
        return reply.status == 404 || reply.status == 405 ? .unknown : .notReady(status: reply.status)
    }

    public func limits() async throws(ClientError) -> ServerLimits {
        let answer = try await json(HTTPCall(.get, "/api/v2/pre-flight-checks", isRepeatable: true))
        guard let batchSizeMax = answer.object?["max_batch_size"]?.integer, batchSizeMax > 0 else {
            throw .unexpectedReply("pre-flight checks without max_batch_size")
        }
        return ServerLimits(batchSizeMax: batchSizeMax, supportsBase64: answer.object?["supports_base64_encoding"]?.bool ?? false)
    }
}
