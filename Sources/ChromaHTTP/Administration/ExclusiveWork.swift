import Synchronization

/// Lets one of its kind run at a time: work that reads or writes everything.
package final class ExclusiveWork: Sendable {
    /// The right to work. Given back by `end`, or when it is let go.
    package final class Turn: Sendable {
        private let owner: ExclusiveWork
        private let hasEnded = Atomic<Bool>(false)

        fileprivate init(_ owner: ExclusiveWork) {
            self.owner = owner
        }

        deinit { end() }

        package func end() {
            guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
            owner.isRunning.store(false, ordering: .releasing)
        }
    }

    private let isRunning = Atomic<Bool>(false)

    package init() {}

    /// The right to work; `nil` while somebody else has it.
    package func begin() -> Turn? {
        isRunning.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged ? Turn(self) : nil
    }
}
