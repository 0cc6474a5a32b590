/// The layout of a column index, shared by builder and reader. Normative text: `storage-format.md`, "Column indexes".
enum ColumnIndexFormat {
    /// The version this program writes, and the only one it reads: an index of another version is built again.
    static let version: UInt32 = 1
    static let headerBytes = 64
    /// The header, the table of columns and that of lanes begin at multiples of this.
    static let alignment = 64
    /// What lanes refer to begins at multiples of this.
    static let arrayAlignment = 8
    static let laneBytes = 112
    /// Kinds of values, scalars and arrays.
    static let kindCount = 9

    enum HeaderField: Int {
        case version = 0
        case columnCount = 4
        case rowCount = 8
        case laneCount = 16
        case imageBytes = 24
    }

    enum LaneField: Int {
        case kind = 0
        case layout = 1
        case width = 2
        case reserved = 3
        case heavyCount = 4
        case entryCount = 8
        case elementCount = 16
        case distinctCount = 24
        case minimum = 32
        case maximum = 40
        case keys = 48
        case counts = 56
        case rows = 64
        case containers = 72
        case containerCount = 80
        case data = 88
        case dataCount = 96
        case reserved2 = 104
    }

    /// How the rows of a lane's values are found.
    enum Layout: UInt8 {
        /// Only statistics are there: the values are many, and too long to keep twice.
        case counted = 0
        /// Each distinct value has the set of its rows.
        case postings = 1
        /// The rows lie in the order of their values, which stay in the rows' own column; every so many values one is kept as a landmark.
        case sorted = 2
    }

    /// Rows between two landmarks of a sorted lane.
    static let rowsPerLandmark = 64
    /// The most frequent values that are kept of a sorted lane, for statistics.
    static let heavyValues = 8
    /// Bytes behind a sorted lane's rows, so that each can be read with the 8 bytes from where it begins.
    static let packedPadding = 8

    /// A multiple of `alignment`, which is a power of two.
    static func aligned(_ count: Int, to alignment: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }

    /// The bytes of `count` row numbers of `width` bits, padding included.
    static func packedBytes(count: Int, width: Int) -> Int {
        width == 0 ? 0 : aligned((count * width + 7) / 8, to: arrayAlignment) + packedPadding
    }

    /// The bits that a row number below `rowCount` needs.
    static func width(rowCount: Int) -> Int { max(1, Int.bitWidth - (max(rowCount, 1) - 1).leadingZeroBitCount) }
}

/// Why bytes are no column index.
public struct ColumnIndexDamage: Error, Hashable, Sendable {
    /// From the first byte of the image.
    public let offset: Int
    /// What is wrong there; holds numbers only.
    public let reason: String
}
