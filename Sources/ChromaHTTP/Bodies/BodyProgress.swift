/// Decides whether a client sends its body fast enough. Holds no clock and no timer: it is told the time.
///
/// A client that has sent nothing for `idle` is given up, and so is one whose average since the start falls below `bytesPerSecondMin` after the
/// first `idle`: else one byte now and then would hold a connection and its memory for ever.
public struct BodyProgress: Sendable {
    private let idle: Duration
    private let bytesPerSecondMin: Int
    private let start: ContinuousClock.Instant
    private var last: ContinuousClock.Instant
    private var received = 0

    public init(idle: Duration, bytesPerSecondMin: Int, start: ContinuousClock.Instant) {
        self.idle = idle
        self.bytesPerSecondMin = bytesPerSecondMin
        self.start = start
        last = start
    }

    public mutating func note(bytes: Int, at now: ContinuousClock.Instant) {
        received += bytes
        last = now
    }

    /// When to look again, unless the client is too slow already: then `nil`.
    public func nextCheck(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard now - last < idle else { return nil }
        let elapsed = now - start
        if elapsed >= idle, elapsed.components.seconds * Int64(bytesPerSecondMin) > Int64(received) { return nil }
        return last + idle
    }
}
