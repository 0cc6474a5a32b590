public import VectorKernels
public import VectorModel

/// A query vector in 8-bit codes, bound to a metric: from a row's codes it computes a distance that the row's floats cannot be nearer than.
///
/// That bound makes a search over codes exact: a row whose bound is beyond the worst answer kept need not be read. `+Bounds` derives it.
///
/// The query is approximated twice. *Coarsely* by codes like those of the rows, q ≈ t₁·d₁; *finely* by those and the codes of what they leave over,
/// q ≈ t₁·d₁ + t₂·d₂, which leaves next to no error of the query, so that a bound is about twice as tight for twice the products. Coarse bounds are
/// meant for every row, fine ones for those rows that the coarse ones did not rule out.
///
/// Cost: O(dimension) and two allocations when made; nothing is allocated later.
public final class QueryCodes: Sendable {
    public let dimension: Int
    /// Codes per row, of the query and of the rows it is compared with.
    public let stride: Int

    // SAFETY: `stride` codes each, written in `init` only, freed in `deinit`.
    nonisolated(unsafe) let coarseCodes: UnsafeMutablePointer<Int8>
    private nonisolated(unsafe) let fineCodes: UnsafeMutablePointer<Int8>
    let metric: Metric
    let coarse: QueryApproximation
    let fine: QueryApproximation
    /// t₁ and t₂.
    let coarseScale: Float
    let fineScale: Float
    /// 1/‖query‖, rounded to nearest.
    let inverseNorm: Float
    /// ‖query‖, rounded up.
    let norm: Float
    /// g of the float kernels' error bound g·Σ|terms|, which holds for every instruction set.
    let sumError: Float

    /// `nil` where codes are of no use: too few dimensions to pay, or a query of no ordinary length (zero, huge, tiny), for which nothing can be
    /// bounded.
    /// - Parameters:
    ///   - query: copied; need not outlive the call.
    ///   - dimensionMin: the fewest dimensions that pay.
    public init?(query: UnsafeBufferPointer<Float>, metric: Metric, dimensionMin: Int = ScalarQuantizer8.dimensionMin) {
        let stride = ScalarQuantizer8.codeStride(dimension: query.count)
        guard query.count >= dimensionMin, stride <= VectorKernels.codeStrideMax, let values = query.baseAddress else {
            return nil
        }
        let codes = UnsafeMutablePointer<Int8>.allocate(capacity: stride)
        let parameters = ScalarQuantizer8.encode(values, dimension: query.count, into: codes)
        guard parameters != .unknown, parameters != .zero else {
            codes.deallocate()
            return nil
        }
        let residual = query.indices.map { Float(Double(values[$0]) - Double(parameters.scale) * Double(codes[$0])) }
        let residualCodes = UnsafeMutablePointer<Int8>.allocate(capacity: stride)
        // A residual too short to be encoded gets the scale 0: it then stays an error of the query.
        fineScale = residual.withUnsafeBufferPointer {
            ScalarQuantizer8.encode($0.baseAddress!, dimension: query.count, into: residualCodes).scale
        }
        dimension = query.count
        self.stride = stride
        self.metric = metric
        coarseCodes = codes
        fineCodes = residualCodes
        coarseScale = parameters.scale
        coarse = QueryApproximation(squaredNorm: parameters.squaredNorm, errorNorm: parameters.errorNorm)
        fine = QueryApproximation(of: query, scales: (coarseScale, fineScale), codes: (UnsafePointer(codes), UnsafePointer(residualCodes)))
        inverseNorm = parameters.inverseNorm
        norm = (1 / parameters.inverseNorm).nextUp.nextUp
        sumError = (Float(query.count) / 16 + 10) * 0x1p-24
    }

    deinit {
        coarseCodes.deallocate()
        fineCodes.deallocate()
    }

    /// Inner products of the query's coarse codes with those of `count` rows from `rows` on.
    public func coarseProducts(
        rows: UnsafePointer<Int8>, count: Int, kernels: VectorKernels, into products: UnsafeMutablePointer<Int32>
    ) {
        kernels.codeInnerProduct(query: coarseCodes, rows: rows, stride: stride, count: count, into: products)
    }

    /// Inner products of the query's coarse codes with those of the `count` rows that `ordinals` name, counted from `base`.
    public func coarseProducts(
        base: UnsafePointer<Int8>, ordinals: UnsafePointer<UInt32>, count: Int, kernels: VectorKernels,
        into products: UnsafeMutablePointer<Int32>
    ) {
        kernels.codeInnerProduct(query: coarseCodes, base: base, stride: stride, ordinals: ordinals, count: count, into: products)
    }

    /// Inner products of the codes of what the coarse ones leave over, for the `count` rows that `ordinals` name, counted from `base`.
    public func fineProducts(
        base: UnsafePointer<Int8>, ordinals: UnsafePointer<UInt32>, count: Int, kernels: VectorKernels,
        into products: UnsafeMutablePointer<Int32>
    ) {
        kernels.codeInnerProduct(query: fineCodes, base: base, stride: stride, ordinals: ordinals, count: count, into: products)
    }
}

/// A vector q̂ that stands for a query q.
struct QueryApproximation {
    /// ‖q̂‖², rounded to nearest.
    let squaredNorm: Float
    /// At least ‖q − q̂‖.
    let errorNorm: Float

    init(squaredNorm: Float, errorNorm: Float) {
        self.squaredNorm = squaredNorm
        self.errorNorm = errorNorm
    }

    /// q̂ = t₁·d₁ + t₂·d₂.
    init(
        of query: UnsafeBufferPointer<Float>, scales: (Float, Float), codes: (UnsafePointer<Int8>, UnsafePointer<Int8>)
    ) {
        var (squares, errorSquares) = (0.0, 0.0)
        for index in query.indices {
            let value = Double(scales.0) * Double(codes.0[index]) + Double(scales.1) * Double(codes.1[index])
            let error = Double(query[index]) - value
            squares += value * value
            errorSquares += error * error
        }
        // `value` may be off by a part in 2⁵³, which over all dimensions is less than 2⁻⁵⁰ of the length.
        let errorNorm = (errorSquares * (1 + 0x1p-30)).squareRoot() + squares.squareRoot() * 0x1p-50
        self.init(squaredNorm: Float(squares), errorNorm: Float(errorNorm).nextUp)
    }
}
