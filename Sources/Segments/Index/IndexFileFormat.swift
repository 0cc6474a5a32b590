package import Indexes

/// What a derived file that holds an index has for itself, shared by writer and reader. Normative text: `storage-format.md`, "Index files".
package enum IndexFileFormat {
    /// The version this program writes, and the only one it reads: an index of another version is built again.
    package static let version: UInt32 = 1

    /// The first eight bytes of every index file, with the first and last byte chosen as for segment files.
    package static let magic: [UInt8] = [0x89] + Array("LYRIDX\n".utf8)

    /// The length of the header.
    package static let headerBytes = 128

    /// The fields of the header that are not those of every derived file; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case kind = 44
        case metric = 45
        case reserved = 46
        case rowCount = 56
        case dimension = 64
        case M = 68
        case efConstruction = 72
        case nlist = 76
        case seed = 80
        case imageLength = 88
        case tableChecksum = 96
        case reserved2 = 100
    }

    static let kind = DerivedFileKind(
        name: "index file", magic: magic, version: version, headerBytes: headerBytes, contentLengthOffset: HeaderField.imageLength.rawValue,
        tableChecksumOffset: HeaderField.tableChecksum.rawValue)

    /// The end of the names of one kind's files.
    package static func fileNameSuffix(_ kind: IndexKind) -> String {
        switch kind {
        case .hnsw: ".hnsw"
        case .ivf: ".ivf"
        }
    }

    /// The name of a segment's index file of one kind.
    package static func fileName(_ number: UInt64, _ kind: IndexKind) -> String {
        DerivedFileFormat.fileName(number, suffix: fileNameSuffix(kind))
    }
}
