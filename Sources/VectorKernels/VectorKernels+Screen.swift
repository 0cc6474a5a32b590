public import CVectorKernels

// Screening: which of 64 rows of 8-bit codes can be near enough to each of many queries? A matrix product whose results are compared at once.

/// What screening needs to know of a query, in the words of the comparison it makes (`VectorKernels.screen`).
public typealias ScreenQuery = cvk_screen_query

extension ScreenQuery {
    /// - Parameter codeSum: the sum of the query's codes.
    @inlinable
    public init(base: Float, weight: Float, normWeight: Float, reach: Float, spread: Float, codeSum: Int32) {
        self.init(base: base, weight: weight, norm_weight: normWeight, reach: reach, spread: spread, code_sum: codeSum)
    }
}

extension VectorKernels {
    /// Rows in a tile.
    public static let screenRows = Int(CVK_SCREEN_ROWS)

    /// Steps of four codes that a vector takes.
    @inlinable
    public static func screenSteps(dimension: Int) -> Int { (dimension + Int(CVK_SCREEN_STEP) - 1) / Int(CVK_SCREEN_STEP) }

    /// Bytes of a tile of vectors that take so many steps.
    @inlinable
    public static func screenTileBytes(steps: Int) -> Int { steps * Int(CVK_SCREEN_STEP_BYTES) }

    /// Packs the rows of codes at `base + ordinals[i] * stride` into a tile, for the same kernels' `screen`.
    ///
    /// - Parameters:
    ///   - count: at most `screenRows`; what stands for the rest of the tile's rows is any number.
    ///   - steps: 4 · `steps` codes of a row are read.
    ///   - tile: `screenTileBytes(steps:)` bytes at a multiple of 64.
    @inlinable
    public func packScreen(
        base: UnsafePointer<Int8>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int, steps: Int, tile: UnsafeMutablePointer<Int8>
    ) {
        screenKernels.pointee.pack(base, stride, ordinals, count, steps, tile)
    }

    /// Compares all rows of a tile with `count` queries and writes a mask for each: bit r for row r.
    ///
    /// With I the inner product of their codes a bit is set unless x > y, or x > y² when `isSquared`, where
    /// x = base + normWeight·norm − scale·(weight·I) and y = reach + spread·error; NaN sets it. I is exact. x and y are computed in floats with at
    /// most seven roundings, each relative to base, to normWeight·norm, to scale·weight·I, or to y.
    ///
    /// - Parameters:
    ///   - queries: query i's codes, in −127...127, begin at `queries + i * stride`.
    ///   - rows: `screenRows` scales, then as many norms, then as many errors.
    ///   - masks: room for `count`.
    /// Cost: O(rows × queries × steps), a quarter of the instructions that floats would take, or less.
    @inlinable
    public func screen(
        queries: UnsafePointer<Int8>, stride: Int, terms: UnsafePointer<ScreenQuery>, count: Int, tile: UnsafePointer<Int8>,
        rows: UnsafePointer<Float>, steps: Int, isSquared: Bool, into masks: UnsafeMutablePointer<UInt64>
    ) {
        // SAFETY: `cvk_screen_rows` is three arrays of `screenRows` floats each, without padding.
        let rows = UnsafeRawPointer(rows).assumingMemoryBound(to: cvk_screen_rows.self)
        screenKernels.pointee.screen(queries, stride, terms, count, tile, rows, steps, isSquared ? 1 : 0, masks)
    }
}
