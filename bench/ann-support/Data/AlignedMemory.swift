import Glibc
package import LyricaClient

/// Zeroed memory of its own, from the system directly: page-aligned, in huge pages where the system has them, and given back at once when it goes.
///
/// A large scan over small pages spends a tenth of its time on address translation, which would be measured with it.
package final class AlignedMemory: @unchecked Sendable {
    // SAFETY: unchecked because of the pointer. Written while it is filled, by its maker alone, and only read afterwards.
    package let bytes: UnsafeMutableRawBufferPointer

    /// - Parameter purpose: what the memory is for, in the error's words.
    /// - Throws: `ClientError.data` when the machine does not have that much.
    package init(byteCount: Int, purpose: String) throws(ClientError) {
        precondition(byteCount >= 0)
        let available = Self.machineBytes
        guard byteCount <= available else {
            throw .data("\(purpose) would take \(ByteCount.text(byteCount)); this machine has \(ByteCount.text(available))")
        }
        let length = max(byteCount, 1)
        let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { throw .data("\(purpose): the system does not give \(ByteCount.text(byteCount)) of memory") }
        // A hint: without huge pages everything works, slower.
        madvise(start, length, MADV_HUGEPAGE)
        bytes = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    }

    deinit { munmap(bytes.baseAddress, max(bytes.count, 1)) }

    /// The memory of the machine in bytes.
    package static var machineBytes: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }
}
