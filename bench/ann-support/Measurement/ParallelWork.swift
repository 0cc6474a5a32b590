import Dispatch
import Durability
import Synchronization

/// Runs `work` for the items `0 ..< count` in several threads, the calling one among them, each taking the next item when it is done with one.
///
/// Threads and not tasks: a measurement with T threads has exactly T, whatever the number of processors.
/// - Parameters:
///   - progress: told by the calling thread, after each of its items, about how many are done.
///   - work: called by all threads at once, for each item once.
package func inParallel(
    over count: Int, threads: Int, progress: (Int) -> Void = { _ in }, _ work: @escaping @Sendable (_ item: Int) -> Void
) {
    precondition(threads > 0)
    let shared = SharedWork(count: count, work)
    let others = DispatchGroup()
    for _ in 0..<threads - 1 {
        others.enter()
        startThread {
            shared.drain { _ in }
            others.leave()
        }
    }
    shared.drain(progress)
    others.wait()
    shared.end()
}

/// Gives out the items, each once.
private final class SharedWork: Sendable {
    private let next = Atomic(0)
    private let count: Int
    /// Dropped when all is done: a thread that is slow to end must not hold what the work holds, whose memory may be measured next.
    private let work: Mutex<(@Sendable (Int) -> Void)?>

    init(count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.work = Mutex(work)
    }

    /// Takes items until there are none. Not inlined, so that its hold on the work ends when it returns.
    @inline(never)
    func drain(_ progress: (Int) -> Void) {
        guard let work = work.withLock({ $0 }) else { return }
        while true {
            let item = next.add(1, ordering: .relaxed).oldValue
            guard item < count else { return }
            work(item)
            progress(item + 1)
        }
    }

    func end() { work.withLock { $0 = nil } }
}
