/// Immutable bytes with an owner, which can cross threads without a copy.
///
/// Behind its last byte a block has up to 7 zero bytes that belong to it, so that 8-byte aligned files can be written straight from memory.
// SAFETY: `@unchecked Sendable` since nobody writes to the memory after init, and only deinit frees it.
public final class ByteBlock: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer

    /// The number of bytes, without the padding.
    public let count: Int

    /// The number of bytes with the padding: `count` rounded up to a multiple of 8.
    public var paddedCount: Int { (count + 7) & ~7 }

    /// Takes ownership of `base`, which must come from `UnsafeMutableRawPointer.allocate` and have room for `count` rounded up to 8.
    init(adopting base: UnsafeMutableRawPointer, count: Int) {
        self.base = base
        self.count = count
        // SAFETY: the caller promises room for the padding.
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: paddedCount - count)
    }

    deinit {
        base.deallocate()
    }

    /// Calls `body` with the bytes, which stay valid only during the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: `self`, and so the memory, outlives the call.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Calls `body` with the bytes and the zero padding, which stay valid only during the call.
    public func withUnsafePaddedBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: as above.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: paddedCount))
    }

    /// The bytes with the padding, for gathered writes of many blocks. Valid while the caller keeps the block.
    package var unsafePaddedBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: paddedCount)
    }
}
