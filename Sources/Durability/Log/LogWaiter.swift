internal import VectorModel

/// Somebody who waits to be told what became of a record: a task that is suspended or a thread that blocks.
enum LogWaiter: Sendable {
    case task(CheckedContinuation<Result<Void, LogError>, Never>)
    case thread(BlockedThread)

    func resume(returning outcome: Result<Void, LogError>) {
        switch self {
        case .task(let continuation): continuation.resume(returning: outcome)
        case .thread(let thread): thread.resume(returning: outcome)
        }
    }
}

/// A thread that sleeps until an outcome is known.
final class BlockedThread: Sendable {
    private let outcome = Monitor<Result<Void, LogError>?>(nil)

    func resume(returning result: Result<Void, LogError>) {
        outcome.withLock { $0 = result }
        outcome.signal()
    }

    func wait() -> Result<Void, LogError> {
        outcome.wait { $0 }
    }
}
