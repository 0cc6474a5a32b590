package import ChromaWire
import Synchronization

/// The lines of an answer that takes long, on their way from the thread that works to the connection that sends them.
///
/// Holds one line at most: where the client reads slower than the work goes on, it sees fewer. Where there is no news the last line is sent again,
/// which tells client and proxies that the work goes on, and finds out whether the client is still there.
package final class LongAnswer: Sendable {
    package enum Event: Sendable {
        case progress(WireBytes)
        /// How the work ended; the last event.
        case end(Result<WireBytes, WireError>)
    }

    /// Time between two lines of progress.
    private static let interval = Duration.milliseconds(100)
    /// Well within what clients and proxies wait for.
    package static let silence = Duration.seconds(5)

    /// Read by one reader at a time.
    package let events: AsyncStream<Event>
    private let sink: AsyncStream<Event>.Continuation
    private let silence: Duration
    private let isWanted = Atomic<Bool>(true)
    /// Events are sent with this locked, so that nothing takes the place of the last one.
    private let state: Mutex<State>

    private struct State {
        var last: WireBytes
        var nextLine = ContinuousClock.now
        var hasEnded = false
    }

    /// - Parameters:
    ///   - first: the line to send if there is no news from the beginning.
    ///   - silence: time after which a line is sent though there is no news.
    package init(first: WireBytes, silence: Duration = LongAnswer.silence) {
        self.silence = silence
        (events, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex(State(last: first))
    }

    /// Tells how far the work is. Called by the thread that works, as often as it likes.
    /// - Returns: whether the work is still wanted.
    package func note(_ line: () -> WireBytes) -> Bool {
        guard isWanted.load(ordering: .acquiring) else { return false }
        let now = ContinuousClock.now
        state.withLock { state in
            guard now >= state.nextLine, !state.hasEnded else { return }
            state.last = line()
            state.nextLine = now + Self.interval
            sink.yield(.progress(state.last))
        }
        return true
    }

    /// Sends the last line again whenever nothing has been noted for a while, until the task is cancelled.
    package func repeatInSilence() async {
        while true {
            do { try await Task.sleep(for: silence) } catch { return }
            let now = ContinuousClock.now
            state.withLock { state in
                if state.nextLine + silence / 2 <= now, !state.hasEnded { sink.yield(.progress(state.last)) }
            }
        }
    }

    /// The work has ended.
    package func end(_ outcome: Result<WireBytes, WireError>) {
        state.withLock { state in
            state.hasEnded = true
            sink.yield(.end(outcome))
            sink.finish()
        }
    }

    /// The answer is not wanted any more: the work ends at its next step.
    package func stop() {
        isWanted.store(false, ordering: .releasing)
    }
}
