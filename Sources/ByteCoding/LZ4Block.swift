internal import CLZ4

/// One block in the LZ4 block format: no frame, no checksum, its lengths kept by whoever stores it.
public enum LZ4Block {
    /// The longest input that the format's reference implementation takes in one block.
    public static let sourceBytesMax = 0x7E00_0000

    /// Compresses `source`, or returns nil when it is empty or the result would be longer than `bytesMax`.
    ///
    /// Data that does not shrink is passed over quickly, and never more than `bytesMax` is allocated for it.
    public static func compress(_ source: UnsafeRawBufferPointer, bytesMax: Int) -> ByteBlock? {
        guard let from = source.baseAddress, !source.isEmpty, source.count <= sourceBytesMax, bytesMax > 0 else { return nil }
        let capacity = min(bytesMax, Int(LZ4_compressBound(Int32(source.count))))
        let target = UnsafeMutableRawPointer.allocate(byteCount: (capacity + 7) & ~7, alignment: 16)
        // SAFETY: LZ4 writes at most `capacity` bytes to `target` and returns 0 when that is too little.
        let written = LZ4_compress_default(
            from.assumingMemoryBound(to: CChar.self), target.assumingMemoryBound(to: CChar.self), Int32(source.count), Int32(capacity))
        guard written > 0 else {
            target.deallocate()
            return nil
        }
        return ByteBlock(adopting: target, count: Int(written))
    }

    /// Decompresses `source`, whose declared length is `declaredBytes`.
    ///
    /// Throws `lengthOutOfBounds` before it allocates when the declared length is above `bytesMax` or more than the format could ever
    /// reach from so few bytes (255 to 1), and `malformedBlock` when the block yields anything but exactly the declared length.
    /// - Parameter prefixBytes: only so many of the first bytes are wanted: the rest is neither decompressed nor looked at.
    public static func decompress(
        _ source: UnsafeRawBufferPointer, declaredBytes: Int, prefixBytes: Int = .max, bytesMax: Int
    ) throws(DecodingFailure) -> ByteBlock {
        let reachable = source.count.multipliedReportingOverflow(by: 255)
        let limit = min(bytesMax, sourceBytesMax, reachable.overflow ? Int.max : reachable.partialValue)
        guard declaredBytes >= 0 && declaredBytes <= limit else {
            throw DecodingFailure(offset: 0, reason: .lengthOutOfBounds(length: UInt64(truncatingIfNeeded: declaredBytes), limit: limit))
        }
        guard let from = source.baseAddress, source.count <= Int(Int32.max) else {
            throw DecodingFailure(offset: 0, reason: .malformedBlock)
        }
        let wanted = min(max(prefixBytes, 0), declaredBytes)
        let target = UnsafeMutableRawPointer.allocate(byteCount: (wanted + 7) & ~7, alignment: 16)
        let (input, output) = (from.assumingMemoryBound(to: CChar.self), target.assumingMemoryBound(to: CChar.self))
        // SAFETY: the safe decoders read at most `source.count` and write at most `wanted` bytes, whatever the input holds.
        let written = wanted == declaredBytes
            ? LZ4_decompress_safe(input, output, Int32(source.count), Int32(wanted))
            : LZ4_decompress_safe_partial(input, output, Int32(source.count), Int32(wanted), Int32(wanted))
        guard Int(written) == wanted else {
            target.deallocate()
            throw DecodingFailure(offset: 0, reason: .malformedBlock)
        }
        return ByteBlock(adopting: target, count: wanted)
    }
}
