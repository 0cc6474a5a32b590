#if canImport(Glibc)
import Glibc
#endif

/// Memory that is read in random places is worth asking huge pages for: over small ones a graph search spends a tenth of its time on address translation.
enum HugePages {
    /// What memory of that many bytes should start at a multiple of.
    static func alignment(bytes: Int) -> Int { bytes >= size ? size : 4_096 }

    /// A hint: without huge pages everything works, slower.
    static func prefer(_ memory: UnsafeMutableRawPointer, bytes: Int) {
        guard bytes >= size else { return }
        #if os(Linux)
        _ = madvise(memory, bytes / size * size, MADV_HUGEPAGE)
        #endif
    }

    private static let size = 2 << 20
}
