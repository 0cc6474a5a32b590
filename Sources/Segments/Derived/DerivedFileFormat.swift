/// The layout that index files and lookup files have in common, shared by writer and reader. Normative text: `storage-format.md`, "Index files" and
/// "Lookup files".
///
/// ```
/// derived file := header  zeros  content  checksum table
/// ```
package enum DerivedFileFormat {
    /// Where the content begins: a page, so that it is aligned as in memory. Zeros lie between header and content.
    package static let contentOffset = 4096

    /// The content is checked in blocks of this many bytes, counted from its beginning.
    package static let blockBytes = 1 << 20

    /// Longer contents are not believed, so that no sum of lengths overflows.
    static let contentBytesMax = 1 << 48

    /// The fields with which every header begins; the raw value is the offset in bytes. Bytes 44 to 47 and those that follow the last are the kind's
    /// own; the header's last four bytes are its checksum.
    package enum HeaderField: Int, CaseIterable {
        case magic = 0
        case formatVersion = 8
        case headerLength = 12
        case collection = 16
        case segmentNumber = 32
        case segmentChecksum = 40
        case segmentRowCount = 48
    }

    /// Where the kind's own fields begin, behind those of every header.
    static let ownFieldsOffset = 56

    /// What is added to a name while the file is being written; such files are never read.
    static let temporarySuffix = SegmentFormat.temporarySuffix

    /// The name of the file beside a segment's that ends with a kind's suffix.
    static func fileName(_ number: UInt64, suffix: String) -> String {
        SegmentFormat.fileName(number).dropLast(SegmentFormat.fileNameSuffix.count) + suffix
    }

    /// The blocks of a content, counted from its beginning. The last is as long as it is.
    static func blocks(contentBytes: Int) -> [Range<Int>] {
        stride(from: 0, to: contentBytes, by: blockBytes).map { $0..<min($0 + blockBytes, contentBytes) }
    }

    /// How many checksums the table of a content has.
    static func blockCount(contentBytes: Int) -> Int { (contentBytes + blockBytes - 1) / blockBytes }

    /// The length of a file with a content of so many bytes.
    static func fileBytes(contentBytes: Int) -> Int { contentOffset + contentBytes + 4 * blockCount(contentBytes: contentBytes) }
}

/// What one kind of derived files has for itself.
struct DerivedFileKind: Sendable {
    /// For messages: `index file`.
    let name: String
    let magic: [UInt8]
    /// The version this program writes, and the only one it reads: a file of another version is made again.
    let version: UInt32
    let headerBytes: Int
    /// Where the header has the length of the content, `u64`.
    let contentLengthOffset: Int
    /// Where the header has the checksum of the table of checksums, `u32`.
    let tableChecksumOffset: Int

    /// Where the header has its own checksum, which ends it.
    var checksumOffset: Int { headerBytes - 4 }
}
