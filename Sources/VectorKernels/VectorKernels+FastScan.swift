public import CVectorKernels

/// How 32 rows of 1-bit codes lie in a block, and a query's table beside it.
///
/// A *chunk* is 16 dimensions: 64 bytes of a block and 64 of a table. Byte `4 * (row % 16) + group` of a chunk has the codes of four
/// dimensions, bit i for dimension `4 * group + i` of the chunk: in its lower half those of rows 0 to 15, in its upper half those of rows 16 to 31.
public enum FastScan {
    /// Rows in a block.
    public static let rows = Int(CVK_FASTSCAN_ROWS)
    /// How many blocks `rows` rows fill.
    @inlinable
    public static func blocks(rows: Int) -> Int { (rows + self.rows - 1) / self.rows }
    /// Dimensions in a chunk.
    public static let chunkDimensions = Int(CVK_FASTSCAN_DIMENSIONS)
    /// Bytes that a chunk takes in a block, and in a table.
    public static let chunkBytes = Int(CVK_FASTSCAN_CHUNK_BYTES)
    /// The most chunks whose sums a float still holds exactly.
    public static let chunksMax = Int(CVK_FASTSCAN_CHUNKS_MAX)

    /// Sets the bits of one row in a block whose bits for it are zero.
    ///
    /// - Parameters:
    ///   - row: 0 to 31.
    ///   - signs: `16 * chunks` floats; the bit of a dimension is 1 where its float is greater than zero.
    ///   - block: `64 * chunks` bytes.
    public static func pack(row: Int, signs: UnsafePointer<Float>, chunks: Int, into block: UnsafeMutablePointer<UInt8>) {
        for group in 0..<4 * chunks { place(nibble(of: signs + 4 * group), row: row, group: group, in: block) }
    }

    /// The bits of four neighbouring floats, the first in the lowest.
    @inlinable @inline(__always)
    public static func nibble(of signs: UnsafePointer<Float>) -> UInt8 {
        (signs[0] > 0 ? 1 : 0) | (signs[1] > 0 ? 2 : 0) | (signs[2] > 0 ? 4 : 0) | (signs[3] > 0 ? 8 : 0)
    }

    /// Sets the bits of one row and one group of four dimensions, which are zero before.
    @inlinable @inline(__always)
    public static func place(_ nibble: UInt8, row: Int, group: Int, in block: UnsafeMutablePointer<UInt8>) {
        block[group / 4 * chunkBytes + 4 * (row % 16) + group % 4] |= nibble << UInt8(row / 16 * 4)
    }
}

/// How 4-bit codes lie in a row: byte i has the code of dimension i in its lower half and that of dimension `bytes + i` in its upper half.
public enum NibbleCodes {
    /// Rows have a multiple of this many bytes.
    public static let bytesAlignment = Int(CVK_NIBBLE_BYTES)
    /// The longest row: no sum of one leaves 32 bits.
    public static let bytesMax = Int(CVK_NIBBLE_BYTES_MAX)
}

/// How 2-bit codes lie in a row: bits 2j and 2j + 1 of byte i have the code of dimension `j * bytes + i`.
public enum CrumbCodes {
    /// Rows have a multiple of this many bytes.
    public static let bytesAlignment = Int(CVK_CRUMB_BYTES)
    /// The longest row.
    public static let bytesMax = Int(CVK_CRUMB_BYTES_MAX)
}

/// What the entries of a FastScan table stand for: Σ vᵢ over a row's one-bits is about `base + step · sum` of the row's entries.
///
/// Off by at most `step / 2` per group of four dimensions, and by the rounding of `base`.
public struct FastScanScale: BitwiseCopyable, Sendable {
    public let base: Float
    public let step: Float

    @inlinable
    public init(base: Float, step: Float) {
        self.base = base
        self.step = step
    }
}

/// How a row's sum becomes an estimate, `offset[row] − factor[row] · (step · sum + shift)`, and below which estimate a row is selected.
public struct FastScanEstimate: BitwiseCopyable, Sendable {
    public let step: Float
    public let shift: Float
    public let threshold: Float

    @inlinable
    public init(step: Float, shift: Float, threshold: Float) {
        self.step = step
        self.shift = shift
        self.threshold = threshold
    }
}

// Sums by table lookup over 1-bit codes, 32 rows at a time (André, Kermarrec, Le Scouarnec, PVLDB 2015, doi:10.14778/2856318.2856324).

extension VectorKernels {
    /// Makes the table of a vector, usually a rotated query. The same bytes in every instruction set.
    ///
    /// - Parameters:
    ///   - vector: `16 * chunks` floats; the sum of the magnitudes of any four neighbours must be finite.
    ///   - table: room for `64 * chunks` bytes.
    @inlinable
    public func makeFastScanTable(of vector: UnsafePointer<Float>, chunks: Int, into table: UnsafeMutablePointer<UInt8>) -> FastScanScale {
        let scale = fastScanKernels.pointee.make_table(vector, chunks, table)
        return FastScanScale(base: scale.base, step: scale.step)
    }

