import Synchronization

/// Counts what is done, tells the caller, and ends the work when the caller, or its task, wants that.
///
/// Used by one thread; only `cancel` comes from others.
final class BackupMeter: Sendable {
    private struct State: Sendable {
        var phase = BackupProgress.Phase.log
        var done = 0
        var total = 0
    }

    private let state = Mutex(State())
    private let isCancelled = Atomic<Bool>(false)
    private let pacer: Pacer
    private let progress: @Sendable (BackupProgress) -> Bool

    /// - Parameter progress: returns false to stop.
    init(pacer: Pacer, _ progress: @escaping @Sendable (BackupProgress) -> Bool) {
        self.pacer = pacer
        self.progress = progress
    }

    /// For work that gives way to nobody.
    convenience init(_ progress: @escaping @Sendable (BackupProgress) -> Bool) {
        self.init(pacer: Pacer(bytesPerSecond: 0, isBusy: { false }), progress)
    }

    func cancel() {
        isCancelled.store(true, ordering: .releasing)
        pacer.stop()
    }

    /// Begins a phase of so many bytes.
    func begin(_ phase: BackupProgress.Phase, bytes: Int) throws(BackupError) {
        state.withLock { $0 = State(phase: phase, done: 0, total: bytes) }
        try advance(0)
    }

    /// Called about once per MiB. `paced`: it was read and written for this, so it counts for the rate.
    /// - Throws: `cancelled`.
    func advance(_ bytes: Int, paced: Bool = false) throws(BackupError) {
        guard tell(bytes) else { throw .cancelled }
        guard paced else { return }
        do throws(MaintenanceError) {
            try pacer.step()
        } catch {
            throw .cancelled
        }
    }

    /// As `advance`; false to stop.
    func tell(_ bytes: Int) -> Bool {
        let now = state.withLock { state in
            state.done += bytes
            return BackupProgress(phase: state.phase, bytesDone: state.total > 0 ? min(state.done, state.total) : state.done, bytesTotal: state.total)
        }
        if !progress(now) { cancel() }
        return !isCancelled.load(ordering: .acquiring)
    }
}
