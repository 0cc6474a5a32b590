import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers `Expect: 100-continue` (RFC 9110, section 10.1.1), so that clients which ask before they send a large body need not wait in vain.
///
/// A body whose declared length is over the limit is not asked for: its request is answered with 413 at once.
final class ContinueHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private let bodyBytesMax: Int

    init(bodyBytesMax: Int) {
        self.bodyBytesMax = bodyBytesMax
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.method != .get, Self.expectsContinue(head.headerFields),
            head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= bodyBytesMax {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        context.fireChannelRead(data)
    }

    private static func expectsContinue(_ headers: HTTPFields) -> Bool {
        headers[.expect]?.lowercased() == "100-continue"
    }
}
