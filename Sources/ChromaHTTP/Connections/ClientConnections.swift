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

/// Stands in each connection's pipeline and notices when the client goes, or takes nothing of its answers any more.
///
/// A client that closes its sending side may wait for its answer or be gone: the two look the same until one writes to it. So what it asked for
/// goes on a little, then counts as unwanted. A client that lets its answers pile up for the idle time is cut off, since they hold memory.
final class ClientWatchHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    typealias InboundOut = Any

    private let connections: ClientConnections
    private let connection = ClientConnection()
    private let halfClosedTime: TimeAmount
    private let stallTime: TimeAmount
    private var leaving: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(connections: ClientConnections, configuration: ChromaHTTPConfiguration) {
        self.connections = connections
        halfClosedTime = .milliseconds(Int64(configuration.halfClosedMilliseconds))
        stallTime = .seconds(Int64(configuration.idleSeconds))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.insert(connection, for: context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clientLeft()
        stall?.cancel()
        connections.remove(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed, leaving == nil {
            leaving = context.eventLoop.scheduleTask(in: halfClosedTime) { [connection] in connection.clientLeft() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        let channel = context.channel
        stall = channel.isWritable ? nil : context.eventLoop.scheduleTask(in: stallTime) { channel.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientLeft()
        context.fireChannelInactive()
    }

    private func clientLeft() {
        leaving?.cancel()
        connection.clientLeft()
    }
}
