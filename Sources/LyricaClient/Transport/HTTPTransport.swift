/// One request to the server, as plain values.
public struct HTTPCall: Equatable, Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public var method: Method
    /// The path from the root, percent-encoded, with the query if there is one.
    public var path: String
    /// A JSON body, or `nil` for none.
    public var body: [UInt8]?
    /// Whether sending the same call twice leaves the same state as sending it once; only such calls are tried again.
    public var isRepeatable: Bool

    public init(_ method: Method, _ path: String, body: [UInt8]? = nil, isRepeatable: Bool) {
        self.method = method
        self.path = path
        self.body = body
        self.isRepeatable = isRepeatable
    }
}

/// An answer of the server, whatever its status.
public struct HTTPReply: Equatable, Sendable {
    public var status: Int
    /// The `Retry-After` header as it was sent.
    public var retryAfter: String?
    public var body: [UInt8]

    public init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }
}

/// How calls reach the server. The network is one implementation, tests bring their own.
public protocol HTTPTransport: Sendable {
    /// Sends one call and waits for the whole answer.
    /// - Throws: `ClientError.unreachable` when there is no answer; an answer with an error status is returned, not thrown.
    func send(_ call: HTTPCall) async throws(ClientError) -> HTTPReply

    /// Sends one call whose answer takes long, and hands over the lines of a successful answer as they come, without their line ends.
    /// - Returns: the answer without its body when it was successful, the whole answer otherwise.
    /// - Throws: as `send`, also when nothing comes for the time of a call; and what `onLine` throws, after which nothing more is read.
    func lines(_ call: HTTPCall, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) async throws(ClientError) -> HTTPReply
}

extension HTTPTransport {
    /// For transports that have an answer as a whole only.
    public func lines(_ call: HTTPCall, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) async throws(ClientError) -> HTTPReply {
        var reply = try await send(call)
        guard reply.isSuccess else { return reply }
        for line in reply.body.split(separator: UInt8(ascii: "\n")) { try onLine(line) }
        reply.body = []
        return reply
    }
}
