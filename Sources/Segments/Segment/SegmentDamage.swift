import ByteCoding
import Synchronization

/// Tells the owner of a segment, once, that its file is damaged.
final class SegmentDamage: Sendable {
    private let wasReported = Atomic<Bool>(false)
    private let onDamage: @Sendable (Corruption) -> Void

    init(_ onDamage: @escaping @Sendable (Corruption) -> Void) {
        self.onDamage = onDamage
    }

    /// Reports `corruption` unless another was, and returns it to be thrown.
    @inline(never)
    func report(_ corruption: Corruption) -> Corruption {
        if !wasReported.exchange(true, ordering: .relaxed) { onDamage(corruption) }
        return corruption
    }
}
