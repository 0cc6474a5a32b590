internal import ByteCoding

/// The first bytes of a checked file.
struct CheckedFileHeader {
    var version: UInt32
    var kind: UInt32
    var payloadBytes: UInt64
    var generation: UInt64
    var payloadChecksum: UInt32
    var createdWith: String

    private typealias Field = CheckedFileFormat.HeaderField
    private static let createdWithBytes = Field.headerChecksum.rawValue - Field.createdWith.rawValue
}

extension CheckedFileHeader {
    /// The `CheckedFileFormat.headerBytes` bytes of the header.
    func encoded() -> ByteBlock {
        var writer = ByteWriter(capacity: CheckedFileFormat.headerBytes)
        CheckedFileFormat.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(version)
        writer.append(UInt32(CheckedFileFormat.headerBytes))
        writer.append(kind)
        writer.append(UInt32(0))
        writer.append(payloadBytes)
        writer.append(generation)
        writer.append(payloadChecksum)
        let text = utf8Prefix(of: createdWith, bytesMax: Self.createdWithBytes)
        text.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.appendZeros(Self.createdWithBytes - text.count)
        let checksum = writer.withUnsafeBytes { crc32c($0) }
        writer.append(checksum)
        return writer.finish()
    }

    /// Reads the header of `file`, which begins with `bytes`.
    init(decoding bytes: [UInt8], _ kind: CheckedFileKind, _ file: String) throws(CheckedFileError) {
        func corruption(_ field: Field, _ expected: String, _ found: String) -> CheckedFileError {
            .corruption(Corruption(file: file, offset: field.rawValue, what: "\(kind.name) file header, \(field)", expected: expected, found: found))
        }
        guard bytes.count >= CheckedFileFormat.headerBytes else {
            throw corruption(.magic, "at least \(CheckedFileFormat.headerBytes) bytes", "\(bytes.count) bytes")
        }
        func field<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type = Value.self) -> Value {
            // SAFETY: the callers stay inside the header, whose presence was checked, or inside the length that they checked.
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
        }
        guard bytes.starts(with: CheckedFileFormat.magic) else { throw corruption(.magic, "a checked file's", "another") }
        // Version and header length keep their places in every version, and the checksum is always the header's last four bytes: so a newer
        // version can be told from damage.
        let length = Int(field(Field.headerLength.rawValue, as: UInt32.self))
        guard CheckedFileFormat.headerBytes...min(bytes.count, CheckedFileFormat.headerBytesMax) ~= length else {
            throw corruption(.headerLength, "\(CheckedFileFormat.headerBytes)", "\(length)")
        }
        let expected = bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[..<(length - 4)])) }
        let found: UInt32 = field(length - 4)
        guard found == expected else {
            // Any byte of the header may be the wrong one: the place is where it begins.
            throw .corruption(Corruption(
                file: file, offset: 0, what: "\(kind.name) file header, checksum", expected: hexadecimal(expected), found: hexadecimal(found)))
        }
        self.kind = field(Field.kind.rawValue)
        guard self.kind == kind.code else { throw corruption(.kind, "\(kind.code) (\(kind.name))", "\(self.kind)") }
        version = field(Field.formatVersion.rawValue)
        guard version <= kind.version else { throw .unsupportedVersion(file: file, found: version, newestKnown: kind.version) }
        guard version >= 1 else { throw corruption(.formatVersion, "1 to \(kind.version)", "\(version)") }
        guard length == CheckedFileFormat.headerBytes else { throw corruption(.headerLength, "\(CheckedFileFormat.headerBytes)", "\(length)") }
        let reserved: UInt32 = field(Field.reserved.rawValue)
        guard reserved == 0 else { throw corruption(.reserved, "0", "\(reserved)") }
        payloadBytes = field(Field.payloadLength.rawValue)
        generation = field(Field.generation.rawValue)
        payloadChecksum = field(Field.payloadChecksum.rawValue)
        createdWith = String(decoding: bytes[Field.createdWith.rawValue..<Field.headerChecksum.rawValue].prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// The longest beginning of whole characters that fits.
private func utf8Prefix(of text: String, bytesMax: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for character in text {
        let utf8 = Array(String(character).utf8)
        if bytes.count + utf8.count > bytesMax { break }
        bytes += utf8
    }
    return bytes
}
