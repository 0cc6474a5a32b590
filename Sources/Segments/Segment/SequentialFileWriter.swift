import ByteCoding
import FileIO

/// Writes a file from front to back through one buffer, and computes the checksum of every block on the way.
///
/// Cost: 1 MiB of memory and 4 bytes for each 16 KiB written.
final class SequentialFileWriter {
    private static let bufferBytes = 1 << 20

    private let file: any File
    private let pace: (Int) throws(SegmentWriteError) -> Void
    // SAFETY: `bufferBytes` bytes, the first `count` of them written; freed in deinit.
    private let buffer: UnsafeMutableRawPointer
    private var count = 0
    private var flushedBytes = 0
    private(set) var checksums: [UInt32] = []
    private var isInCheckedBlocks = true

    /// - Parameter pace: called with the number of bytes after each piece that was written, about once per MiB; may wait, or end the writing.
    init(_ file: any File, pace: @escaping (Int) throws(SegmentWriteError) -> Void) {
        self.file = file
        self.pace = pace
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 4096)
    }

    deinit {
        buffer.deallocate()
    }

    /// Bytes written so far: the place of the next one.
    var offset: Int { flushedBytes + count }

    func append(_ bytes: UnsafeRawBufferPointer) throws(SegmentWriteError) {
        var done = 0
        while done < bytes.count {
            if count == Self.bufferBytes { try flush() }
            let piece = min(bytes.count - done, Self.bufferBytes - count)
            // SAFETY: the piece fits in what is left of the buffer, and is not empty, so the base is not nil.
            (buffer + count).copyMemory(from: bytes.baseAddress.unsafelyUnwrapped + done, byteCount: piece)
            count += piece
            done += piece
        }
    }

    func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) throws(SegmentWriteError) {
        let size = MemoryLayout<Value>.size
        if count + size > Self.bufferBytes {
            let bytes = withUnsafeBytes(of: value) { Array($0) }
            return try bytes.withBytes { bytes throws(SegmentWriteError) in try append(bytes) }
        }
        // SAFETY: there is room for the value.
        (buffer + count).storeBytes(of: value, as: Value.self)
        count += size
    }

    /// Appends the elements' bytes as they are in memory.
    func append<Value: BitwiseCopyable>(contentsOf values: [Value]) throws(SegmentWriteError) {
        let result = values.withUnsafeBytes { bytes in
            Result { () throws(SegmentWriteError) in try append(bytes) }
        }
        try result.get()
    }

    func appendZeros(_ zeros: Int) throws(SegmentWriteError) {
        var left = zeros
        while left > 0 {
            if count == Self.bufferBytes { try flush() }
            let piece = min(left, Self.bufferBytes - count)
            // SAFETY: the piece fits in what is left of the buffer.
            (buffer + count).initializeMemory(as: UInt8.self, repeating: 0, count: piece)
            count += piece
            left -= piece
        }
    }

    /// Appends zeros up to a multiple of `alignment`.
    func align(to alignment: Int) throws(SegmentWriteError) {
        try appendZeros(SegmentFormat.aligned(offset, to: alignment) - offset)
    }

    /// Ends the part of the file that is covered by `checksums`.
    func endCheckedBlocks() throws(SegmentWriteError) {
        try flush()
        isInCheckedBlocks = false
    }

    /// Writes what is buffered.
    func flush() throws(SegmentWriteError) {
        guard count > 0 else { return }
        let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
        if isInCheckedBlocks { appendChecksums(of: bytes) }
        do throws(FileError) { try file.write(bytes, at: flushedBytes) } catch { throw .file(error) }
        flushedBytes += count
        count = 0
        try pace(bytes.count)
    }

    /// The buffer is a multiple of the block, so each piece but the last consists of whole blocks.
    private func appendChecksums(of bytes: UnsafeRawBufferPointer) {
        for start in stride(from: 0, to: bytes.count, by: SegmentFormat.blockBytes) {
            let block = bytes[start..<min(start + SegmentFormat.blockBytes, bytes.count)]
            checksums.append(crc32c(UnsafeRawBufferPointer(rebasing: block)))
        }
    }
}
