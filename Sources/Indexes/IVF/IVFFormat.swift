import Quantization
import VectorKernels
import VectorModel

/// The layout of an IVF image, which writer and reader share. `storage-format.md` describes the same.
enum IVFFormat {
    static let magic: UInt64 = 0x0A46_5649_5259_4C89 // 89 "LYRIVF" 0a
    static let version: UInt32 = 1
    static let headerBytes = 128

    /// Offsets in the header.
    enum Field {
        static let magic = 0
        static let version = 8
        static let metric = 12
        static let dimension = 16
        static let rows = 20
        static let lists = 24
        static let blocks = 28
        static let seed = 32
        static let imageBytes = 40
        static let exponent = 48
        static let squaredCeiling = 52
        static let spread = 56
        /// Zeros from here to the end of the header.
        static let reserved = 60
    }

    /// What a row has beside its 4-bit codes: factor, offset and the list whose centre they count from.
    static let rowTailBytes = 12
    /// The longest vector.
    static let dimensionMax = 65_535
}

/// Where the sections of an image begin, each at a multiple of 64, in this order.
struct IVFLayout: Equatable {
    let rotatedDimension: Int
    let rows: Int
    let lists: Int
    let blocks: Int

    /// The mean, floats.
    let mean: Int
    let centroidCodes: Int
    let centroidParameters: Int
    let centroidBlocks: Int
    /// The number of each list's first block, and of the block behind the last list's.
    let listStarts: Int
    let listBlocks: Int
    let rowCodes: Int
    let ordinals: Int
    let end: Int

    init(dimension: Int, rows: Int, lists: Int, blocks: Int) {
        rotatedDimension = RandomRotation.rotatedDimension(dimension)
        self.rows = rows
        self.lists = lists
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
        listStarts = section(4 * (lists + 1))
        listBlocks = section(blocks * Self.listBlockBytes(rotatedDimension))
        rowCodes = section(rows * Self.rowBytes(rotatedDimension))
        ordinals = section(4 * rows)
        end = position
    }

    /// 1-bit codes, factors and offsets of 32 rows, then their numbers in the section of row codes.
    static func listBlockBytes(_ rotatedDimension: Int) -> Int {
        CentroidTable.blockBytes(rotatedDimension) + 4 * FastScan.rows
    }

    static func rowBytes(_ rotatedDimension: Int) -> Int { rotatedDimension / 2 + IVFFormat.rowTailBytes }
}
