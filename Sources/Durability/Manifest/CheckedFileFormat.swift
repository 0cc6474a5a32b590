/// The layout of a checked file, shared by writer and reader. Normative text: `storage-format.md`, "Checked files".
package enum CheckedFileFormat {
    /// The first eight bytes of every checked file, with the first and last byte chosen as for log files.
    package static let magic: [UInt8] = [0x89] + Array("LYRCHK\n".utf8)

    /// The length of the header in every version so far.
    package static let headerBytes = 80

    /// The longest header that a reader takes for one of a later version.
    package static let headerBytesMax = 4096

    /// The longest payload.
    package static let payloadBytesMax = 1 << 30

    /// What is added to a path for the file that is to replace it. Such files are never read, and removed when found.
    package static let temporarySuffix = ".tmp"

    /// The fields of the header; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case magic = 0
        case formatVersion = 8
        case headerLength = 12
        case kind = 16
        case reserved = 20
        case payloadLength = 24
        case generation = 32
        case payloadChecksum = 40
        case createdWith = 44
        case headerChecksum = 76
    }
}

/// What a checked file holds.
public struct CheckedFileKind: Hashable, Sendable {
    /// Stored in the file, so that one kind is not taken for another.
    public let code: UInt32
    /// For messages.
    public let name: String
    /// The version of the payload that this program writes, and the newest that it reads.
    public let version: UInt32

    public init(code: UInt32, name: String, version: UInt32) {
        self.code = code
        self.name = name
        self.version = version
    }

    /// The same kind as an earlier version of it has it: for a payload that says nothing that version cannot say, so that older programs read it.
    public func written(asVersion version: UInt32) -> CheckedFileKind {
        precondition(1...self.version ~= version, "no version of the \(name)")
        return CheckedFileKind(code: code, name: name, version: version)
    }

    /// The state of the catalog at one place of the log.
    public static let catalog = CheckedFileKind(code: 1, name: "catalog", version: 2)
    /// What a collection consists of.
    public static let manifest = CheckedFileKind(code: 2, name: "manifest", version: 2)
    /// What a backup consists of.
    public static let backup = CheckedFileKind(code: 3, name: "backup", version: 1)
}
