import LyricaClient
import Synchronization
import Testing

@Suite struct RetryTests {
    let policy = RetryPolicy(retriesMax: 4, baseDelay: .seconds(1), delayMax: .seconds(5), retryAfterMax: .seconds(60))

    @Test func waitsGrowUpToTheirCapAndSpreadOverHalf() {
        let longest = (1...4).map { policy.decision(after: .noAnswer, attempt: $0, randomFraction: 1) }
        #expect(longest == [.retry(after: .seconds(1)), .retry(after: .seconds(2)), .retry(after: .seconds(4)), .retry(after: .seconds(5))])
        #expect(policy.decision(after: .noAnswer, attempt: 2, randomFraction: 0) == .retry(after: .seconds(1)))
        #expect(policy.decision(after: .noAnswer, attempt: 5, randomFraction: 0) == .giveUp)
        #expect(RetryPolicy(retriesMax: .max).decision(after: .noAnswer, attempt: 1_000_000, randomFraction: 1) == .retry(after: .seconds(30)))
    }

    @Test(arguments: [400, 401, 404, 409, 413, 422, 500, 501]) func doesNotRepeatWhatIsRefusedForGood(status: Int) {
        #expect(policy.decision(after: .status(status, retryAfter: .seconds(1)), attempt: 1, randomFraction: 0) == .giveUp)
    }

    @Test(arguments: [429, 502, 503, 504]) func repeatsWhatPasses(status: Int) {
        #expect(policy.decision(after: .status(status, retryAfter: nil), attempt: 1, randomFraction: 1) == .retry(after: .seconds(1)))
        #expect(policy.decision(after: .status(status, retryAfter: .seconds(9)), attempt: 1, randomFraction: 1) == .retry(after: .seconds(9)))
        #expect(policy.decision(after: .status(status, retryAfter: .zero), attempt: 1, randomFraction: 1) == .retry(after: .seconds(1)))
        #expect(policy.decision(after: .status(status, retryAfter: .seconds(61)), attempt: 1, randomFraction: 1) == .giveUp)
    }

    @Test func neverMeansNever() {
        #expect(RetryPolicy.never.decision(after: .noAnswer, attempt: 1, randomFraction: 0) == .giveUp)
    }

    @Test func retryAfterIsSecondsOrADate() {
        #expect(RetryAfter.wait(from: "120", unixNow: 0) == .seconds(120))
        #expect(RetryAfter.wait(from: "Sun, 06 Nov 1994 08:49:37 GMT", unixNow: 784_111_770) == .seconds(7))
        #expect(RetryAfter.wait(from: "Thu, 29 Feb 2024 00:00:00 GMT", unixNow: 1_709_164_790) == .seconds(10))
        #expect(RetryAfter.wait(from: "Sun, 06 Nov 1994 08:49:37 GMT", unixNow: 800_000_000) == .zero)
        for text in ["", "-1", "soon", "1.5", "99999999999999999999", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            #expect(RetryAfter.wait(from: text, unixNow: 0) == nil, "\(text)")
        }
    }

    /// What happens to one call when the first attempts fail as given.
    private func outcome(
        of call: HTTPCall, failures: [Result<HTTPReply, ClientError>]
    ) async -> (result: Result<HTTPReply, ClientError>, waits: [Duration], calls: Int) {
        let server = FakeServer { number, _ in
            number <= failures.count ? failures[number - 1] : .success(HTTPReply(status: 200, body: []))
        }
        let waits = Mutex<[Duration]>([])
        let transport = RetryingTransport(
            server, policy: policy, randomFraction: { 1 }, unixNow: { 0 }, sleep: { wait in waits.withLock { $0.append(wait) } }, observer: { _, _, _ in }
        )
        do throws(ClientError) {
            return (.success(try await transport.send(call)), waits.withLock { $0 }, server.calls)
        } catch {
            return (.failure(error), waits.withLock { $0 }, server.calls)
        }
    }

    private let lost = Result<HTTPReply, ClientError>.failure(.unreachable(url: "http://x", reason: "gone"))
    private let busy = Result<HTTPReply, ClientError>.success(HTTPReply(status: 503, retryAfter: "3", body: []))
    private let read = HTTPCall(.get, "/", isRepeatable: true)

    @Test func triesAgainUntilItSucceeds() async throws {
        let found = await outcome(of: read, failures: [lost, busy])
        #expect(try found.result.get().status == 200)
        #expect(found.waits == [.seconds(1), .seconds(3)])
        #expect(found.calls == 3)
    }

    @Test func givesTheLastOutcomeWhenItGivesUp() async throws {
        let found = await outcome(of: read, failures: Array(repeating: lost, count: 9))
        #expect(found.result == lost)
        #expect(found.calls == 5)
        #expect(await outcome(of: read, failures: Array(repeating: busy, count: 9)).result == busy)
    }

    @Test func sendsOnceWhatMustNotBeRepeated() async throws {
        let found = await outcome(of: HTTPCall(.delete, "/", isRepeatable: false), failures: [lost])
        #expect(found.result == lost)
        #expect(found.calls == 1)
    }
}
