/// The layout of a segment file, shared by writer and reader. Normative text: `storage-format.md`, "Segment files".
package enum SegmentFormat {
    /// The version this program writes, and the newest it reads.
    package static let version: UInt32 = 1

    /// The first eight bytes of every segment file. The first is no text and the last is a line feed, so that transfers that mangle text show.
    package static let magic: [UInt8] = [0x89] + Array("LYRSEG\n".utf8)

    /// The last eight bytes of every segment file: the magic backwards.
    package static let endMagic: [UInt8] = magic.reversed()

    /// The length of the file header in version 1.
    package static let headerBytes = 128
    /// The length of the trailer.
    package static let trailerBytes = 128
    /// The length of one entry of the section table.
    package static let sectionEntryBytes = 24

    /// The file is checked in blocks of this many bytes, counted from its beginning.
    package static let blockBytes = 16 * 1024

    /// Sections begin at multiples of this: a cache line, and what the widest kernels read at once.
    package static let alignment = 64
    /// `vectors` begin at multiples of this: a page, so that advice to the system concerns them alone.
    package static let vectorAlignment = 4096

    /// What a block of texts holds before compression, unless one row alone has more. A query decompresses a block for each of its results: with
    /// 64 KiB that was a third of the server's time under load, with 4 KiB a twentieth, and files are as small.
    package static let textBlockBytes = 4 * 1024

    /// Rows are named by 4 bytes, and one value is left for "none".
    package static let rowCountMax = Int(UInt32.max) - 1

    /// In the section `rowKeyLists`: the row has no metadata.
    package static let noKeyList = UInt32.max

    /// In a column's entry: its values have different kinds, so each has its own.
    package static let mixedKinds: UInt8 = 255

    /// The fields of the file header; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case magic = 0
        case formatVersion = 8
        case headerLength = 12
        case collection = 16
        case segmentNumber = 32
        case rowCount = 40
        case dimension = 48
        case metric = 52
        case codes = 53
        case element = 54
        case reserved = 55
        case hashKey = 56
        case createdWith = 72
        case reserved2 = 104
        case checksum = 124
    }

    /// The fields of the trailer; the raw value is the offset in bytes from where the trailer begins.
    package enum TrailerField: Int, CaseIterable {
        case formatVersion = 0
        case blockBytes = 4
        case checksumTableOffset = 8
        case checksumTableLength = 16
        case sectionTableOffset = 24
        case sectionTableLength = 32
        case fileLength = 40
        case collection = 48
        case segmentNumber = 64
        case rowCount = 72
        case headerChecksum = 80
        case checksumTableChecksum = 84
        case sectionTableChecksum = 88
        case reserved = 92
        case checksum = 116
        case magic = 120
    }

    /// The fields of one entry of the section table.
    package enum SectionField: Int, CaseIterable {
        case kind = 0
        case elementBytes = 4
        case offset = 8
        case length = 16
    }

    /// The fields of one element of the section `columns`.
    package enum ColumnField: Int, CaseIterable {
        case offset = 0
        case valueCount = 8
        case kind = 16
        case layout = 17
        case reserved = 18
    }

    /// The length of one element of the section `columns`.
    package static let columnEntryBytes = 24

    /// Which rows a column has values for.
    package enum ColumnLayout: UInt8 {
        /// Every row, in order.
        case dense = 0
        /// The rows listed beside the values.
        case sparse = 1
    }

    /// How the codes of the vectors were made.
    package enum CodeKind: UInt8 {
        case none = 0
        /// One signed byte per number, scaled per vector.
        case scalar8 = 1
    }

    /// The bits of the section `rowFlags`.
    package enum RowFlag {
        /// The row has a vector; otherwise zeros stand in its place.
        package static let hasVector: UInt8 = 1
        /// The row has metadata, be it without fields.
        package static let hasMetadata: UInt8 = 2
        /// The row has a document, be it empty.
        package static let hasDocument: UInt8 = 4
        /// The row has a URI, be it empty.
        package static let hasURI: UInt8 = 8
        /// Every flag there is.
        package static let all: UInt8 = 15
    }

    /// The fields of one element of the section `textPlaces`.
    package enum TextPlaceField: Int, CaseIterable {
        case block = 0
        case offset = 4
        case documentLength = 8
        case uriLength = 12
    }

    /// The fields of one element of the section `textBlocks`.
    package enum TextBlockField: Int, CaseIterable {
        case offset = 0
        case storedLength = 8
        case rawLength = 12
    }

    /// The name of a segment's file: 20 digits, so that names sort like numbers.
    package static func fileName(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + fileNameSuffix
    }

    /// The number in a file name, or nil if it is not of the form that `fileName` gives.
    package static func number(fromName name: String) -> UInt64? {
        guard name.hasSuffix(fileNameSuffix), let number = UInt64(name.dropLast(fileNameSuffix.count)) else { return nil }
        return fileName(number) == name ? number : nil
    }

    /// The end of every segment file's name.
    package static let fileNameSuffix = ".segment"

    /// The suffix of files that are still being written; nothing refers to them.
    package static let temporarySuffix = ".tmp"

    /// `count` rounded up to a multiple of `alignment`, a power of two.
    static func aligned(_ count: Int, to alignment: Int = SegmentFormat.alignment) -> Int {
        (count + alignment - 1) & ~(alignment - 1)
    }
}
