/// Whether and when a failed call is sent again. A value: chance comes in as an argument, waiting is done by others.
///
/// The wait before attempt n+1 lies between half and the whole of `baseDelay · 2ⁿ⁻¹`, capped by `delayMax`: it grows so that a server in trouble
/// is left alone, and is spread so that clients which failed together do not return together. A `Retry-After` of the server is a lower bound.
public struct RetryPolicy: Equatable, Sendable {
    /// How a call ended without success.
    public enum Failure: Equatable, Sendable {
        /// No answer came.
        case noAnswer
        /// An answer with an error status; `retryAfter` is what the server asked for.
        case status(Int, retryAfter: Duration?)
    }

    public enum Decision: Equatable, Sendable {
        case giveUp
        case retry(after: Duration)
    }

    /// Further attempts after the first; 0 switches retries off.
    public var retriesMax: Int
    /// The longest wait before the first retry.
    public var baseDelay: Duration
    /// The longest wait of our own choosing.
    public var delayMax: Duration
    /// The longest wait that a server may ask for; one that asks for more is given up, not kept waiting for.
    public var retryAfterMax: Duration

    public static let never = RetryPolicy(retriesMax: 0)

    public init(
        retriesMax: Int,
        baseDelay: Duration = .milliseconds(250),
        delayMax: Duration = .seconds(30),
        retryAfterMax: Duration = .seconds(300)
    ) {
        self.retriesMax = retriesMax
        self.baseDelay = baseDelay
        self.delayMax = delayMax
        self.retryAfterMax = retryAfterMax
    }

    /// - Parameters:
    ///   - attempt: The number of attempts that were made, from 1.
    ///   - randomFraction: Chance, in 0..<1.
    public func decision(after failure: Failure, attempt: Int, randomFraction: Double) -> Decision {
        guard attempt <= retriesMax else { return .giveUp }
        let ownDelay = backoff(attempt: attempt, randomFraction: randomFraction)
        switch failure {
        case .noAnswer:
            return .retry(after: ownDelay)
        case .status(let status, let retryAfter):
            guard Self.passes(status) else { return .giveUp }
            guard let retryAfter else { return .retry(after: ownDelay) }
            return retryAfter > retryAfterMax ? .giveUp : .retry(after: max(retryAfter, ownDelay))
        }
    }

    /// Whether a status is about the moment and not about the request.
    private static func passes(_ status: Int) -> Bool {
        switch status {
        case 429, 502, 503, 504: true
        default: false
        }
    }

    private func backoff(attempt: Int, randomFraction: Double) -> Duration {
        // Past 2^20 the cap has long been reached; the bound keeps the shift defined.
        let doubled = baseDelay * (1 << min(attempt - 1, 20))
        return min(doubled, delayMax) * (0.5 + 0.5 * randomFraction)
    }
}
