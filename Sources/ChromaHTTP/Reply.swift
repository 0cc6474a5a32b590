import ChromaWire
import HTTPTypes
import Hummingbird
import NIOCore

/// What a handler gives back: status, body and its type.
struct Reply: Sendable {
    var status: HTTPResponse.Status
    var contentType: String
    var body: Body
    var headers: HTTPFields

    enum Body: Sendable {
        case empty
        case wire(WireBytes)
        case fixed(ByteBuffer)
        /// Sent as it comes; only for methods whose answer has a body.
        case lines(LongAnswerBody)

        /// Bytes that are there already.
        var count: Int {
            switch self {
            case .empty: 0
            case .wire(let bytes): bytes.count
            case .fixed(let buffer): buffer.readableBytes
            case .lines(let body): body.first.count
            }
        }
    }

    init(status: HTTPResponse.Status = .ok, contentType: String = "application/json", body: Body, headers: HTTPFields = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// A JSON answer.
    static func json(_ bytes: WireBytes, status: HTTPResponse.Status = .ok) -> Reply {
        Reply(status: status, body: .wire(bytes))
    }

    /// An error, worded by the wire layer.
    static func failure(_ error: WireError, encoder: ChromaWire.ResponseEncoder) -> Reply {
        let bytes = encoder.error(error)
        var reply = Reply(status: .init(code: error.status), body: bytes.count == 0 ? .empty : .wire(bytes))
        if let seconds = error.retryAfterSeconds { reply.headers[.retryAfter] = String(seconds) }
        return reply
    }

    /// The response for Hummingbird.
    /// - Parameter withoutBody: for HEAD: the headers tell of the body that GET would have.
    func response(withoutBody: Bool) -> Response {
        var headers = headers
        let content: Hummingbird.ResponseBody
        switch body {
        case .empty:
            content = .init()
        case .fixed(let buffer):
            content = .init(byteBuffer: buffer)
            headers[.contentType] = contentType
        case .wire(let bytes):
            content = Self.content(bytes)
            headers[.contentType] = contentType
        case .lines(let body):
            content = body.content
            headers[.contentType] = contentType
        }
        guard withoutBody else { return Response(status: status, headers: headers, body: content) }
        headers[.contentLength] = String(content.contentLength ?? 0)
        return Response(status: status, headers: headers)
    }

    private static func content(_ bytes: WireBytes) -> Hummingbird.ResponseBody {
        if bytes.chunks.count == 1 { return .init(byteBuffer: ByteBuffer(bytes: bytes.chunks[0])) }
        return .init(contentLength: bytes.count) { writer in
            for chunk in bytes.chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
            try await writer.finish(nil)
        }
    }
}
