public import CVectorKernels

/// Asks for the cache lines of `bytes` bytes from `start` on, without waiting for them. Reads nothing.
@inlinable @inline(__always)
public func prefetch(_ start: UnsafeRawPointer, bytes: Int) {
    cvk_prefetch(start, bytes)
}
