import ChromaHTTP
import Durability
import Engine
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
import VectorKernels

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The server as a whole: listens, recovers the data, serves until told to stop, finishes what runs and closes the data.
public struct LyricaServer: Sendable {
    /// The version of this program.
    public static let version = "0.1.0"

    private let configuration: ServerConfiguration
    private let logger: Logger

    public init(configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, then finishes running requests within the grace period and returns.
    public func run() async throws(StartFailure) {
        let kernels = try selectKernels()
        for remark in configuration.remarks { logger.notice("\(remark)") }
        if let descriptors = FileDescriptorLimit.raise(), descriptors < configuration.maxConnections + 64 {
            logger.notice("the system allows fewer open files than --max-connections needs", metadata: ["allowed": "\(descriptors)"])
        }

        let gate = DatabaseGate()
        let (listening, announce) = AsyncStream<SocketAddress?>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let database = DatabaseService(
            configuration: configuration.database, gate: gate, listening: listening,
            onReady: { database, address, duration in announceReady(database, address, kernels, duration) }, logger: logger)
        let application = application(gate: gate) { channel in
            announce.yield(channel.localAddress)
            announce.finish()
        }

        // Stopped in the reverse order: the database outlives the last request.
        var group = ServiceGroupConfiguration(
            services: [.init(service: database), .init(service: application), .init(service: StorageWatch(gate: gate, logger: logger))],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quietLogger)
        group.maximumGracefulShutdownDuration = .seconds(configuration.shutdownGraceSeconds)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw failure(error)
        }
        logger.info("stopped")
    }

    private func selectKernels() throws(StartFailure) -> InstructionSet {
        do {
            let forced = getenv(VectorKernels.environmentVariable).map { String(cString: $0) }
            return try VectorKernels.select(forced: forced).instructionSet
        } catch {
            throw .kernels(error)
        }
    }

    private func application(
        gate: DatabaseGate, onListening: @escaping @Sendable (any Channel) -> Void
    ) -> Application<ChromaResponder> {
        let responder = ChromaResponder(configuration: configuration.http, gate: gate, version: Self.version, logger: logger)
        // The connection's own timer also covers heads and the time between requests; bodies have theirs, which answers before this one hangs up.
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: responder.connectionHandlers(), idleTimeout: .seconds(Int64(configuration.http.idleSeconds) + 5))
        return Application(
            responder: responder,
            server: .http1(configuration: channel),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "lyrica-vectord",
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { channel in onListening(channel) },
            logger: quietLogger)
    }

    /// For the frameworks beneath: their reports of ordinary events would repeat ours.
    private var quietLogger: Logger {
        var quiet = logger
        if quiet.logLevel > .trace { quiet.logLevel = max(.critical, quiet.logLevel) }
        return quiet
    }

    private func announceReady(_ database: VectorDatabase, _ address: SocketAddress?, _ kernels: InstructionSet, _ duration: Duration) {
        let port = address?.port ?? configuration.port
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
        let recovery = database.recovery
        if let cut = recovery.cut {
            logger.notice("the end of the log was incomplete and has been cut off; it had never been acknowledged", metadata: [
                "file": "\(cut.file)", "offset": "\(cut.offset)", "bytes": "\(cut.bytes)",
            ])
        }
        logger.info("ready", metadata: [
            "address": "\(host):\(port)", "data": "\(configuration.database.dataDirectory)", "kernels": "\(kernels)",
            "recovered": "\(recovery.records) changes in \(milliseconds) ms", "docs": "http://\(host):\(port)/docs",
            "version": "\(Self.version)",
        ])
    }

    private func failure(_ error: any Error) -> StartFailure {
        switch error {
        case let failure as StartFailure: failure
        case let error as IOError where error.errnoCode == EADDRINUSE:
            .portInUse(host: configuration.host, port: configuration.port)
        case let error as IOError:
            .cannotListen(host: configuration.host, port: configuration.port, cause: String(cString: strerror(error.errnoCode)))
        case let error as SocketAddressError:
            .cannotListen(host: configuration.host, port: configuration.port, cause: "\(error)")
        case is SocketAddressError.UnknownHost:
            .cannotListen(host: configuration.host, port: configuration.port, cause: "no such host")
        default: .other("\(error)")
        }
    }
}
