import Synchronization
import VectorModel

/// Lets a running search be stopped: by its caller, or by its deadline.
final class SearchControl: Sendable {
    private let isCancelled = Atomic<Bool>(false)
    private let deadline: ContinuousClock.Instant?

    init(deadline: ContinuousClock.Instant? = nil) {
        self.deadline = deadline
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Asked between blocks of work. Cost: one load, and one reading of the clock when there is a deadline.
    func check() throws(RequestError) {
        if isCancelled.load(ordering: .relaxed) { throw RequestError(.cancelled) }
        if let deadline, ContinuousClock.now >= deadline { throw RequestError(.deadlineExceeded) }
    }
}
