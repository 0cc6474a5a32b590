import ChromaWire
import FoundationEssentials
import HTTPTypes
public import Hummingbird
public import Logging
public import NIOCore
import VectorModel

/// What a request's handler is told by the server: the connection it came on.
public struct ConnectionContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// The whole HTTP surface of the server: every request comes in here and leaves as a response.
///
/// It replaces the framework's router and middleware, so that a request costs one walk through the route table, and so that wrong paths and
/// methods are answered in the form of the protocol they belong to. It never throws.
public struct ChromaResponder: HTTPResponder {
    public typealias Context = ConnectionContext

    private let configuration: ChromaHTTPConfiguration
    private let routes: RouteTable
    private let handlers: ChromaHandlers
    private let connections = ClientConnections()
    private let freedMemory: FreedMemory
    private let logger: Logger

    /// - Parameters:
    ///   - gate: where the database is found once it is open.
    ///   - logger: gets one line per request at level `debug`, without bodies.
    public init(configuration: ChromaHTTPConfiguration, gate: DatabaseGate, version: String, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        freedMemory = FreedMemory(logger: logger)
        routes = RouteTable(Routes.all)
        handlers = ChromaHandlers(
            configuration: configuration, gate: gate, bodies: BodyReader(configuration: configuration), connections: connections,
            documents: ServedDocuments(version: version, configuration: configuration), administration: Administration(version: version))
    }

    /// The handlers that each connection needs in its pipeline.
    public func connectionHandlers() -> [any RemovableChannelHandler] {
        [
            MalformedRequestHandler(), ClientWatchHandler(connections: connections, configuration: configuration),
            ContinueHandler(bodyBytesMax: configuration.bodyBytesMax),
        ]
    }

    public func respond(to request: Request, context: ConnectionContext) async -> Response {
        guard logger.logLevel <= .debug else { return await answer(request, context) }
        let start = ContinuousClock.now
        let response = await answer(request, context)
        let elapsed = ContinuousClock.now - start
        logger.debug("request", metadata: [
            "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
            "microseconds": "\(elapsed.components.seconds * 1_000_000 + elapsed.components.attoseconds / 1_000_000_000_000)",
        ])
        return response
    }

    private func answer(_ request: Request, _ context: ConnectionContext) async -> Response {
        if let fields = configuration.crossOrigin.preflightFields(method: request.method, headers: request.headers) {
            return Response(status: .noContent, headers: fields)
        }
        let target = RequestTarget(request.head.path ?? "/")
        let match = routes.match(request.method, target.segments)
        let version = Self.version(of: match, target)
        let dialect = ClientGeneration.dialect(version: version, headers: request.headers, query: target.query)

        let reply = await reply(to: request, match, target, dialect, context)
        var response = reply.response(withoutBody: request.method == .head)
        response.headers[version == .v1 ? Self.traceName1 : Self.traceName2] = UUID().uuidString.lowercased()
        if let fields = configuration.crossOrigin.responseFields(for: request.headers) { response.headers.append(contentsOf: fields) }
        if Self.leavesBodyUnread(reply.status) { closeSoon(context.channel, &response) }
        return response
    }

    private func reply(
        to request: Request, _ match: RouteTable.Match, _ target: RequestTarget, _ dialect: Dialect, _ context: ConnectionContext
    ) async -> Reply {
        let encoder = ChromaWire.ResponseEncoder(dialect: dialect)
        switch match {
        case .found(let route, let values):
            let call = Call(
                route: route, values: values, query: target.query, dialect: dialect, request: request, channel: context.channel,
                bodyShare: handlers.bodies.share(), logger: logger)
            let reply: Reply
            do { reply = try await handlers.answer(call) } catch { reply = .failure(error, encoder: encoder) }
            freedMemory.note(requestBytes: call.bodyShare.bytes + reply.body.count)
            return reply
        case .wrongMethod(let allowed):
            var reply = Reply.failure(.methodNotAllowed(dialect: dialect), encoder: encoder)
            reply.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
            return reply
        case .unknownPath:
            return .failure(.routeNotFound(path: request.uri.path, dialect: dialect), encoder: encoder)
        }
    }

    private static func version(of match: RouteTable.Match, _ target: RequestTarget) -> APIVersion {
        switch match {
        case .found(let route, _): route.version ?? .v2
        case .wrongMethod, .unknownPath: ClientGeneration.version(ofUnknownPath: target.segments)
        }
    }

    /// Whether a body may still be on its way that nobody will read.
    private static func leavesBodyUnread(_ status: HTTPResponse.Status) -> Bool {
        status == .contentTooLarge || status == .requestTimeout
    }

    /// The framework reads the rest of a refused body and drops it, so that the client, which is still sending, sees the answer. Not for ever.
    private func closeSoon(_ channel: any Channel, _ response: inout Response) {
        response.headers[.connection] = "close"
        channel.eventLoop.scheduleTask(in: .seconds(Int64(configuration.lingerSeconds))) { channel.close(promise: nil) }
    }

    private static let traceName1 = HTTPField.Name("Chroma-Trace-Id")!
    private static let traceName2 = HTTPField.Name("chroma-trace-id")!
}
