import Synchronization

/// Where a segment keeps its index, so that everybody who has the segment sees it at once.
final class SegmentIndexSlot: Sendable {
    private let content = Mutex(SegmentIndexState.none)
    private let wanted = Atomic<Bool>(false)

    var state: SegmentIndexState { content.withLock { $0 } }

    func set(_ state: SegmentIndexState) { content.withLock { $0 = state } }

    /// Notes that a search missed the index. Returns whether it is the first one.
    func want() -> Bool { !wanted.load(ordering: .relaxed) && !wanted.exchange(true, ordering: .relaxed) }

    var isWanted: Bool { wanted.load(ordering: .relaxed) }
}
