import ChromaWire
import Engine
import HTTPTypes
import NIOCore
import VectorModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The endpoints about the server itself.
extension ChromaHandlers {
    /// Answers only once the data is there: health checks and clients take the heartbeat for "may be used".
    func heartbeat(_ call: Call) throws(WireError) -> Reply {
        _ = try gate.database(call.dialect)
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .json(call.encoder.heartbeat(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)))
    }

    /// The version of the protocol that is spoken, as Chroma's own servers name it, not of this program.
    func version(_ call: Call) -> Reply {
        switch call.dialect.version {
        case .v1: .json(call.encoder.string("0.4.24"))
        case .v2: .json(call.encoder.string("1.0.0"))
        }
    }

    func healthcheck(_ call: Call) -> Reply {
        let isReady = gate.isOpen
        return .json(call.encoder.healthcheck(ready: isReady), status: isReady ? .ok : .serviceUnavailable)
    }

    func reset(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        try await call.engine { () async throws(RequestError) in try await database.reset() }
        return .json(call.encoder.boolean(true))
    }
}
