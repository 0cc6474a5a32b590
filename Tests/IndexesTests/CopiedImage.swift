import Indexes

/// An image of these bytes, in memory of its own.
func copiedImage(_ content: some Collection<UInt8>) -> IndexImage {
    let memory = Memory(content)
    return IndexImage(borrowing: UnsafeRawBufferPointer(memory.bytes), owner: memory)
}

private final class Memory: Sendable {
    // SAFETY: written in `init` only, freed in `deinit`.
    nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    init(_ content: some Collection<UInt8>) {
        bytes = .allocate(byteCount: content.count, alignment: IndexImage.alignment)
        bytes.copyBytes(from: content)
    }

    deinit { bytes.deallocate() }
}
