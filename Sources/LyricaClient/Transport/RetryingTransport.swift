/// A transport that sends repeatable calls again as its policy says. The waiting, the clock and chance are arguments.
public struct RetryingTransport: HTTPTransport {
    /// Told before each wait: why, how long, and which attempt comes next.
    public typealias Observer = @Sendable (_ reason: String, _ wait: Duration, _ nextAttempt: Int) -> Void

    private let base: any HTTPTransport
    private let policy: RetryPolicy
    private let randomFraction: @Sendable () -> Double
    private let unixNow: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async -> Void
    private let observer: Observer

    public init(
        _ base: any HTTPTransport,
        policy: RetryPolicy,
        randomFraction: @escaping @Sendable () -> Double,
        unixNow: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async -> Void,
        observer: @escaping Observer
    ) {
        self.base = base
        self.policy = policy
        self.randomFraction = randomFraction
        self.unixNow = unixNow
        self.sleep = sleep
        self.observer = observer
    }

    /// Sends, waits and sends again until a call succeeds, is refused for good, or the policy gives up; then the last outcome is the outcome.
    public func send(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        var attempt = 1
        while true {
            let outcome = await Self.outcome(of: call, over: base)
            guard call.isRepeatable, !Task.isCancelled, let failure = failure(in: outcome) else { return try outcome.get() }
            switch policy.decision(after: failure, attempt: attempt, randomFraction: randomFraction()) {
            case .giveUp:
                return try outcome.get()
            case .retry(let wait):
                attempt += 1
                observer(Self.words(for: outcome), wait, attempt)
                await sleep(wait)
            }
        }
    }

    /// Sent once: what takes long is not begun a second time unasked.
    public func lines(_ call: HTTPCall, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) async throws(ClientError) -> HTTPReply {
        try await base.lines(call, onLine: onLine)
    }

    private static func outcome(of call: HTTPCall, over transport: any HTTPTransport) async -> Result<HTTPReply, ClientError> {
        do throws(ClientError) {
            return .success(try await transport.send(call))
        } catch {
            return .failure(error)
        }
    }

    private func failure(in outcome: Result<HTTPReply, ClientError>) -> RetryPolicy.Failure? {
        switch outcome {
        case .failure: .noAnswer
        case .success(let reply) where reply.isSuccess: nil
        case .success(let reply):
            .status(reply.status, retryAfter: reply.retryAfter.flatMap { RetryAfter.wait(from: $0, unixNow: unixNow()) })
        }
    }

    private static func words(for outcome: Result<HTTPReply, ClientError>) -> String {
        switch outcome {
        case .failure(let error): error.message
        case .success(let reply): "the server answered \(reply.status)"
        }
    }
}