    /// The table's sums of all 32 rows of each block. Exact, and so the same in every instruction set.
    ///
    /// - Parameters:
    ///   - codes: the first block; the others follow every `stride` bytes. `64 * chunks` bytes of each are read.
    ///   - chunks: at most `FastScan.chunksMax`.
    ///   - sums: room for `32 * blocks` integers.
    @inlinable
    public func fastScanSums(
        codes: UnsafePointer<UInt8>, stride: Int, blocks: Int, table: UnsafePointer<UInt8>, chunks: Int, into sums: UnsafeMutablePointer<UInt32>
    ) {
        fastScanKernels.pointee.sum(codes, stride, blocks, table, chunks, sums)
    }

    /// Estimates all rows of each block, and selects those below a threshold. The same bits in every instruction set.
    ///
    /// - Parameters:
    ///   - codes: the first block; the others follow every `stride` bytes. After `64 * chunks` bytes of codes a block has 32 floats `factor` and
    ///     32 floats `offset`.
    ///   - chunks: at most `FastScan.chunksMax`.
    ///   - estimates: room for `32 * blocks` floats.
    ///   - masks: room for one mask per block: bit `row` is set where the row's estimate is below the threshold, never for NaN.
    @inlinable
    public func fastScanSelect(
        codes: UnsafePointer<UInt8>, stride: Int, blocks: Int, table: UnsafePointer<UInt8>, chunks: Int, _ estimate: FastScanEstimate,
        estimates: UnsafeMutablePointer<Float>, masks: UnsafeMutablePointer<UInt32>
    ) {
        let how = cvk_fastscan_estimate(step: estimate.step, shift: estimate.shift, threshold: estimate.threshold)
        fastScanKernels.pointee.select(codes, stride, blocks, table, chunks, how, estimates, masks)
    }

    /// As the other `fastScanSelect`, while the blocks from `ahead` on, arranged alike, are on their way from memory.
    ///
    /// - Parameter ahead: where a scan will probably read next. Nothing there is read.
    @inlinable @inline(__always)
    public func fastScanSelect(
        codes: UnsafePointer<UInt8>, stride: Int, blocks: Int, table: UnsafePointer<UInt8>, chunks: Int, _ estimate: FastScanEstimate,
        ahead: UnsafePointer<UInt8>, estimates: UnsafeMutablePointer<Float>, masks: UnsafeMutablePointer<UInt32>
    ) {
        let how = cvk_fastscan_estimate(step: estimate.step, shift: estimate.shift, threshold: estimate.threshold)
        fastScanKernels.pointee.select_ahead(codes, stride, blocks, table, chunks, how, ahead, estimates, masks)
    }

    /// Σ query·row for the rows of 4-bit codes at `rows + positions[i] * stride`, which are prefetched a few ahead. Exact.
    ///
    /// - Parameters:
    ///   - query: `2 * bytes` codes in −127...127.
    ///   - bytes: of a row's codes, a multiple of `NibbleCodes.bytesAlignment`, at most `NibbleCodes.bytesMax`.
    ///   - products: room for `count` integers, in the order of `positions`.
    @inlinable
    public func nibbleProducts(
        query: UnsafePointer<Int8>, rows: UnsafePointer<UInt8>, stride: Int, bytes: Int, positions: UnsafePointer<UInt32>, count: Int,
        into products: UnsafeMutablePointer<Int32>
    ) {
        fastScanKernels.pointee.nibble_products(query, rows, stride, bytes, positions, count, products)
    }

    /// As `nibbleProducts`, for rows of 2-bit codes.
    ///
    /// - Parameters:
    ///   - query: `4 * bytes` codes in −127...127.
    ///   - bytes: of a row's codes, a multiple of `CrumbCodes.bytesAlignment`, at most `CrumbCodes.bytesMax`.
    @inlinable
    public func crumbProducts(
        query: UnsafePointer<Int8>, rows: UnsafePointer<UInt8>, stride: Int, bytes: Int, positions: UnsafePointer<UInt32>, count: Int,
        into products: UnsafeMutablePointer<Int32>
    ) {
        fastScanKernels.pointee.crumb_products(query, rows, stride, bytes, positions, count, products)
    }

    /// Finds the smallest of `count` finite floats: all up to a limit that leaves at least `wanted` and seldom many more (equal ones stay together).
    ///
    /// - Parameters:
    ///   - wanted: at most `count`.
    ///   - found: room for `count` numbers, which come ascending.
    /// - Returns: how many were found.
    @inlinable
    public func collectSmallest(_ values: UnsafePointer<Float>, count: Int, wanted: Int, into found: UnsafeMutablePointer<UInt32>) -> Int {
        fastScanKernels.pointee.collect_smallest(values, count, wanted, found)
    }
}
