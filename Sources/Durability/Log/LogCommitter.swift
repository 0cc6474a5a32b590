internal import VectorModel

/// Who does the log's work.
package enum LogExecution: Sendable {
    /// Threads of the log's own: one commits, one prepares files.
    case threads
    /// Nobody, until a test says `commitPending()` or somebody waits: the same calls in the same order on every run.
    case stepped
}

/// Carries out what `GroupCommit` decides: the thin shell with the lock, the thread and the files.
// SAFETY: `@unchecked Sendable`: `writer` and `unsyncedSince` are touched only by the one thread that performs actions; everything shared is
// in the monitor.
final class LogCommitter: @unchecked Sendable {
    typealias Commit = GroupCommit<LogPayload, LogWaiter>

    let monitor: Monitor<Commit>
    private let durability: LogDurability
    private var writer: LogWriter
    /// When the oldest record that no sync has covered was written.
    private var unsyncedSince: ContinuousClock.Instant?
    /// How long writers may take to come back before the next group is written without them: a share of what writing the last one took, so that
    /// waiting never costs much more than it can save.
    private var patience = Duration.zero
    private static let patienceMax = Duration.milliseconds(1)

    init(_ commit: sending Commit, writer: LogWriter, durability: LogDurability) {
        monitor = Monitor(commit)
        self.writer = writer
        self.durability = durability
    }

    /// Performs actions until the log is closed.
    func run() {
        while perform(nextAction()) {}
    }

    /// Performs actions until there are none.
    func runUntilIdle() {
        while let action = monitor.withLock({ commit in
            commit.endGathering()
            return commit.nextAction()
        }), perform(action) {}
    }

    private func nextAction() -> Commit.Action {
        if monitor.withLock({ $0.isGathering }) {
            if let action = monitor.wait(atMost: patience, for: { $0.nextAction() }) { return action }
            monitor.withLock { $0.endGathering() }
        }
        while true {
            let left = millisecondsUntilSync()
            if left == 0 { monitor.withLock { $0.wantSync() } }
            if let action = monitor.wait(milliseconds: left, for: { $0.nextAction() }) { return action }
        }
    }

    /// How long the thread may go on without a sync; nil for ever.
    private func millisecondsUntilSync() -> Int? {
        guard case .interval(let milliseconds) = durability, let unsyncedSince else { return nil }
        let left = ContinuousClock.now.duration(to: unsyncedSince + .milliseconds(milliseconds))
        // Rounded up, lest the thread wakes just too early and asks again at once.
        return left <= .zero ? 0 : Int(left / .milliseconds(1)) + 1
    }

    /// Returns false when the log is closed.
    private func perform(_ action: Commit.Action) -> Bool {
        switch action {
        case .commit(let entries):
            commit(entries)
            return true
        case .sync:
            sync()
            return true
        case .finish(let seal):
            let result = Result { () throws(LogError) in try writer.finish(seal: seal) }
            wake(monitor.withLock { $0.finished(result) })
            return false
        }
    }

    private func commit(_ entries: [Commit.Entry]) {
        let began = ContinuousClock.now
        defer { patience = min((ContinuousClock.now - began) / 2, Self.patienceMax) }
        var rest = entries.map { LogWriter.Record(sequence: $0.sequence, payload: $0.payload) }[...]
        while let first = rest.first, let last = rest.last {
            do {
                let written = rest.prefix(try writer.write(rest))
                rest = rest.dropFirst(written.count)
                noteUnsynced()
                let through = written.last?.sequence ?? first.sequence
                wake(monitor.withLock { $0.becameDurable(through: through, bytes: Self.bytes(written), synced: writer.lastSynced) })
            } catch {
                switch error {
                case .outOfSpace:
                    wake(monitor.withLock { $0.abandon(first.sequence...last.sequence, bytes: Self.bytes(rest), error) })
                case .failed, .overloaded, .recordTooLarge, .closed:
                    fail(error)
                }
                return
            }
        }
    }

    private func sync() {
        do {
            try writer.sync()
            noteUnsynced()
            wake(monitor.withLock { $0.becameSynced(through: writer.lastSynced) })
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: LogError) {
        unsyncedSince = nil
        wake(monitor.withLock { $0.fail(error) })
    }

    private func noteUnsynced() {
        unsyncedSince = writer.isSynced ? nil : unsyncedSince ?? .now
    }

    private static func bytes(_ records: ArraySlice<LogWriter.Record>) -> Int {
        records.reduce(0) { $0 + $1.frameBytes }
    }

    /// Outside the lock: the woken may come straight back.
    private func wake(_ wakeups: [Commit.Wakeup]) {
        for (waiter, outcome) in wakeups { waiter.resume(returning: outcome) }
    }
}
