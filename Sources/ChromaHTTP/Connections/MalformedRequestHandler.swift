import ChromaWire
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Gives the answer to what is not HTTP a body that clients can show.
///
/// Such a request never reaches a route: the framework answers it, in its turn behind earlier ones, with an empty 400, and closes the
/// connection. That answer is known by its shape, which none of ours has, and completed here.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    typealias InboundOut = Any
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var failure: HTTPParserError?

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error as? HTTPParserError ?? failure
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let failure, case .head(let head) = unwrapOutboundIn(data), Self.isEmptyRefusal(head) else {
            return context.write(data, promise: promise)
        }
        let (completed, body) = Self.answer(to: failure, head)
        context.write(wrapOutboundOut(.head(completed)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: promise)
    }

    private static func isEmptyRefusal(_ head: HTTPResponse) -> Bool {
        head.status == .badRequest && head.headerFields[.contentLength] == "0"
    }

    private static func answer(to failure: HTTPParserError, _ head: HTTPResponse) -> (HTTPResponse, ByteBuffer) {
        let dialect = Dialect(version: .v2, userAgent: nil)
        let isTooLarge = failure == .headerOverflow
        let error = WireError(
            status: isTooLarge ? HTTPResponse.Status.requestHeaderFieldsTooLarge.code : HTTPResponse.Status.badRequest.code,
            name: "InvalidArgumentError",
            message: isTooLarge ? "The request line or the header fields are too large" : "This is not a valid HTTP/1.1 request: \(failure.debugDescription)",
            dialect: dialect)
        let bytes = ByteBuffer(bytes: ChromaWire.ResponseEncoder(dialect: dialect).error(error).chunks.joined())
        var head = head
        head.status = .init(code: error.status)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = String(bytes.readableBytes)
        return (head, bytes)
    }
}
