public import VectorKernels
import VectorModel

/// A metric bound to one query: turns kernel results into distances as clients know them.
struct DistanceFunction {
    private let metric: Metric
    /// 1/‖query‖ for cosine, 0 for a zero query; 1 otherwise.
    private let queryInverseNorm: Float

    init(metric: Metric, query: UnsafeBufferPointer<Float>, kernels: VectorKernels) {
        self.metric = metric
        switch metric {
        case .l2, .innerProduct: queryInverseNorm = 1
        case .cosine: queryInverseNorm = InverseNorm.of(query.baseAddress!, dimension: query.count, kernels: kernels)
        }
    }

    /// Distances to `count` rows of `run` from `start` on.
    func block(
        _ run: VectorRun, _ start: Int, _ count: Int, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels,
        into distances: UnsafeMutablePointer<Float>
    ) {
        let dimension = query.count
        let rows = run.base + start * dimension
        switch metric {
        case .l2:
            kernels.squaredL2(query: query.baseAddress!, rows: rows, stride: dimension, count: count, dimension: dimension, into: distances)
        case .innerProduct, .cosine:
            kernels.innerProduct(query: query.baseAddress!, rows: rows, stride: dimension, count: count, dimension: dimension, into: distances)
            finish(distances, count) { run.inverseNorms.unsafelyUnwrapped[start + $0] }
        }
    }

    /// Distances to the `count` rows that `ordinals` (relative to the run) name.
    func gather(
        _ run: VectorRun, _ ordinals: UnsafePointer<UInt32>, _ count: Int, _ query: UnsafeBufferPointer<Float>, _ kernels: VectorKernels,
        into distances: UnsafeMutablePointer<Float>
    ) {
        let dimension = query.count
        switch metric {
        case .l2:
            kernels.squaredL2(
                query: query.baseAddress!, base: run.base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension, into: distances)
        case .innerProduct, .cosine:
            kernels.innerProduct(
                query: query.baseAddress!, base: run.base, stride: dimension, ordinals: ordinals, count: count, dimension: dimension,
                into: distances)
            finish(distances, count) { run.inverseNorms.unsafelyUnwrapped[Int(ordinals[$0])] }
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

    /// The distance in double precision, for the rows where float overflowed; at most the largest finite float, so that no answer is infinite or NaN.
    func recomputed(_ row: UnsafePointer<Float>, _ query: UnsafeBufferPointer<Float>) -> Float {
        var (squares, dot, rowSquares, querySquares) = (0.0, 0.0, 0.0, 0.0)
        for index in 0..<query.count {
            let (a, b) = (Double(query[index]), Double(row[index]))
            squares += (a - b) * (a - b)
            dot += a * b
            rowSquares += b * b
            querySquares += a * a
        }
        let distance: Double
        switch metric {
        case .l2: distance = squares
        case .innerProduct: distance = 1 - dot
        case .cosine:
            let norms = rowSquares.squareRoot() * querySquares.squareRoot()
            distance = norms > 0 ? 1 - dot / norms : 1
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
