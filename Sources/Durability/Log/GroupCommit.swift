internal import FileIO
package import VectorModel

/// Which appended payloads go to the disk together, who waits for them, and what everybody is told: the log's state without threads or files.
///
/// Invariants:
/// 1. Numbers are given out in order and never twice, also not after they were abandoned for want of space.
/// 2. `lastDurable` and `lastSynced` never decrease, and `lastSynced` ≤ `lastDurable`. A waiter is told success only for a number up to
///    the one of them that it asked about.
/// 3. After a failure nothing is appended and nothing becomes durable.
/// 4. Every waiter is told exactly once.
package struct GroupCommit<Payload, Waiter> {
    /// A payload that has its number.
    package struct Entry {
        package let sequence: SequenceNumber
        package let payload: Payload
    }

    /// What the committing thread is to do next.
    package enum Action {
        /// Write these, in this order. Answer with `becameDurable`, `abandon` or `fail`.
        case commit([Entry])
        /// Sync everything written. Answer with `becameSynced` or `fail`.
        case sync
        /// Seal if asked to, close the files, and answer with `finished`.
        case finish(seal: Bool)
    }

    /// Somebody to wake, and what to say.
    package typealias Wakeup = (waiter: Waiter, outcome: Result<Void, LogError>)

    private enum Phase {
        case running
        case closing(seal: Bool)
        case closed(Result<Void, LogError>)
    }

    /// The highest number that is as durable as an acknowledgement promises.
    package private(set) var lastDurable: SequenceNumber
    /// The highest number that a sync has covered.
    package private(set) var lastSynced: SequenceNumber
    private var next: SequenceNumber
    private let pendingBytesMax: Int

    private var pending: [Entry] = []
    /// Waiting or being written.
    private var pendingBytes = 0
    private var isThreadIdle = false
    /// With so many pending the next group is written; with fewer the thread waits a moment for more, see `gather`.
    private var gatheringTarget = 0

    private var phase = Phase.running
    private var isFinishing = false
    private var failure: LogError?
    /// Ascending; neighbours are merged, so there is at most one for each time that the disk was full.
    private var abandonedRanges: [(range: ClosedRange<SequenceNumber>, error: LogError)] = []

    private var waiters: [(sequence: SequenceNumber, waiter: Waiter)] = []
    private var syncWaiters: [(sequence: SequenceNumber, waiter: Waiter)] = []
    private var closeWaiters: [Waiter] = []
    private var isSyncWanted = false

    package init(lastDurable: SequenceNumber, pendingBytesMax: Int) {
        self.lastDurable = lastDurable
        lastSynced = lastDurable
        next = lastDurable.next
        self.pendingBytesMax = pendingBytesMax
    }

    // MARK: Callers

    /// Gives `payload` its number. `wakesThread` says that the committing thread sleeps and must be signalled.
    package mutating func append(_ payload: Payload, bytes: Int) throws(LogError) -> (sequence: SequenceNumber, wakesThread: Bool) {
        if let failure { throw failure }
        guard case .running = phase else { throw .closed }
        guard pendingBytes == 0 || bytes <= pendingBytesMax - pendingBytes else {
            throw .overloaded(pendingBytes: pendingBytes, limit: pendingBytesMax)
        }
        let sequence = next
        next = next.next
        pendingBytes += bytes
        pending.append(Entry(sequence: sequence, payload: payload))
        return (sequence, wakeThread())
    }

    /// The outcome for `sequence` if it is known; else keeps `waiter` and returns nil.
    package mutating func wait(for sequence: SequenceNumber, _ waiter: Waiter) -> Result<Void, LogError>? {
        if let known = outcome(of: sequence) { return known }
        waiters.append((sequence, waiter))
        return nil
    }

    /// What became of `sequence`, or nil while that is open.
    package func outcome(of sequence: SequenceNumber) -> Result<Void, LogError>? {
        precondition(sequence < next, "waiting for a number that was never given out")
        if let error = abandonment(of: sequence) { return .failure(error) }
        if sequence <= lastDurable { return .success(()) }
        return failure.map { .failure($0) }
    }

    /// As `wait`, but for the sync that covers `sequence`, which it asks for if need be.
    package mutating func waitForSync(of sequence: SequenceNumber, _ waiter: Waiter) -> (outcome: Result<Void, LogError>?, wakesThread: Bool) {
        if let error = abandonment(of: sequence) { return (.failure(error), false) }
        precondition(sequence < next, "waiting for a number that was never given out")
        if sequence <= lastSynced { return (.success(()), false) }
        if let failure { return (.failure(failure), false) }
        syncWaiters.append((sequence, waiter))
        return (nil, wakeThread())
    }

    /// Asks for a sync of what is written, if anything is not synced.
    package mutating func wantSync() {
        isSyncWanted = lastSynced < lastDurable
    }

    /// Asks for the end once everything pending is durable. Returns the outcome if the end has come; else keeps `waiter`, if any.
    package mutating func close(seal: Bool, _ waiter: Waiter?) -> (outcome: Result<Void, LogError>?, wakesThread: Bool) {
        switch phase {
        case .closed(let outcome): return (outcome, false)
        case .running: phase = .closing(seal: seal)
        case .closing: break
        }
        if let waiter { closeWaiters.append(waiter) }
        return (nil, wakeThread())
    }

    // MARK: The committing thread

    /// What to do now; nil means sleep until signalled.
    package mutating func nextAction() -> Action? {
        if isGathering { return nil }
        if failure == nil, isSyncWanted || syncWaiters.contains(where: { $0.sequence <= lastDurable }) {
            isSyncWanted = false
            return .sync
        }
        if !pending.isEmpty {
            defer { pending = [] }
            gatheringTarget = 0
            return .commit(pending)
        }
        if case .closing(let seal) = phase, !isFinishing {
            isFinishing = true
            return .finish(seal: seal && failure == nil)
        }
        isThreadIdle = true
        return nil
    }

    /// Everything through `sequence`, of which `bytes` were pending, is as durable as promised, and everything through `synced` is synced.
    package mutating func becameDurable(through sequence: SequenceNumber, bytes: Int, synced: SequenceNumber) -> [Wakeup] {
        lastDurable = sequence
        pendingBytes -= bytes
        let woken = Self.take(from: &waiters) { $0 <= sequence }
        gather(woken.count)
        return woken.map { ($0, .success(())) } + becameSynced(through: synced)
    }

    /// Writers that have just been told mostly come back at once. Without waiting for them two halves of the writers take turns, and each sync
    /// serves one half only. One writer alone is never waited for, since it then has nobody to wait with.
    ///
    /// The thread ends it with `endGathering` when they take too long.
    private mutating func gather(_ woken: Int) {
        gatheringTarget = pending.isEmpty ? 0 : pending.count + woken
    }

    /// Whether the next group is still being waited for.
    package var isGathering: Bool {
        guard case .running = phase, failure == nil, syncWaiters.isEmpty, !isSyncWanted else { return false }
        return !pending.isEmpty && pending.count < gatheringTarget
    }

    /// What is pending is written, whoever else may come.
    package mutating func endGathering() {
        gatheringTarget = 0
    }

    /// A sync has covered everything through `sequence`.
    package mutating func becameSynced(through sequence: SequenceNumber) -> [Wakeup] {
        lastSynced = sequence
        return Self.take(from: &syncWaiters) { $0 <= sequence }.map { ($0, .success(())) }
    }

    /// The numbers in `range` will never be in the log, since there was no space; what comes later may be.
    package mutating func abandon(_ range: ClosedRange<SequenceNumber>, bytes: Int, _ error: LogError) -> [Wakeup] {
        pendingBytes -= bytes
        if let latest = abandonedRanges.last, latest.range.upperBound.next == range.lowerBound {
            abandonedRanges[abandonedRanges.count - 1] = (latest.range.lowerBound...range.upperBound, error)
        } else {
            abandonedRanges.append((range, error))
        }
        let due = Self.take(from: &waiters) { range.contains($0) } + Self.take(from: &syncWaiters) { range.contains($0) }
        return due.map { ($0, .failure(error)) }
    }

    /// Nothing more can be trusted to the files: everybody is told, now and later.
    package mutating func fail(_ error: LogError) -> [Wakeup] {
        failure = error
        pending = []
        pendingBytes = 0
        let due = Self.take(from: &waiters) { _ in true } + Self.take(from: &syncWaiters) { _ in true }
        return due.map { ($0, .failure(error)) }
    }

    /// The files are closed.
    package mutating func finished(_ result: Result<Void, LogError>) -> [Wakeup] {
        let outcome = failure.map { .failure($0) } ?? result
        phase = .closed(outcome)
        if case .success = outcome { lastSynced = lastDurable }
        let due = closeWaiters + Self.take(from: &syncWaiters) { _ in true }
        closeWaiters = []
        return due.map { ($0, outcome) }
    }

    // MARK: Parts

    private mutating func wakeThread() -> Bool {
        if gatheringTarget > 0 { return !isGathering }
        defer { isThreadIdle = false }
        return isThreadIdle
    }

    private static func take(
        from waiters: inout [(sequence: SequenceNumber, waiter: Waiter)], where isDue: (SequenceNumber) -> Bool
    ) -> [Waiter] {
        let due = waiters.filter { isDue($0.sequence) }
        if !due.isEmpty { waiters.removeAll { isDue($0.sequence) } }
        return due.map(\.waiter)
    }

    private func abandonment(of sequence: SequenceNumber) -> LogError? {
        var low = 0
        var high = abandonedRanges.count
        while low < high {
            let middle = (low + high) / 2
            if abandonedRanges[middle].range.upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        guard low < abandonedRanges.count, abandonedRanges[low].range.contains(sequence) else { return nil }
        return abandonedRanges[low].error
    }
}
