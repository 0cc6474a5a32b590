import Quantization
package import VectorKernels

/// How long one distance takes with each instruction set of this machine, over rows that lie in the first-level cache.
package struct KernelTimings: Sendable {
    package let instructionSet: InstructionSet
    /// Nanoseconds per row.
    package let squaredL2: Double
    package let innerProduct: Double
    /// Of 8-bit codes.
    package let codeInnerProduct: Double

    /// Bytes of rows that the smallest first-level caches in use hold beside a query.
    private static let cachedBytes = 16 << 10
    private static let repeats = 7
    private static let callsPerRepeat = 400

    /// Of every set, slowest first.
    /// - Parameter rows: the dimension and some vectors; only the first rows are used.
    package static func all(_ rows: VectorMatrix) -> [KernelTimings] { VectorKernels.available().map { KernelTimings($0, rows) } }

    private init(_ kernels: VectorKernels, _ matrix: VectorMatrix) {
        let dimension = matrix.dimension
        let count = min(matrix.rowCount, max(1, Self.cachedBytes / (dimension * MemoryLayout<Float>.stride)))
        let stride = ScalarQuantizer8.codeStride(dimension: dimension)
        let query = matrix.row(0).baseAddress.unsafelyUnwrapped
        let rows = matrix.floats.baseAddress.unsafelyUnwrapped
        let distances = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let products = UnsafeMutablePointer<Int32>.allocate(capacity: count)
        let codes = UnsafeMutablePointer<Int8>.allocate(capacity: count * stride)
        defer {
            withExtendedLifetime(matrix) {}
            distances.deallocate()
            products.deallocate()
            codes.deallocate()
        }
        for row in 0..<count { _ = ScalarQuantizer8.encode(rows + row * dimension, dimension: dimension, into: codes + row * stride) }
        instructionSet = kernels.instructionSet
        squaredL2 = Self.nanoseconds(count) {
            kernels.squaredL2(query: query, rows: rows, stride: dimension, count: count, dimension: dimension, into: distances)
        }
        innerProduct = Self.nanoseconds(count) {
            kernels.innerProduct(query: query, rows: rows, stride: dimension, count: count, dimension: dimension, into: distances)
        }
        codeInnerProduct = Self.nanoseconds(count) {
            kernels.codeInnerProduct(query: codes, rows: codes, stride: stride, count: count, into: products)
        }
    }

    /// The best of a few repeats, per row.
    private static func nanoseconds(_ rows: Int, _ call: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<repeats {
            let start = ContinuousClock.now
            for _ in 0..<callsPerRepeat { call() }
            best = min(best, (ContinuousClock.now - start) / .nanoseconds(1) / Double(callsPerRepeat * rows))
        }
        return best
    }
}
