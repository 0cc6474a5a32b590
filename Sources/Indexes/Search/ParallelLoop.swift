import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs `body` for every index below `count`, on `threads` threads of which the caller is one, and returns when all are done.
///
/// Threads take `grain` neighbouring indices at a time, so nothing may depend on which thread does what. Threads that are started inherit the priority
/// of the caller. `body` gets the number of its thread, below `threads`, for scratch memory.
func parallelLoop(_ count: Int, threads: Int, grain: Int = 16, _ body: @escaping @Sendable (_ index: Int, _ thread: Int) -> Void) {
    guard count > 0 else { return }
    let next = LoopCounter()
    let work: @Sendable (Int) -> Void = { thread in
        while case let start = next.take(grain), start < count {
            for index in start..<min(start + grain, count) { body(index, thread) }
        }
    }
    let started = (1..<max(1, min(threads, (count + grain - 1) / grain))).compactMap { thread in startJoinable { work(thread) } }
    work(0)
    for thread in started { pthread_join(thread, nil) }
}

private final class LoopCounter: Sendable {
    private let value = Atomic<Int>(0)

    func take(_ count: Int) -> Int { value.add(count, ordering: .relaxed).oldValue }
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// A new thread, or `nil` when the system has none to give: the other threads then do its work.
private func startJoinable(_ run: @escaping @Sendable () -> Void) -> pthread_t? {
    let body = Unmanaged.passRetained(ThreadBody(run))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, nil, { argument in
        #if canImport(Darwin)
        let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
        #else
        let body = Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue()
        #endif
        body.run()
        return nil
    }, body.toOpaque())
    guard status == 0 else {
        body.release()
        return nil
    }
    return thread
}
