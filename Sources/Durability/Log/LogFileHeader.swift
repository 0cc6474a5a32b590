package import ByteCoding
package import FileIO
package import VectorModel

/// The first bytes of a log file, written once.
package struct LogFileHeader: Hashable, Sendable {
    /// Random; enters every frame's checksum, so that frames of another file, or of an earlier use of the same blocks, are not taken for ours.
    package var salt: UInt64
    /// Random, the same in all files of one log, so that a file from another log is noticed.
    package var logIdentifier: UInt64
    /// The number of the first record in this file.
    package var first: SequenceNumber
    /// The number of the last record in the file before; 0 if there was none.
    package var previous: SequenceNumber
    /// The length of the whole file in bytes, so that one that was cut short is noticed.
    package var fileBytes: Int
    /// The version of the program that made the file.
    package var createdWith: String
    /// The file was used before: bytes behind its last frame may be left from then, and mean nothing.
    package var isRecycled: Bool
    /// The format's version. A file is never continued in another.
    package var version: UInt32

    package init(
        salt: UInt64, logIdentifier: UInt64, first: SequenceNumber, previous: SequenceNumber, fileBytes: Int, createdWith: String,
        isRecycled: Bool = false, version: UInt32 = LogFormat.version
    ) {
        self.salt = salt
        self.logIdentifier = logIdentifier
        self.first = first
        self.previous = previous
        self.fileBytes = fileBytes
        self.createdWith = createdWith
        self.isRecycled = isRecycled
        self.version = version
    }

    /// What the checksums of this file's frames begin with.
    package var frameKey: LogFrameKey { LogFrameKey(salt: salt, version: version) }

    private typealias Field = LogFormat.FileHeaderField
    /// No version's header will be longer.
    private static let headerBytesMax = 4096
    private static let createdWithBytes = Field.flags.rawValue - Field.createdWith.rawValue

    /// Appends the `LogFormat.fileHeaderBytes` bytes of the header.
    package func encode(into writer: inout ByteWriter) {
        let start = writer.count
        LogFormat.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(version)
        writer.append(UInt32(LogFormat.fileHeaderBytes))
        writer.append(salt)
        writer.append(logIdentifier)
        writer.append(first.rawValue)
        writer.append(previous.rawValue)
        writer.append(UInt64(fileBytes))
        let text = Self.prefix(of: createdWith, bytesMax: Self.createdWithBytes)
        text.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.appendZeros(Self.createdWithBytes - text.count)
        writer.append(isRecycled ? LogFormat.recycledFlag : 0)
        let checksum = writer.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        writer.append(checksum)
    }

    /// Reads the header of `file`, which begins with `bytes`, the whole file or at least its first 4 KiB, and is `length` bytes long.
    package init(decoding bytes: UnsafeRawBufferPointer, length actualBytes: Int, file: String) throws(LogOpenError) {
        func corruption(_ field: Field, expected: String, found: String) -> LogOpenError {
            .corruption(Corruption(file: file, offset: field.rawValue, what: "log file header, \(field)", expected: expected, found: found))
        }
        let headerBytes = LogFormat.fileHeaderBytes
        guard bytes.count >= headerBytes else {
            throw corruption(.magic, expected: "at least \(headerBytes) bytes", found: "\(bytes.count) bytes")
        }
        func field<Value: FixedWidthInteger & BitwiseCopyable>(_ field: Field, as type: Value.Type = Value.self) -> Value {
            // SAFETY: every field lies in the header, whose presence was checked.
            bytes.loadUnaligned(fromByteOffset: field.rawValue, as: type)
        }
        guard bytes.prefix(LogFormat.magic.count).elementsEqual(LogFormat.magic) else {
            throw corruption(.magic, expected: "a log file's", found: "another")
        }
        // Version and header length keep their places in every version, and the checksum is always the header's last four bytes: so a newer
        // version can be told from damage.
        let version: UInt32 = field(.formatVersion)
        let length = Int(field(.headerLength, as: UInt32.self))
        guard length >= headerBytes && length <= min(bytes.count, Self.headerBytesMax) else {
            throw corruption(.headerLength, expected: "\(headerBytes)", found: "\(length)")
        }
        let expected = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<(length - 4)]))
        let found = bytes.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self)
        guard found == expected else {
            // Any byte of the header may be the wrong one: the place is where it begins.
            throw .corruption(Corruption(
                file: file, offset: 0, what: "log file header, checksum", expected: hexadecimal(expected), found: hexadecimal(found)))
        }
        guard version >= LogFormat.oldestVersion && version <= LogFormat.version else {
            throw .unsupportedVersion(file: file, found: version, newestKnown: LogFormat.version)
        }
        guard length == headerBytes else { throw corruption(.headerLength, expected: "\(headerBytes)", found: "\(length)") }
        salt = field(.salt)
        logIdentifier = field(.logIdentifier)
        first = SequenceNumber(field(.firstSequence))
        previous = SequenceNumber(field(.previousSequence))
        guard previous < first else { throw corruption(.previousSequence, expected: "less than \(first)", found: "\(previous)") }
        fileBytes = Int(clamping: field(.fileLength, as: UInt64.self))
        guard fileBytes == actualBytes else {
            throw corruption(.fileLength, expected: "a file of \(fileBytes) bytes", found: "\(actualBytes) bytes")
        }
        let flags: UInt32 = field(.flags)
        guard flags == 0 || flags == LogFormat.recycledFlag && version > 1 else {
            throw corruption(.flags, expected: "those of version \(version)", found: hexadecimal(flags))
        }
        isRecycled = flags == LogFormat.recycledFlag
        self.version = version
        let text = bytes[Field.createdWith.rawValue..<Field.flags.rawValue].prefix { $0 != 0 }
        createdWith = String(decoding: text, as: UTF8.self)
    }

    /// Reads the header of the file at `path`, and nothing else of it.
    package static func read(_ path: String, on fileSystem: any FileSystem) throws(LogOpenError) -> LogFileHeader {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: headerBytesMax, alignment: 8)
        defer { buffer.deallocate() }
        let count: Int
        let length: Int
        do throws(FileError) {
            let file = try fileSystem.open(path, .readOnly)
            length = try file.size()
            count = try file.read(into: buffer, at: 0)
            try file.close()
        } catch {
            throw .file(error)
        }
        return try LogFileHeader(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), length: length, file: path)
    }

    /// The longest prefix of whole characters that fits.
    private static func prefix(of text: String, bytesMax: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text {
            let utf8 = Array(String(character).utf8)
            if bytes.count + utf8.count > bytesMax { break }
            bytes += utf8
        }
        return bytes
    }
}

/// `0x` and 8 digits.
func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
