package import Indexes
package import LyricaClient

/// The bytes of an index in a file of their own, so that searches can be measured again without building again.
///
/// Not the server's files: these have no header and no checksums.
package enum ImageFile {
    private static let bytesPerCall = 4 << 20

    /// Writes an image; the file appears whole or not at all.
    package static func write(_ image: IndexImage, path: String) throws(ClientError) {
        let file = try ReplacedFile(path: path)
        for start in stride(from: 0, to: image.bytes.count, by: bytesPerCall) {
            try file.append(Array(image.bytes[start..<min(start + bytesPerCall, image.bytes.count)]))
        }
        try file.commit()
    }

    /// Reads an image into memory. Whoever uses it checks it.
    package static func read(path: String) throws(ClientError) -> IndexImage {
        let file = try FileBytes(path: path)
        let memory = try AlignedMemory(byteCount: file.byteCount, purpose: path)
        for start in stride(from: 0, to: file.byteCount, by: bytesPerCall) {
            let bytes = try file.bytes(at: start, count: min(bytesPerCall, file.byteCount - start))
            UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + bytes.count]).copyBytes(from: bytes)
        }
        return IndexImage(borrowing: UnsafeRawBufferPointer(memory.bytes), owner: memory)
    }
}
