import ChromaWire
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import VectorModel

/// Reads request bodies from the socket straight into the buffer they are parsed in.
///
/// Refused before a byte is read: a declared length over the limit (413) or over what is left of the budget (503). Refused on the way: the same
/// for bodies of undeclared length, and clients that are too slow (408).
struct BodyReader: Sendable {
    private let configuration: ChromaHTTPConfiguration
    private let budget: BodyBudget

    init(configuration: ChromaHTTPConfiguration) {
        self.configuration = configuration
        budget = BodyBudget(limit: configuration.bodyBytesInFlightMax)
    }

    /// A share for one request, held as long as anything made of its body may be in memory.
    func share() -> BodyBudget.Share { budget.share() }

    func read(
        _ request: Request, from channel: any Channel, within share: BodyBudget.Share, dialect: Dialect
    ) async throws(WireError) -> ChromaWire.RequestBody {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        guard declared ?? 0 <= configuration.bodyBytesMax else {
            throw .payloadTooLarge(limit: configuration.bodyBytesMax, dialect: dialect)
        }
        guard share.grow(to: declared ?? 0) else { throw busy(dialect) }

        var buffer = PaddedBody(expectedByteCount: declared, limit: configuration.bodyBytesMax, dialect: dialect)
        let watch = BodyWatch(configuration: configuration, channel: channel)
        defer { watch.stop() }
        do {
            for try await chunk in request.body {
                let chunk: ByteBuffer = chunk
                guard share.grow(to: buffer.count + chunk.readableBytes) else { throw busy(dialect) }
                try Self.append(chunk, to: &buffer)
                watch.note(bytes: chunk.readableBytes)
            }
        } catch let error as WireError {
            throw error
        } catch is BodyTooSlow {
            throw WireError(
                status: 408, name: dialect.version == .v1 ? "InvalidArgumentError" : "ChromaError",
                message: "The request body did not arrive in time: \(buffer.count) bytes came, then too little for \(configuration.idleSeconds) s",
                dialect: dialect)
        } catch {
            // The connection broke; the answer reaches nobody, but the request must end.
            throw Self.incomplete(dialect)
        }
        if let declared, buffer.count != declared { throw Self.incomplete(dialect) }
        return buffer.finish()
    }

    private func busy(_ dialect: Dialect) -> WireError {
        WireError(RequestError(.overloaded(retryAfterSeconds: 1)), dialect: dialect)
    }

    private static func incomplete(_ dialect: Dialect) -> WireError {
        WireError(.invalid("body", "the connection ended before the whole request body had come"), dialect: dialect)
    }

    private static func append(_ chunk: ByteBuffer, to buffer: inout PaddedBody) throws(WireError) {
        var failure: WireError?
        chunk.withUnsafeReadableBytes { bytes in
            // SAFETY: the bytes are copied before the closure returns.
            do throws(WireError) { try buffer.append(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

/// Thrown into the stream of a body whose client is too slow.
struct BodyTooSlow: Error {}

/// Looks at a body's progress from the connection's event loop and ends the stream with `BodyTooSlow` when there is too little.
private final class BodyWatch: Sendable {
    private struct State {
        var progress: BodyProgress
        var timer: Scheduled<Void>?
        var isStopped = false
    }

    private let channel: any Channel
    private let state: Mutex<State>

    init(configuration: ChromaHTTPConfiguration, channel: any Channel) {
        self.channel = channel
        let progress = BodyProgress(
            idle: .seconds(configuration.idleSeconds), bytesPerSecondMin: configuration.bodyBytesPerSecondMin, start: .now)
        state = Mutex(State(progress: progress))
        schedule(after: .seconds(Int64(configuration.idleSeconds)))
    }

    func note(bytes: Int) {
        state.withLock { $0.progress.note(bytes: bytes, at: .now) }
    }

    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer
        }
        timer?.cancel()
    }

    private func schedule(after delay: TimeAmount) {
        let timer = channel.eventLoop.scheduleTask(in: delay) { [weak self] in self?.check() ?? () }
        state.withLock { state in
            if state.isStopped { timer.cancel() } else { state.timer = timer }
        }
    }

    private func check() {
        let now = ContinuousClock.now
        let (isStopped, next) = state.withLock { ($0.isStopped, $0.progress.nextCheck(at: now)) }
        if isStopped { return }
        if let next {
            schedule(after: TimeAmount(next - now))
        } else {
            channel.pipeline.fireErrorCaught(BodyTooSlow())
        }
    }
}
