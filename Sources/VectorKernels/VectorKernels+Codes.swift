public import CVectorKernels

// Inner products of vectors quantised to 8-bit codes.

extension VectorKernels {
    /// Code rows have a multiple of this many codes; those behind a vector's dimension are zero.
    public static let codeAlignment = Int(CVK_CODE_ALIGNMENT)
    /// The longest code row: no sum of one leaves 32 bits.
    public static let codeStrideMax = Int(CVK_CODE_STRIDE_MAX)

    /// Σ query·row for `count` rows of codes, row i at `rows + i * stride`. Exact, and so the same in every instruction set.
    ///
    /// Pointers need no alignment. Cost: O(stride) per row; nothing is allocated.
    /// - Parameters:
    ///   - query: `stride` codes in −127...127.
    ///   - stride: codes in a row, a multiple of `codeAlignment`, at most `codeStrideMax`.
    ///   - results: room for `count` integers.
    @inlinable
    public func codeInnerProduct(
        query: UnsafePointer<Int8>, rows: UnsafePointer<Int8>, stride: Int, count: Int, into results: UnsafeMutablePointer<Int32>
    ) {
        codeKernels.pointee.inner_product_rows(query, rows, stride, count, results)
    }

    /// What `codeInnerProduct(query:offset:row:stride:)` needs of a query, computed once for many rows that come one at a time.
    @inlinable
    public func codeOffset(query: UnsafePointer<Int8>, stride: Int) -> Int32 {
        codeKernels.pointee.query_offset(query, stride)
    }

    /// Σ query·row for one row of codes.
    ///
    /// - Parameter offset: `codeOffset` of the same query, from the same instruction set.
    @inlinable @inline(__always)
    public func codeInnerProduct(query: UnsafePointer<Int8>, offset: Int32, row: UnsafePointer<Int8>, stride: Int) -> Int32 {
        codeKernels.pointee.inner_product_row(query, offset, row, stride)
    }

    /// Σ query·row for the rows of codes at `base + ordinals[i] * stride`, which are prefetched a few ahead.
    ///
    /// - Parameters:
    ///   - query: `stride` codes in −127...127.
    ///   - stride: codes in a row, a multiple of `codeAlignment`, at most `codeStrideMax`.
    ///   - ordinals: `count` row numbers, in any order, repeats allowed.
    ///   - results: room for `count` integers, in the order of `ordinals`.
    @inlinable
    public func codeInnerProduct(
        query: UnsafePointer<Int8>, base: UnsafePointer<Int8>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int,
        into results: UnsafeMutablePointer<Int32>
    ) {
        codeKernels.pointee.inner_product_gathered_rows(query, base, stride, ordinals, count, results)
    }
}
