import Synchronization

/// Bounds the bytes of request bodies that the process holds at one time, over all connections.
public final class BodyBudget: Sendable {
    /// Bytes at most.
    public let limit: Int
    private let used = Atomic<Int>(0)

    public init(limit: Int) {
        self.limit = limit
    }

    /// Bytes held now.
    public var bytesInUse: Int { used.load(ordering: .relaxed) }

    /// Takes `count` bytes, or none when they do not fit.
    fileprivate func take(_ count: Int) -> Bool {
        var current = used.load(ordering: .relaxed)
        while count <= limit - current {
            let (exchanged, original) = used.compareExchange(expected: current, desired: current + count, ordering: .relaxed)
            if exchanged { return true }
            current = original
        }
        return false
    }

    fileprivate func giveBack(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }

    /// A share of the budget, empty at first. It is given back when the last reference to it goes.
    public func share() -> Share { Share(of: self) }

    public final class Share: Sendable {
        private let budget: BodyBudget
        private let held = Atomic<Int>(0)

        fileprivate init(of budget: BodyBudget) {
            self.budget = budget
        }

        /// Bytes held by this share.
        public var bytes: Int { held.load(ordering: .relaxed) }

        /// Makes the share at least `total` bytes. False, and nothing changed, when the budget has not that much left.
        public func grow(to total: Int) -> Bool {
            let missing = total - held.load(ordering: .relaxed)
            guard missing > 0 else { return true }
            guard budget.take(missing) else { return false }
            held.add(missing, ordering: .relaxed)
            return true
        }

        deinit {
            budget.giveBack(held.load(ordering: .relaxed))
        }
    }
}
