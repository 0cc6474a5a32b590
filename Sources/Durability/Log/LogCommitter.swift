internal import VectorModel

/// Who does the log's work.
package enum LogExecution: Sendable {
    /// Threads of the log's own: one commits, one prepares files.
    case threads
    /// Nobody, until a test says `commitPending()`: the same calls in the same order on every run.
    case stepped
}

/// Carries out what `GroupCommit` decides: the thin shell with the lock, the thread and the files.
// SAFETY: `@unchecked Sendable`: `writer` is touched only by the one thread that performs actions; everything shared is in the monitor.
final class LogCommitter: @unchecked Sendable {
    typealias Waiter = CheckedContinuation<Result<Void, LogError>, Never>
    typealias Commit = GroupCommit<LogPayload, Waiter>

    let monitor: Monitor<Commit>
    private var writer: LogWriter

    init(_ commit: sending Commit, writer: LogWriter) {
        monitor = Monitor(commit)
        self.writer = writer
    }

    /// Performs actions until the log is closed.
    func run() {
        while perform(monitor.wait { $0.nextAction() }) {}
    }

    /// Performs actions until there are none.
    func runUntilIdle() {
        while let action = monitor.withLock({ $0.nextAction() }), perform(action) {}
    }

    /// Returns false when the log is closed.
    private func perform(_ action: Commit.Action) -> Bool {
        switch action {
        case .commit(let entries):
            commit(entries)
            return true
        case .finish(let seal):
            let result = Result { () throws(LogError) in try writer.finish(seal: seal) }
            wake(monitor.withLock { $0.finished(result) })
            return false
        }
    }

    private func commit(_ entries: [Commit.Entry]) {
        var rest = entries.map { LogWriter.Record(sequence: $0.sequence, payload: $0.payload) }[...]
        while let first = rest.first, let last = rest.last {
            do {
                let written = rest.prefix(try writer.write(rest))
                rest = rest.dropFirst(written.count)
                wake(monitor.withLock { $0.becameDurable(through: written.last?.sequence ?? first.sequence, bytes: Self.bytes(written)) })
            } catch {
                switch error {
                case .outOfSpace:
                    wake(monitor.withLock { $0.abandon(first.sequence...last.sequence, bytes: Self.bytes(rest), error) })
                case .failed, .overloaded, .recordTooLarge, .closed:
                    wake(monitor.withLock { $0.fail(error) })
                }
                return
            }
        }
    }

    private static func bytes(_ records: ArraySlice<LogWriter.Record>) -> Int {
        records.reduce(0) { $0 + $1.frameBytes }
    }

    /// Outside the lock: the woken may come straight back.
    private func wake(_ wakeups: [Commit.Wakeup]) {
        for (waiter, outcome) in wakeups { waiter.resume(returning: outcome) }
    }
}
