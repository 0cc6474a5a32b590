public import CVectorKernels

// Distances to rows of IEEE 754 binary16, given by their bits: `Float16` is not a type of every platform.

extension VectorKernels {
    /// Σ(query−row)² for `count` rows, row i at `rows + i * stride`: the bits that the same numbers as floats give.
    ///
    /// - Parameters:
    ///   - rows: at any multiple of 2 bytes.
    ///   - stride: numbers from the start of one row to the next, at least `dimension`.
    ///   - results: room for `count` floats.
    @inlinable
    public func squaredL2(
        query: UnsafePointer<Float>, rows: UnsafePointer<UInt16>, stride: Int, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        float16Kernels.pointee.squared_l2_rows(query, rows, stride, count, dimension, results)
    }

    /// Σ query·row for `count` rows, row i at `rows + i * stride`: the bits that the same numbers as floats give.
    ///
    /// - Parameters:
    ///   - rows: at any multiple of 2 bytes.
    ///   - stride: numbers from the start of one row to the next, at least `dimension`.
    ///   - results: room for `count` floats.
    @inlinable
    public func innerProduct(
        query: UnsafePointer<Float>, rows: UnsafePointer<UInt16>, stride: Int, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        float16Kernels.pointee.inner_product_rows(query, rows, stride, count, dimension, results)
    }

    /// Σ(query−row)² for the rows at `base + ordinals[i] * stride`, which are prefetched a few ahead.
    ///
    /// - Parameters:
    ///   - ordinals: `count` row numbers, in any order, repeats allowed.
    ///   - results: room for `count` floats, in the order of `ordinals`.
    @inlinable
    public func squaredL2(
        query: UnsafePointer<Float>, base: UnsafePointer<UInt16>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        float16Kernels.pointee.squared_l2_gathered_rows(query, base, stride, ordinals, count, dimension, results)
    }

    /// Σ query·row for the rows at `base + ordinals[i] * stride`, which are prefetched a few ahead.
    ///
    /// - Parameters:
    ///   - ordinals: `count` row numbers, in any order, repeats allowed.
    ///   - results: room for `count` floats, in the order of `ordinals`.
    @inlinable
    public func innerProduct(
        query: UnsafePointer<Float>, base: UnsafePointer<UInt16>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        float16Kernels.pointee.inner_product_gathered_rows(query, base, stride, ordinals, count, dimension, results)
    }

    /// Converts `count` numbers to floats, exactly. A NaN becomes quiet.
    @inlinable
    public func widen(_ numbers: UnsafePointer<UInt16>, count: Int, into floats: UnsafeMutablePointer<Float>) {
        float16Kernels.pointee.widen(numbers, count, floats)
    }

    /// Rounds `count` floats to nearest, ties to even. What is 65,520 or more becomes infinity.
    @inlinable
    public func narrow(_ floats: UnsafePointer<Float>, count: Int, into numbers: UnsafeMutablePointer<UInt16>) {
        float16Kernels.pointee.narrow(floats, count, numbers)
    }
}
