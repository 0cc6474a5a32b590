import Durability
import FoundationEssentials
import VectorModel

/// A fixed number of threads for searches and other work that takes longer than an event loop may wait, with a bounded queue.
///
/// Past the queue's bound a task is refused at once (`overloaded`), so that load shows as errors with a hint when to retry, not as growing memory and latency.
final class WorkerPool: Sendable {
    private struct Queue: Sendable {
        var tasks: [@Sendable () -> Void] = []
        var next = 0
        var isStopped = false
        var running = 0

        var waiting: Int { tasks.count - next }

        mutating func pop() -> (@Sendable () -> Void)? {
            guard next < tasks.count else { return nil }
            let task = tasks[next]
            next += 1
            if next == tasks.count || next >= 1_024 {
                tasks.removeFirst(next)
                next = 0
            }
            return task
        }
    }

    /// One per core.
    static var defaultThreadCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    private let queueLimit: Int
    private let execution: LogExecution
    private let queue: Monitor<Queue>

    /// - Parameter execution: stepped: no threads, every task runs at once on the thread of the caller.
    init(threads: Int, queueLimit: Int, execution: LogExecution = .threads) {
        precondition(threads > 0 && queueLimit > 0)
        self.queueLimit = queueLimit
        self.execution = execution
        queue = Monitor(Queue())
        switch execution {
        case .stepped: break
        case .threads:
            for _ in 0..<threads {
                startThread { [queue] in
                    while let task = queue.wait(for: Self.nextStep).task {
                        task()
                        queue.withLock { $0.running -= 1 }
                    }
                }
            }
        }
    }

    /// Whether anything runs or waits.
    var isBusy: Bool { queue.withLock { $0.running > 0 || $0.waiting > 0 } }

    /// Runs `body` on a worker and returns what it returns.
    /// - Throws: `overloaded` when the queue is full, `shuttingDown` after `stop`, `cancelled` when the caller's task was cancelled before the work began.
    func run<Result: Sendable>(
        _ control: SearchControl, _ body: @escaping @Sendable (SearchControl) throws(RequestError) -> Result
    ) async throws(RequestError) -> Result {
        let outcome: Swift.Result<Result, RequestError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let refusal = submit {
                    do throws(RequestError) {
                        try control.check()
                        continuation.resume(returning: .success(try body(control)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
                if let refusal { continuation.resume(returning: .failure(refusal)) }
            }
        } onCancel: {
            control.cancel()
        }
        return try outcome.get()
    }

    /// Finishes the tasks that wait, then ends the threads. Later tasks are refused.
    func stop() {
        queue.withLock { $0.isStopped = true }
        queue.signal()
    }

    private func submit(_ task: @escaping @Sendable () -> Void) -> RequestError? {
        if case .stepped = execution {
            if queue.withLock({ $0.isStopped }) { return RequestError(.shuttingDown) }
            task()
            return nil
        }
        let refusal: RequestError? = queue.withLock { queue in
            if queue.isStopped { return RequestError(.shuttingDown) }
            if queue.waiting >= queueLimit { return RequestError(.overloaded(retryAfterSeconds: 1)) }
            queue.tasks.append(task)
            return nil
        }
        if refusal == nil { queue.signalOne() }
        return refusal
    }

    /// What a thread does next: a task, or, when none waits any more, its end. `nil` while it must sleep.
    private static func nextStep(_ queue: inout Queue) -> (task: (@Sendable () -> Void)?, Void)? {
        if let task = queue.pop() {
            queue.running += 1
            return (task, ())
        }
        return queue.isStopped ? (nil, ()) : nil
    }
}
