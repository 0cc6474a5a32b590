#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A mapping that is undone with its last reference.
// SAFETY: `@unchecked Sendable`: the pages are mapped read-only, and only deinit unmaps them.
final class POSIXFileMapping: FileMapping, @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    deinit {
        guard let base = bytes.baseAddress else { return }
        // SAFETY: exactly the range that `mmap` returned.
        munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }

    func advise(_ pattern: AccessPattern, in range: Range<Int>) {
        let wanted = range.clamped(to: 0..<bytes.count)
        guard let base = bytes.baseAddress, !wanted.isEmpty else { return }
        // The kernel wants whole pages; the mapping begins at one.
        let start = wanted.lowerBound - wanted.lowerBound % pageBytes
        // SAFETY: a part of the range that `mmap` returned, to whose last page the kernel rounds up. No advice used here changes what reads
        // of a shared file mapping give. Advice that the kernel does not take is no loss, so its answer is not asked for.
        _ = madvise(UnsafeMutableRawPointer(mutating: base + start), wanted.upperBound - start, advice(pattern))
    }
}

private let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

private func advice(_ pattern: AccessPattern) -> Int32 {
    switch pattern {
    case .normal: MADV_NORMAL
    case .random: MADV_RANDOM
    case .sequential: MADV_SEQUENTIAL
    case .willNeed: MADV_WILLNEED
    case .dontNeed: MADV_DONTNEED
    }
}
