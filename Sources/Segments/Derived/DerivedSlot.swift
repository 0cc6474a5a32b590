import Synchronization

/// Where a segment keeps what is known of a derived file, so that everybody who has the segment sees it at once.
final class DerivedSlot<State: Sendable>: Sendable {
    private let content: Mutex<State>
    private let wanted = Atomic<Bool>(false)

    init(_ state: State) { content = Mutex(state) }

    var state: State { content.withLock { $0 } }

    func set(_ state: State) { content.withLock { $0 = state } }

    /// Notes that somebody missed the file's contents. Returns whether it is the first one.
    func want() -> Bool { !wanted.load(ordering: .relaxed) && !wanted.exchange(true, ordering: .relaxed) }

    var isWanted: Bool { wanted.load(ordering: .relaxed) }
}
