import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Calls over HTTP or HTTPS with a pool of kept-alive connections.
struct NetworkTransport: HTTPTransport {
    private let client: HTTPClient
    private let baseURL: String
    private let userAgent: String
    private let timeoutSeconds: Int64

    /// No answer of the protocol is larger: a page of an export is bounded by its row count.
    private static let replyBytesMax = 1 << 30

    /// The client settings that `lyrica` needs: one attempt per connection, since the retry policy decides about further ones.
    static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// - Parameters:
    ///   - client: Owned by the caller, who shuts it down.
    ///   - baseURL: For example `http://127.0.0.1:8001`, without a final slash.
    ///   - userAgent: Servers choose the shape of collections by it; `lyrica/<version>` gets today's.
    ///   - timeoutSeconds: For one call from connecting to the last byte of the answer, at least 1.
    init(client: HTTPClient, baseURL: String, userAgent: String, timeoutSeconds: Int) {
        self.client = client
        self.baseURL = baseURL
        self.userAgent = userAgent
        self.timeoutSeconds = Int64(max(1, timeoutSeconds))
    }

    func send(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        var request = HTTPClientRequest(url: baseURL + call.path)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "User-Agent", value: userAgent)
        request.headers.add(name: "Accept", value: "application/json")
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await client.execute(request, timeout: .seconds(timeoutSeconds))
            let body = try await response.body.collect(upTo: Self.replyBytesMax)
            return HTTPReply(
                status: Int(response.status.code),
                retryAfter: response.headers.first(name: "Retry-After"),
                body: Array(body.readableBytesView)
            )
        } catch is NIOTooManyBytesError {
            throw .unexpectedReply("more than \(Self.replyBytesMax >> 20) MiB for \(call.path); ask for less at once")
        } catch {
            throw .unreachable(url: baseURL, reason: Self.reason(for: error, timeoutSeconds: timeoutSeconds))
        }
    }

    /// The library's errors in words for people; what has no words here is shown as the library prints it, cut short.
    private static func reason(for error: any Error, timeoutSeconds: Int64) -> String {
        if let error = error as? HTTPClientError {
            if error == .connectTimeout { return "no connection within 10 seconds" }
            if error == .deadlineExceeded || error == .readTimeout { return "no complete answer within \(timeoutSeconds) seconds" }
            if error == .remoteConnectionClosed { return "the server closed the connection" }
            if error == .invalidURL || error == .emptyHost || error == .emptyScheme { return "not a usable address" }
        }
        let text = String(describing: error)
        if text.contains("ECONNREFUSED") || text.contains("onnection refused") { return "connection refused" }
        if text.contains("ECONNRESET") || text.contains("onnection reset") { return "the connection was reset" }
        return String(text.prefix(200))
    }
}
