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
    /// - Parameter timeoutSeconds: between two parts of an answer; the whole time of a call is bounded until its head has come.
    static func clientConfiguration(timeoutSeconds: Int) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = .seconds(Int64(max(1, timeoutSeconds)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// - Parameters:
    ///   - client: Owned by the caller, who shuts it down.
    ///   - baseURL: For example `http://127.0.0.1:8001`, without a final slash.
    ///   - userAgent: Servers choose the shape of collections by it; `lyrica/<version>` gets today's.
    ///   - timeoutSeconds: From connecting to the head of the answer, and between two parts of it; at least 1.
    init(client: HTTPClient, baseURL: String, userAgent: String, timeoutSeconds: Int) {
        self.client = client
        self.baseURL = baseURL
        self.userAgent = userAgent
        self.timeoutSeconds = Int64(max(1, timeoutSeconds))
    }

    func send(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        do {
            let response = try await client.execute(request(for: call), timeout: .seconds(timeoutSeconds))
            return try await Self.whole(response)
        } catch {
            throw failure(error, call)
        }
    }

    func lines(_ call: HTTPCall, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) async throws(ClientError) -> HTTPReply {
        do {
            let response = try await client.execute(request(for: call), timeout: .seconds(timeoutSeconds))
            guard (200..<300).contains(response.status.code) else { return try await Self.whole(response) }
            var splitter = LineSplitter()
            for try await chunk in response.body { try splitter.append(chunk.readableBytesView, onLine: onLine) }
            try splitter.finish(onLine: onLine)
            return HTTPReply(status: Int(response.status.code), body: [])
        } catch let error as ClientError {
            throw error
        } catch {
            throw failure(error, call)
        }
    }

    private func request(for call: HTTPCall) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + call.path)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "User-Agent", value: userAgent)
        request.headers.add(name: "Accept", value: "application/json")
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private static func whole(_ response: HTTPClientResponse) async throws -> HTTPReply {
        let body = try await response.body.collect(upTo: replyBytesMax)
        return HTTPReply(
            status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"), body: Array(body.readableBytesView))
    }

    private func failure(_ error: any Error, _ call: HTTPCall) -> ClientError {
        if error is NIOTooManyBytesError {
            return .unexpectedReply("more than \(Self.replyBytesMax >> 20) MiB for \(call.path); ask for less at once")
        }
        return .unreachable(url: baseURL, reason: Self.reason(for: error, timeoutSeconds: timeoutSeconds))
    }

    /// The library's errors in words for people; what has no words here is shown as the library prints it, cut short.
    private static func reason(for error: any Error, timeoutSeconds: Int64) -> String {
        if let error = error as? HTTPClientError {
            if error == .connectTimeout { return "no connection within 10 seconds" }
            if error == .deadlineExceeded || error == .readTimeout { return "no answer within \(timeoutSeconds) seconds" }
            if error == .remoteConnectionClosed { return "the server closed the connection" }
            if error == .invalidURL || error == .emptyHost || error == .emptyScheme { return "not a usable address" }
        }
        let text = String(describing: error)
        if text.contains("ECONNREFUSED") || text.contains("onnection refused") { return "connection refused" }
        if text.contains("ECONNRESET") || text.contains("onnection reset") { return "the connection was reset" }
        return String(text.prefix(200))
    }
}
