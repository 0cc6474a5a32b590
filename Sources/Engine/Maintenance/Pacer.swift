import Durability
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Slows maintenance down: to a number of bytes per second, and further while searches wait for the processors that it uses.
final class Pacer: Sendable {
    /// About how much is written between two calls.
    static let bytesPerStep = 1 << 20
    /// How long one step gives way to searches at most: some progress is always made, or segments would pile up and slow the searches themselves.
    private static let yieldMillisecondsMax = 20

    private let bytesPerSecond: Int
    private let isBusy: @Sendable () -> Bool
    private let isStopped = Atomic<Bool>(false)
    private let nextStep = Mutex(ContinuousClock.now)

    /// - Parameters:
    ///   - bytesPerSecond: 0 for no limit.
    ///   - isBusy: whether searches are running or waiting.
    init(bytesPerSecond: Int, isBusy: @escaping @Sendable () -> Bool) {
        self.bytesPerSecond = bytesPerSecond
        self.isBusy = isBusy
    }

    /// Makes the running job end at its next step.
    func stop() { isStopped.store(true, ordering: .releasing) }

    /// - Throws: `stopped`.
    func step() throws(MaintenanceError) {
        try checkStopped()
        var yielded = 0
        while yielded < Self.yieldMillisecondsMax, isBusy() {
            usleep(1_000)
            yielded += 1
            try checkStopped()
        }
        guard bytesPerSecond > 0 else { return }
        let stepDuration = Duration.seconds(Double(Self.bytesPerStep) / Double(bytesPerSecond))
        let begin = nextStep.withLock { next in
            let begin = max(next, ContinuousClock.now)
            next = begin + stepDuration
            return begin
        }
        while true {
            let rest = begin - ContinuousClock.now
            guard rest > .zero else { return }
            usleep(UInt32(min(rest, .milliseconds(50)) / .microseconds(1)))
            try checkStopped()
        }
    }

    /// Gives way to searches, but takes at least as much time for the work as for waiting: for work that is done in steps of any length.
    /// - Throws: `stopped`.
    func giveWay() throws(MaintenanceError) {
        try checkStopped()
        let now = ContinuousClock.now
        guard isBusy(), nextStep.withLock({ $0 <= now }) else { return }
        var yielded = 0
        while yielded < Self.yieldMillisecondsMax, isBusy() {
            usleep(1_000)
            yielded += 1
            try checkStopped()
        }
        nextStep.withLock { $0 = ContinuousClock.now + .milliseconds(yielded) }
    }

    func checkStopped() throws(MaintenanceError) {
        if isStopped.load(ordering: .acquiring) { throw .stopped }
    }
}
