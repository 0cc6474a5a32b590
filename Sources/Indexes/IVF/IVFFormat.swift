import Quantization
import VectorKernels
import VectorModel

/// The layout of an IVF image, which writer and reader share. `storage-format.md` describes the same.
enum IVFFormat {
    static let magic: UInt64 = 0x0A46_5649_5259_4C89 // 89 "LYRIVF" 0a
    static let version: UInt32 = 2
    static let headerBytes = 128

    /// Offsets in the header.
    enum Field {
        static let magic = 0
        static let version = 8
        static let metric = 12
        static let depth = 13
        static let dimension = 16
        static let rows = 20
        static let lists = 24
        static let references = 28
        static let seed = 32
        static let imageBytes = 40
        static let exponent = 48
        static let squaredCeiling = 52
        static let spread = 56
        static let blocks = 60
        /// Zeros from here to the end of the header.
        static let reserved = 64
    }

    /// What a row has beside its codes: factor and offset.
    static let rowTailBytes = 8
    /// The longest vector.
    static let dimensionMax = 65_535
}

/// Where a list begins; what belongs to it ends where the next one begins. Stored as three numbers.
struct ListStart: BitwiseCopyable {
    /// Its first block.
    var block: UInt32
    /// The slot of the first row whose nearest centre is this list's; those rows are the list's first entries.
    var slot: UInt32
    /// The first of its references, which are the entries after those.
    var reference: UInt32
}

/// A row that stands in another list than that of its nearest centre. Stored as two numbers.
struct ListReference: BitwiseCopyable {
    var slot: UInt32
    /// The list of the nearest centre, from which the row's codes count.
    var list: UInt32
}

/// Where the sections of an image begin, each at a multiple of 64, in this order.
struct IVFLayout: Equatable {
    let rotatedDimension: Int
    let rows: Int
    let lists: Int
    let references: Int
    let blocks: Int
    let depth: RaBitQ.Depth

    /// The mean, floats.
    let mean: Int
    let centroidCodes: Int
    let centroidParameters: Int
    let centroidBlocks: Int
    /// Where each list begins, and where the last one ends.
    let listStarts: Int
    let listReferences: Int
    let listBlocks: Int
    let rowCodes: Int
    let ordinals: Int
    let end: Int

    init(dimension: Int, depth: RaBitQ.Depth, rows: Int, lists: Int, references: Int, blocks: Int) {
        rotatedDimension = RandomRotation.rotatedDimension(dimension)
        self.depth = depth
        self.rows = rows
        self.lists = lists
        self.references = references
        self.blocks = blocks
        var position = IVFFormat.headerBytes
        func section(_ bytes: Int) -> Int {
            let start = position
            position = (start + bytes + IndexImage.alignment - 1) / IndexImage.alignment * IndexImage.alignment
            return start
        }
        mean = section(4 * rotatedDimension)
        centroidCodes = section(lists * rotatedDimension)
        centroidParameters = section(lists * MemoryLayout<CentroidParameters>.size)
        centroidBlocks = section(CentroidTable.blockCount(lists) * CentroidTable.blockBytes(rotatedDimension))
        listStarts = section((lists + 1) * MemoryLayout<ListStart>.size)
        listReferences = section(references * MemoryLayout<ListReference>.size)
        listBlocks = section(blocks * CentroidTable.blockBytes(rotatedDimension))
        rowCodes = section(rows * (depth.bytes(dimension: rotatedDimension) + IVFFormat.rowTailBytes))
        ordinals = section(4 * rows)
        end = position
    }

    /// 1-bit codes, factors and offsets of 32 rows.
    var listBlockBytes: Int { CentroidTable.blockBytes(rotatedDimension) }
    /// Of a row's codes, without its factor and offset.
    var codeBytes: Int { depth.bytes(dimension: rotatedDimension) }
    var rowBytes: Int { codeBytes + IVFFormat.rowTailBytes }
}
