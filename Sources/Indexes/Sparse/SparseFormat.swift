import ByteCoding

/// The first bytes of the image of an inverted index: what it holds, from which follows where. 64 bytes, little-endian, the rest of them zero.
struct SparseHeader: Equatable {
    static let byteCount = 64
    static let version: UInt32 = 1
    /// Rows are looked at in windows of this many, counted from row 0; within one a row is a byte.
    static let windowRows = 256
    private static let magic: UInt64 = 0x3153_5250_5352_594C // "LYRSPRS1"

    /// The rows of the part, with and without a vector.
    var rowCount: Int
    /// How many indices some vector has.
    var dimensionCount: Int
    /// A block is what an index has in one window.
    var blockCount: Int
    /// How many values all vectors have.
    var postingCount: Int
    /// Whether there are minima beside the maxima; if not, no weight is negative.
    var hasNegativeWeights: Bool

    var windowCount: Int { (rowCount + Self.windowRows - 1) / Self.windowRows }

    init(rowCount: Int, dimensionCount: Int, blockCount: Int, postingCount: Int, hasNegativeWeights: Bool) {
        self.rowCount = rowCount
        self.dimensionCount = dimensionCount
        self.blockCount = blockCount
        self.postingCount = postingCount
        self.hasNegativeWeights = hasNegativeWeights
    }

    func write(to bytes: UnsafeMutableRawBufferPointer) {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(hasNegativeWeights ? 1 as UInt32 : 0)
        for count in [rowCount, dimensionCount, blockCount, postingCount] { writer.append(UInt64(count)) }
        writer.withUnsafeBytes { (header) throws(Never) in bytes.copyMemory(from: header) }
    }

    /// - Throws: where the header contradicts itself or the number of bytes.
    init(_ bytes: UnsafeRawBufferPointer) throws(IndexImageDamage) {
        guard bytes.count >= Self.byteCount else { throw IndexImageDamage(offset: 0, reason: "\(bytes.count) bytes are less than a header") }
        var reader = ByteReader(bytes)
        do throws(DecodingFailure) {
            let (magic, version, flags): (UInt64, UInt32, UInt32) = (try reader.read(), try reader.read(), try reader.read())
            var counts: [Int] = []
            for _ in 0..<4 { counts.append(Int(clamping: try reader.read(UInt64.self))) }
            // A value takes 5 bytes, an index or block more: so no sum below can overflow.
            guard magic == Self.magic, version == Self.version, flags <= 1, counts[0] <= Int(UInt32.max),
                counts.dropFirst().allSatisfy({ $0 <= bytes.count })
            else { throw reader.failure(.invalidValue(UInt64(flags))) }
            self.init(
                rowCount: counts[0], dimensionCount: counts[1], blockCount: counts[2], postingCount: counts[3], hasNegativeWeights: flags == 1)
            for offset in reader.offset..<Self.byteCount where bytes[offset] != 0 {
                throw DecodingFailure(offset: offset, reason: .invalidValue(UInt64(bytes[offset])))
            }
        } catch {
            throw IndexImageDamage(offset: error.offset, reason: "the header of the inverted index is no such: \(error)")
        }
        let expected = SparseLayout(self).byteCount
        guard expected == bytes.count else {
            throw IndexImageDamage(offset: 16, reason: "the inverted index takes \(expected) bytes, the image has \(bytes.count)")
        }
    }
}

/// Where the sections of an inverted index are, one after the other, each at a multiple of 64.
struct SparseLayout {
    /// Per index its number, `u32`, ascending.
    let indices: Int
    /// Per index its first block, `u64`, and behind the last one the number of blocks.
    let firstBlocks: Int
    /// Per index its first posting, `u64`, and behind the last one the number of postings.
    let firstPostings: Int
    /// Per block its window, `u32`, ascending within an index.
    let windows: Int
    /// Per block its first posting, `u32`, counted from the first of the index.
    let starts: Int
    /// Per block its largest weight, `f32`.
    let maxima: Int
    /// Per block its smallest weight, `f32`; absent without negative weights.
    let minima: Int
    /// Per posting its row within the window, `u8`, ascending within a block.
    let rows: Int
    /// Per posting its weight, `f32`.
    let weights: Int
    let byteCount: Int

    init(_ header: SparseHeader) {
        var end = SparseHeader.byteCount
        func section(_ bytes: Int) -> Int {
            defer { end = (end + bytes + IndexImage.alignment - 1) / IndexImage.alignment * IndexImage.alignment }
            return end
        }
        let (dimensions, blocks, postings) = (header.dimensionCount, header.blockCount, header.postingCount)
        indices = section(dimensions * 4)
        firstBlocks = section((dimensions + 1) * 8)
        firstPostings = section((dimensions + 1) * 8)
        windows = section(blocks * 4)
        starts = section(blocks * 4)
        maxima = section(blocks * 4)
        minima = section(header.hasNegativeWeights ? blocks * 4 : 0)
        rows = section(postings)
        weights = section(postings * 4)
        byteCount = end
    }
}
