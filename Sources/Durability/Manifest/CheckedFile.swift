public import ByteCoding
public import FileIO

/// A small file that is read whole and replaced whole: every byte is covered by a checksum, and a crash leaves the old file or the new one.
///
/// It carries a generation, which its owner raises with every write, and which tells two copies apart.
public struct CheckedFile: Hashable, Sendable {
    public let generation: UInt64
    /// The version of the payload's format, from 1 to that of the kind.
    public let version: UInt32
    /// The version of the program that wrote it, for people.
    public let createdWith: String
    public let payload: [UInt8]

    /// Where the payload begins in the file: what to add to an offset in it for a message.
    public static let payloadOffset = CheckedFileFormat.headerBytes

    // MARK: Reading

    /// Reads a file and checks every byte of it. Cost: the file's length, also in memory.
    /// - Throws: a missing file is a `file` error for which `isMissing` holds.
    public static func read(_ path: String, _ kind: CheckedFileKind, _ fileSystem: any FileSystem) throws(CheckedFileError) -> CheckedFile {
        let bytes: [UInt8]
        let count: Int
        do throws(FileError) {
            let file = try fileSystem.open(path, .readOnly)
            count = try file.size()
            // A longer file cannot be one: its beginning is enough to say so, and nothing large is read for it.
            let isTooLong = count > CheckedFileFormat.headerBytesMax + CheckedFileFormat.payloadBytesMax
            bytes = try file.readBytes(isTooLong ? CheckedFileFormat.headerBytesMax : count)
            try file.close()
        } catch {
            throw .file(error)
        }
        return try decode(bytes, length: count, kind, path)
    }

    private static func decode(
        _ bytes: [UInt8], length: Int, _ kind: CheckedFileKind, _ path: String
    ) throws(CheckedFileError) -> CheckedFile {
        let header = try CheckedFileHeader(decoding: bytes, kind, path)
        let payload = Array(bytes[CheckedFileFormat.headerBytes...])
        guard header.payloadBytes == UInt64(payload.count), bytes.count == length else {
            throw .corruption(Corruption(
                file: path, offset: CheckedFileFormat.HeaderField.payloadLength.rawValue, what: "\(kind.name) file, length of the payload",
                expected: "\(header.payloadBytes) bytes", found: "\(max(length, bytes.count) - CheckedFileFormat.headerBytes) bytes"))
        }
        let checksum = crc32c(of: payload)
        guard checksum == header.payloadChecksum else {
            throw .corruption(Corruption(
                file: path, offset: CheckedFileFormat.headerBytes, what: "\(kind.name) file, checksum of the payload",
                expected: hexadecimal(header.payloadChecksum), found: hexadecimal(checksum)))
        }
        return CheckedFile(generation: header.generation, version: header.version, createdWith: header.createdWith, payload: payload)
    }

    // MARK: Writing

    /// Replaces a file, or makes it: writes under a temporary name, syncs, renames, and syncs the directory.
    ///
    /// After `file` the old file certainly stands; after `undecided` a crash may leave either.
    public static func write(
        _ payload: ByteBlock, _ kind: CheckedFileKind, generation: UInt64, createdWith: String, to path: String, _ fileSystem: any FileSystem
    ) throws(CheckedFileError) {
        precondition(payload.count <= CheckedFileFormat.payloadBytesMax, "the owner bounds its payload")
        let header = CheckedFileHeader(
            version: kind.version, kind: kind.code, payloadBytes: UInt64(payload.count), generation: generation,
            payloadChecksum: payload.withUnsafeBytes { crc32c($0) }, createdWith: createdWith
        ).encoded()
        let temporary = path + CheckedFileFormat.temporarySuffix
        do throws(FileError) {
            try prepare(temporary, header, payload, fileSystem)
        } catch {
            // The first error tells the cause. What is left under the temporary name is never read, and removed by the next write.
            try? fileSystem.remove(temporary)
            throw .file(error)
        }
        do throws(FileError) {
            try fileSystem.rename(temporary, to: path)
            try fileSystem.syncDirectory(parentDirectory(of: path))
        } catch {
            throw .undecided(error)
        }
    }

    private static func prepare(
        _ path: String, _ header: ByteBlock, _ payload: ByteBlock, _ fileSystem: any FileSystem
    ) throws(FileError) {
        if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
        let file = try fileSystem.create(path)
        try header.withUnsafeBytes { (head) throws(FileError) in
            try payload.withUnsafeBytes { (body) throws(FileError) in try file.write([head, body], at: 0) }
        }
        try file.sync()
        try file.close()
    }
}

private func crc32c(of bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { ByteCoding.crc32c($0) }
}

extension File {
    /// The first `count` bytes, or as many as there are.
    fileprivate func readBytes(_ count: Int) throws(FileError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 16)
        defer { buffer.deallocate() }
        let found = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: 0)
        return Array(buffer[..<found])
    }
}
