public import VectorKernels
import VectorModel

/// A metric bound to one query: turns kernel results into distances as clients know them.
struct DistanceFunction {
    private let metric: Metric
    /// 1/‖query‖ for cosine, 0 for a zero query; 1 otherwise.
    private let queryInverseNorm: Float
    /// ‖query‖ in double precision for cosine; 1 otherwise.
    private let queryNorm: Double

    init(metric: Metric, query: UnsafeBufferPointer<Float>, kernels: VectorKernels) {
        self.metric = metric
        switch metric {
        case .l2, .innerProduct: (queryInverseNorm, queryNorm) = (1, 1)
        case .cosine:
            queryNorm = kernels.doubleParts(query: query.baseAddress!, row: query.baseAddress!, dimension: query.count).squaredNorm.squareRoot()
            queryInverseNorm = InverseNorm.of(query.baseAddress!, dimension: query.count, kernels: kernels)
        }
    }

    /// Distances to `count` rows of `run` from `start` on.
    func block(
        _ run: VectorRun, _ start: Int, _ count: Int, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels,
        into distances: UnsafeMutablePointer<Float>
    ) {
        let (values, dimension) = (query.baseAddress!, query.count)
        switch (run.numbers, isSquaredL2) {
        case (.float32(let base), true):
            kernels.squaredL2(
                query: values, rows: base + start * dimension, stride: dimension, count: count, dimension: dimension, into: distances)
        case (.float32(let base), false):
            kernels.innerProduct(
                query: values, rows: base + start * dimension, stride: dimension, count: count, dimension: dimension, into: distances)
        case (.float16(let base), true):
            kernels.squaredL2(
                query: values, rows: base + start * dimension, stride: dimension, count: count, dimension: dimension, into: distances)
        case (.float16(let base), false):
            kernels.innerProduct(
                query: values, rows: base + start * dimension, stride: dimension, count: count, dimension: dimension, into: distances)
        }
        finish(distances, count) { run.inverseNorms.unsafelyUnwrapped[start + $0] }
    }

    /// Distances to the `count` rows that `ordinals` (relative to the run) name.
    func gather(
        _ run: VectorRun, _ ordinals: UnsafePointer<UInt32>, _ count: Int, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels,
        into distances: UnsafeMutablePointer<Float>
    ) {
        let (values, dimension) = (query.baseAddress!, query.count)
        switch (run.numbers, isSquaredL2) {
        case (.float32(let base), true):
            kernels.squaredL2(
                query: values, base: base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension, into: distances)
        case (.float32(let base), false):
            kernels.innerProduct(
                query: values, base: base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension, into: distances)
        case (.float16(let base), true):
            kernels.squaredL2(
                query: values, base: base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension, into: distances)
        case (.float16(let base), false):
            kernels.innerProduct(
                query: values, base: base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension, into: distances)
        }
        finish(distances, count) { run.inverseNorms.unsafelyUnwrapped[Int(ordinals[$0])] }
    }

    /// Whether the kernels' result is the distance; otherwise an inner product that `finish` makes one.
    private var isSquaredL2: Bool {
        switch metric {
        case .l2: true
        case .innerProduct, .cosine: false
        }
    }

    /// Inner products to distances, in place.
    @inline(__always)
    private func finish(_ distances: UnsafeMutablePointer<Float>, _ count: Int, _ inverseNorm: (Int) -> Float) {
        switch metric {
        case .l2: break
        case .innerProduct:
            for index in 0..<count { distances[index] = 1 - distances[index] }
        case .cosine:
            for index in 0..<count { distances[index] = 1 - distances[index] * (queryInverseNorm * inverseNorm(index)) }
        }
    }

    /// The distance to a row of `run` in double precision.
    func recomputed(_ run: VectorRun, _ row: Int, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels) -> Float {
        let dimension = query.count
        switch run.numbers {
        case .float32(let base): return recomputed(base + row * dimension, query, kernels)
        case .float16(let base):
            return withUnsafeTemporaryAllocation(of: Float.self, capacity: max(dimension, 1)) { floats in
                kernels.widen(base + row * dimension, count: dimension, into: floats.baseAddress.unsafelyUnwrapped)
                return recomputed(floats.baseAddress.unsafelyUnwrapped, query, kernels)
            }
        }
    }

    /// The distance in double precision, the same bits with all kernels; at most the largest finite float, so that no answer is infinite or NaN.
    func recomputed(_ row: UnsafePointer<Float>, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels) -> Float {
        let (values, dimension) = (query.baseAddress!, query.count)
        let distance: Double
        switch metric {
        case .l2: distance = kernels.doubleSquaredL2(values, row, dimension: dimension)
        case .innerProduct: distance = 1 - kernels.doubleParts(query: values, row: row, dimension: dimension).innerProduct
        case .cosine:
            let parts = kernels.doubleParts(query: values, row: row, dimension: dimension)
            let norms = parts.squaredNorm.squareRoot() * queryNorm
            distance = norms > 0 ? 1 - parts.innerProduct / norms : 1
        }
        let largest = Double(Float.greatestFiniteMagnitude)
        return Float(min(max(distance, -largest), largest))
    }
}

/// 1/‖v‖, the per-row part of a cosine distance.
public enum InverseNorm {
    /// 0 for a zero vector, which makes its cosine distance to everything 1. Falls back to double precision where the float sum leaves its range.
    public static func of(_ vector: UnsafePointer<Float>, dimension: Int, kernels: VectorKernels = .active) -> Float {
        let squares = kernels.innerProduct(vector, vector, dimension: dimension)
        if squares.isFinite, squares >= Float.leastNormalMagnitude { return 1 / squares.squareRoot() }
        var exact = 0.0
        for index in 0..<dimension { exact += Double(vector[index]) * Double(vector[index]) }
        // A vector so short that 1/‖v‖ overflows is recomputed in double precision by the search, since its distance is not finite.
        return exact > 0 ? Float(1 / exact.squareRoot()) : 0
    }
}
