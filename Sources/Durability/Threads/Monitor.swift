#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A value behind a lock, with a condition to wait for: what a thread that sleeps until there is work needs.
///
/// Hold it for short, never across input or output. Not reentrant.
// SAFETY: `@unchecked Sendable`: the value is touched only with the mutex held. Both primitives live at fixed heap addresses, as POSIX asks.
package final class Monitor<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var guarded: Guarded

    private struct Guarded {
        var value: Value
        /// A value without bytes would share its address with another property, and the thread sanitizer would take the two for one.
        let place: UInt8 = 0
    }

    package init(_ value: sending Value) {
        guarded = Guarded(value: value)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        let results = (pthread_mutex_init(mutex, nil), Self.initialize(condition))
        precondition(results == (0, 0), "no lock could be made")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Calls `body` with the lock held.
    package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&guarded.value)
    }

    /// Calls `body` with the lock held unless somebody else holds it; nil then.
    package func withLockIfAvailable<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { pthread_mutex_unlock(mutex) }
        return try body(&guarded.value)
    }

    /// Calls `body` with the lock held, now and after every `signal()`, until it returns a value.
    package func wait<Result>(for body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&guarded.value) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// As `wait(for:)`, but returns nil after `milliseconds`; nil waits for ever.
    package func wait<Result>(milliseconds: Int?, for body: (inout Value) -> Result?) -> Result? {
        guard let milliseconds else { return wait(for: body) }
        return wait(atMost: .milliseconds(milliseconds), for: body)
    }

    /// As `wait(for:)`, but returns nil after `duration`.
    package func wait<Result>(atMost duration: Duration, for body: (inout Value) -> Result?) -> Result? {
        let deadline = ContinuousClock.now + duration
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&guarded.value) { return result }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return nil }
            sleep(left)
        }
    }

    /// Waits, with the lock given up meanwhile, for a signal or until the time has passed.
    private func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        #if canImport(Darwin)
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }

    /// A condition whose waits go by a clock that nobody sets.
    private static func initialize(_ condition: UnsafeMutablePointer<pthread_cond_t>) -> Int32 {
        #if canImport(Darwin)
        return pthread_cond_init(condition, nil)
        #else
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        defer { pthread_condattr_destroy(&attributes) }
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        return pthread_cond_init(condition, &attributes)
        #endif
    }

    /// Lets one waiting thread look at the value again: enough where all wait for the same and one can do what is to be done.
    package func signalOne() {
        pthread_cond_signal(condition)
    }

    /// Lets every waiting thread look at the value again.
    package func signal() {
        pthread_cond_broadcast(condition)
    }
}
