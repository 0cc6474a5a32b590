import NIOCore
import Synchronization

/// What is known of one client's connection while it lasts: whether the client is still there, and what to stop when it is not.
final class ClientConnection: Sendable {
    private struct State {
        var hasLeft = false
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Runs `operation` in a task that is cancelled when the client leaves, or when the caller's own task is cancelled.
    /// For searches, whose result nobody would read; never for writes, which are finished once begun.
    func cancellingWhenClientLeaves<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await operation() }
        let hasLeft = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.hasLeft
        }
        if hasLeft { task.cancel() }
        defer { state.withLock { $0.cancel = nil } }
        return await withTaskCancellationHandler { await task.value } onCancel: { task.cancel() }
    }

    fileprivate func clientLeft() {
        let cancel = state.withLock { state in
            state.hasLeft = true
            return state.cancel
        }
        cancel?()
    }
}

/// The open connections, found by their channel. A request's handler knows only the channel, and a pipeline can be asked only from its event loop.
final class ClientConnections: Sendable {
    private let open = Mutex<[ObjectIdentifier: ClientConnection]>([:])

    /// The connection of `channel`, while it is open.
    subscript(channel: any Channel) -> ClientConnection? {
        open.withLock { $0[ObjectIdentifier(channel)] }
    }

    fileprivate func insert(_ connection: ClientConnection, for channel: any Channel) {
        open.withLock { $0[ObjectIdentifier(channel)] = connection }
    }

    fileprivate func remove(_ channel: any Channel) {
        _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}

/// Stands in each connection's pipeline and notices when the client goes.
///
/// A client that closes its sending side counts as gone, as in most servers: a socket that is closed altogether looks the same until written to.
final class ClientWatchHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    typealias InboundOut = Any

    private let connections: ClientConnections
    private let connection = ClientConnection()

    init(connections: ClientConnections) {
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.insert(connection, for: context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connection.clientLeft()
        connections.remove(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { connection.clientLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.clientLeft()
        context.fireChannelInactive()
    }
}
