import CAllocator
import Logging
import NIOPosix
import Synchronization

/// Gives memory back to the system after large requests.
///
/// A body of many small values becomes millions of small blocks. The allocator keeps them when they are freed: after a few bodies of 250 MiB the
/// process stayed at 1.8 GiB with nothing in it. No setting of glibc cures that, since one live block pins the arena above it; `malloc_trim`
/// returns the free pages below, too. It holds locks of the allocator meanwhile, so it is called rarely, and some time after the request, when
/// what the request left has been freed.
final class FreedMemory: Sendable {
    /// Bytes of body and answer from which a request counts as large.
    private static let largeRequestBytes = 16 << 20
    private static let delay = Duration.seconds(2)

    private let isScheduled = Atomic<Bool>(false)
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// To be told of every request when its answer is made.
    func note(requestBytes: Int) {
        guard requestBytes >= Self.largeRequestBytes, !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task.detached { [self] in
            // Nobody cancels this task, and woken early it would only trim early.
            try? await Task.sleep(for: Self.delay)
            isScheduled.store(false, ordering: .releasing)
            NIOThreadPool.singleton.submit { _ in self.trim() }
        }
    }

    private func trim() {
        let start = ContinuousClock.now
        callocator_return_freed_memory()
        logger.debug("memory returned after a large request", metadata: ["took": "\(ContinuousClock.now - start)"])
    }
}
