#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Synchronization

/// A file descriptor that closes with its last reference.
final class POSIXFile: File {
    let path: String

    /// −1 once closed. Callers do not race `close()` with other calls; the atomic only keeps a second close from hitting a reused number.
    private let descriptor: Atomic<Int32>

    init(descriptor: Int32, path: String) {
        self.descriptor = Atomic(descriptor)
        self.path = path
    }

    deinit {
        let open = descriptor.load(ordering: .acquiring)
        if open >= 0 { _ = closeDescriptor(open) }
    }

    func size() throws(FileError) -> Int {
        var status = stat()
        guard fstat(try current(.fileStatus), &status) == 0 else { throw error(.fileStatus) }
        return Int(status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        let descriptor = try current(.read)
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            // SAFETY: at most the rest of the buffer is filled.
            let count = retryingInterrupts { pread(descriptor, base + done, buffer.count - done, off_t(offset + done)) }
            guard count >= 0 else { throw error(.read) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
        let descriptor = try current(.write)
        // SAFETY: the kernel only reads through `iov_base`; the buffers are the caller's for the whole call.
        var vectors = buffers.compactMap { buffer in
            buffer.baseAddress.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0), iov_len: buffer.count) }
        }.filter { $0.iov_len > 0 }
        var first = 0
        var position = offset
        while first < vectors.count {
            let batch = Int32(min(vectors.count - first, vectorsPerCallMax))
            let count = vectors.withUnsafeBufferPointer { all in
                // SAFETY: `first` + `batch` ≤ `all.count`, which is not 0 here.
                retryingInterrupts { pwritev(descriptor, all.baseAddress! + first, batch, off_t(position)) }
            }
            guard count >= 0 else { throw error(.write) }
            // A device that takes nothing and reports nothing would keep us here for ever.
            guard count > 0 else { throw FileError(.write, path: path, code: EIO) }
            position += count
            first = advance(&vectors, from: first, by: count)
        }
    }

    func sync() throws(FileError) {
        let descriptor = try current(.sync)
        #if canImport(Darwin)
        // fsync leaves the bytes in the drive's cache there.
        let result = retryingInterrupts { fcntl(descriptor, F_FULLFSYNC) }
        #else
        let result = retryingInterrupts { fdatasync(descriptor) }
        #endif
        guard result != -1 else { throw error(.sync) }
    }

    func preallocate(_ size: Int) throws(FileError) {
        let descriptor = try current(.preallocate)
        #if canImport(Darwin)
        var store = fstore_t(fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0, fst_length: off_t(size), fst_bytesalloc: 0)
        guard fcntl(descriptor, F_PREALLOCATE, &store) != -1 else { throw error(.preallocate) }
        if try self.size() < size { try truncate(to: size) }
        #else
        while true {
            let code = posix_fallocate(descriptor, 0, off_t(size))
            if code == 0 { return }
            if code != EINTR { throw FileError(.preallocate, path: path, code: code) }
        }
        #endif
    }

    func truncate(to size: Int) throws(FileError) {
        let descriptor = try current(.truncate)
        guard retryingInterrupts({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw error(.truncate) }
    }

    func map() throws(FileError) -> any FileMapping {
        let descriptor = try current(.map)
        let count = try size()
        // An empty mapping is an error to the kernel, and needs none.
        guard count > 0 else { return POSIXFileMapping(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw error(.map) }
        return POSIXFileMapping(UnsafeRawBufferPointer(start: address, count: count))
    }

    func close() throws(FileError) {
        let open = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard open >= 0 else { return }
        // After an interrupt Linux has closed the descriptor all the same: repeating could close someone else's.
        guard closeDescriptor(open) == 0 || errno == EINTR else { throw error(.close) }
    }

    private func current(_ operation: FileError.Operation) throws(FileError) -> Int32 {
        let open = descriptor.load(ordering: .acquiring)
        guard open >= 0 else { throw FileError(operation, path: path, code: EBADF) }
        return open
    }

    private func error(_ operation: FileError.Operation) -> FileError {
        FileError(operation, path: path, code: errno)
    }
}

/// What one `pwritev` takes on Linux and Darwin (`IOV_MAX`).
private let vectorsPerCallMax = 1024

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// Drops `count` written bytes from the front of the vectors; returns the first that has bytes left.
private func advance(_ vectors: inout [iovec], from first: Int, by count: Int) -> Int {
    var index = first
    var rest = count
    while index < vectors.count && rest >= vectors[index].iov_len {
        rest -= vectors[index].iov_len
        index += 1
    }
    if rest > 0 {
        // SAFETY: `rest` is less than this vector's length.
        vectors[index].iov_base += rest
        vectors[index].iov_len -= rest
    }
    return index
}
