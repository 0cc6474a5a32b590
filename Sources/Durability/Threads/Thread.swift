#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Starts an operating system thread of its own for work that blocks on the disk, which Swift's few shared threads must not do.
///
/// The thread ends with `body`; nobody joins it.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let result = pthread_create(&thread, &attributes, runThreadBody, box.toOpaque())
    precondition(result == 0, "no thread could be started (errno \(result))")
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

#if canImport(Darwin)
private func runThreadBody(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    // SAFETY: balances the retain of `startThread`, once.
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#else
private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // SAFETY: balances the retain of `startThread`, once; the argument is the one given there.
    Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().run()
    return nil
}
#endif

/// Lets other threads of the machine go first: for work that nobody waits for. Where the system knows no priority of single threads nothing changes.
package func lowerThreadPriority() {
    #if canImport(Glibc)
    // On Linux the "process" 0 is the calling thread.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #elseif canImport(Musl)
    _ = setpriority(PRIO_PROCESS, 0, 10)
    #else
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
    #endif
}
