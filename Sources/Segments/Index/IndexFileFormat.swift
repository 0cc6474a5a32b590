package import Indexes

/// The layout of an index file, shared by writer and reader. Normative text: `storage-format.md`, "Index files".
package enum IndexFileFormat {
    /// The version this program writes, and the only one it reads: an index of another version is built again.
    package static let version: UInt32 = 1

    /// The first eight bytes of every index file, with the first and last byte chosen as for segment files.
    package static let magic: [UInt8] = [0x89] + Array("LYRIDX\n".utf8)

    /// The length of the header.
    package static let headerBytes = 128

    /// Where the image begins: a page, so that it is aligned as in memory. Zeros lie between header and image.
    package static let imageOffset = 4096

    /// The image is checked in blocks of this many bytes, counted from its beginning.
    package static let blockBytes = 1 << 20

    /// The fields of the header; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case magic = 0
        case formatVersion = 8
        case headerLength = 12
        case collection = 16
        case segmentNumber = 32
        case segmentChecksum = 40
        case kind = 44
        case metric = 45
        case reserved = 46
        case segmentRowCount = 48
        case rowCount = 56
        case dimension = 64
        case M = 68
        case efConstruction = 72
        case nlist = 76
        case seed = 80
        case imageLength = 88
        case tableChecksum = 96
        case reserved2 = 100
        case checksum = 124
    }

    /// What is added to a name while the file is being written; such files are never read.
    package static let temporarySuffix = SegmentFormat.temporarySuffix

    /// The end of the names of one kind's files.
    package static func fileNameSuffix(_ kind: IndexKind) -> String {
        switch kind {
        case .hnsw: ".hnsw"
        case .ivf: ".ivf"
        }
    }

    /// The name of a segment's index file of one kind.
    package static func fileName(_ number: UInt64, _ kind: IndexKind) -> String {
        SegmentFormat.fileName(number).dropLast(SegmentFormat.fileNameSuffix.count) + fileNameSuffix(kind)
    }

    /// How many checksums the table of an image has.
    static func blockCount(imageBytes: Int) -> Int { (imageBytes + blockBytes - 1) / blockBytes }

    /// The length of a file with an image of so many bytes.
    static func fileBytes(imageBytes: Int) -> Int { imageOffset + imageBytes + 4 * blockCount(imageBytes: imageBytes) }
}
