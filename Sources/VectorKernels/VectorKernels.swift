public import CVectorKernels

/// Distances between float32 vectors, and inner products of 8-bit codes, computed with one instruction set.
///
/// A value is two pointers to constant tables of C functions; copy it to a local before a hot loop. Calls cost what they cost in C.
///
/// For every set, of floats:
/// 1. Pointers need only the alignment of `Float`, and exactly `dimension` floats of each vector are read.
/// 2. The same inputs give the same bits in every form of one set (pair, rows, gathered rows), on every run. Two sets
///    may differ in the last digits, since they add in different orders.
/// 3. With u = 2⁻²⁴ and n the dimension, a sum is off by at most (n/16 + 10)·u·Σ|terms| + n·2⁻¹⁴⁹ while no partial sum overflows. For squared L2
///    that is a relative error: 2·10⁻⁶ at 384 dimensions. (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., §4.2.)
/// 4. The squared L2 of finite vectors is finite or +∞, never NaN. An inner product whose products overflow with both signs is NaN.
///
/// Cost: O(dimension) per row; nothing is allocated.
public struct VectorKernels: Sendable {
    /// The instruction set these kernels use.
    public let instructionSet: InstructionSet

    // SAFETY: these point to constants of the C target, which are never written and live as long as the process.
    @usableFromInline nonisolated(unsafe) let kernels: UnsafePointer<cvk_kernels>
    @usableFromInline nonisolated(unsafe) let codeKernels: UnsafePointer<cvk_code_kernels>
    @usableFromInline nonisolated(unsafe) let fastScanKernels: UnsafePointer<cvk_fastscan_kernels>
    @usableFromInline nonisolated(unsafe) let float16Kernels: UnsafePointer<cvk_float16_kernels>
    @usableFromInline nonisolated(unsafe) let screenKernels: UnsafePointer<cvk_screen_kernels>

    /// The kernels of a set, or nil where this machine lacks it.
    public init?(_ set: InstructionSet) {
        guard let kernels = set.kernels, let codeKernels = set.codeKernels, let fastScanKernels = set.fastScanKernels,
            let float16Kernels = set.float16Kernels, let screenKernels = set.screenKernels
        else { return nil }
        self.instructionSet = set
        self.kernels = kernels
        self.codeKernels = codeKernels
        self.fastScanKernels = fastScanKernels
        self.float16Kernels = float16Kernels
        self.screenKernels = screenKernels
    }
}

extension VectorKernels: CustomStringConvertible {
    public var description: String { instructionSet.description }
}

// MARK: One vector against another

extension VectorKernels {
    /// Σ(a−b)² over `dimension` floats.
    @inlinable
    public func squaredL2(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, dimension: Int) -> Float {
        kernels.pointee.squared_l2(a, b, dimension)
    }

    /// Σ a·b over `dimension` floats.
    @inlinable
    public func innerProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, dimension: Int) -> Float {
        kernels.pointee.inner_product(a, b, dimension)
    }

    /// ‖row‖², the inner product of a row with itself.
    @inlinable
    public func squaredNorm(_ row: UnsafePointer<Float>, dimension: Int) -> Float {
        kernels.pointee.inner_product(row, row, dimension)
    }

    /// What a cosine distance needs of a row, in one reading of it: the same bits as `innerProduct(query, row)` and `squaredNorm(row)`.
    @inlinable
    public func cosineParts(
        query: UnsafePointer<Float>, row: UnsafePointer<Float>, dimension: Int
    ) -> (innerProduct: Float, squaredNorm: Float) {
        let parts = kernels.pointee.cosine_parts(query, row, dimension)
        return (parts.inner_product, parts.squared_norm)
    }
}

// MARK: In double precision

extension VectorKernels {
    /// Σ(a−b)² in double precision: the same bits in every set.
    @inlinable
    public func doubleSquaredL2(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, dimension: Int) -> Double {
        kernels.pointee.double_squared_l2(a, b, dimension)
    }

    /// Σ query·row and ‖row‖² in double precision, in one reading of the row: the same bits in every set.
    @inlinable
    public func doubleParts(
        query: UnsafePointer<Float>, row: UnsafePointer<Float>, dimension: Int
    ) -> (innerProduct: Double, squaredNorm: Double) {
        let parts = kernels.pointee.double_parts(query, row, dimension)
        return (parts.inner_product, parts.squared_norm)
    }
}

// MARK: One query against many rows

extension VectorKernels {
    /// Σ(query−row)² for `count` rows, row i at `rows + i * stride`.
    ///
    /// - Parameters:
    ///   - stride: floats from the start of one row to the next, at least `dimension`.
    ///   - results: room for `count` floats.
    @inlinable
    public func squaredL2(
        query: UnsafePointer<Float>, rows: UnsafePointer<Float>, stride: Int, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        kernels.pointee.squared_l2_rows(query, rows, stride, count, dimension, results)
    }

    /// Σ query·row for `count` rows, row i at `rows + i * stride`.
    ///
    /// - Parameters:
    ///   - stride: floats from the start of one row to the next, at least `dimension`.
    ///   - results: room for `count` floats.
    @inlinable
    public func innerProduct(
        query: UnsafePointer<Float>, rows: UnsafePointer<Float>, stride: Int, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        kernels.pointee.inner_product_rows(query, rows, stride, count, dimension, results)
    }

    /// Σ(query−row)² for the rows at `base + ordinals[i] * stride`, which are prefetched a few ahead.
    ///
    /// - Parameters:
    ///   - stride: floats from the start of one row to the next, at least `dimension`.
    ///   - ordinals: `count` row numbers, in any order, repeats allowed.
    ///   - results: room for `count` floats, in the order of `ordinals`.
    @inlinable
    public func squaredL2(
        query: UnsafePointer<Float>, base: UnsafePointer<Float>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        kernels.pointee.squared_l2_gathered_rows(query, base, stride, ordinals, count, dimension, results)
    }

    /// Σ query·row for the rows at `base + ordinals[i] * stride`, which are prefetched a few ahead.
    ///
    /// - Parameters:
    ///   - stride: floats from the start of one row to the next, at least `dimension`.
    ///   - ordinals: `count` row numbers, in any order, repeats allowed.
    ///   - results: room for `count` floats, in the order of `ordinals`.
    @inlinable
    public func innerProduct(
        query: UnsafePointer<Float>, base: UnsafePointer<Float>, stride: Int, ordinals: UnsafePointer<UInt32>, count: Int, dimension: Int,
        into results: UnsafeMutablePointer<Float>
    ) {
        kernels.pointee.inner_product_gathered_rows(query, base, stride, ordinals, count, dimension, results)
    }
}
