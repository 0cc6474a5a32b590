public import ByteCoding

/// The bytes of one record, owned, padded, checksummed and perhaps compressed: everything that costs time is done here, in the caller's
/// thread, before the log orders it.
public struct LogPayload: Sendable {
    /// The bytes as the file will hold them.
    package let stored: ByteBlock
    package let compression: LogFormat.Compression
    /// The length before compression.
    public let count: Int
    /// CRC-32C of the stored bytes and their padding.
    package let checksum: UInt32

    /// Takes what `writer` encoded, without a copy.
    ///
    /// - Parameter compressible: whether trying LZ4 is worth the time: true for text, false for vectors. The compressed form is kept only
    ///   if it saves at least a tenth.
    public init(_ writer: consuming ByteWriter, compressible: Bool) {
        let block = writer.finish()
        count = block.count
        if compressible, let smaller = Self.compressed(block) {
            stored = smaller
            compression = .lz4
        } else {
            stored = block
            compression = .none
        }
        checksum = stored.withUnsafePaddedBytes { crc32c($0) }
    }

    /// Below this a record is mostly frame: a tenth of it is not worth a decompression.
    private static let compressionBytesMin = 256

    private static func compressed(_ block: ByteBlock) -> ByteBlock? {
        guard block.count >= compressionBytesMin else { return nil }
        return block.withUnsafeBytes { LZ4Block.compress($0, bytesMax: block.count - block.count / 10) }
    }
}
