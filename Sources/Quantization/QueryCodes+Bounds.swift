import VectorModel

// Lower bounds of distances, from codes.
//
// Let q̂ and v̂ = s·c be what the codes of a query q and a row v stand for, and f ≥ ‖q − q̂‖, e ≥ ‖v − v̂‖ their errors. Then
//
//   l2      ‖q − v‖ ≥ ‖q̂ − v̂‖ − (e + f)                          triangle inequality, with ‖q̂ − v̂‖² = ‖q̂‖² + ‖v̂‖² − 2·q̂·v̂
//   cosine  1 − cos = ½‖q/‖q‖ − v/‖v‖‖², and so the same with everything divided by the lengths of q and v
//   ip      q·v = q̂·v̂ + q·(v − v̂) + (q − q̂)·v̂ ≤ q̂·v̂ + ‖q‖·e + f·‖v̂‖      Cauchy–Schwarz
//
// with q̂·v̂ = s·(t₁·I₁ + t₂·I₂) from the exact inner products I of the codes. That holds for real numbers. What must not exceed the float
// distance that a scan computes has margins for rounding, with u = 2⁻²⁴. All lengths lie in `ScalarQuantizer8.ordinaryNorms`, so nothing below
// leaves the range of normal floats where it matters, and no operation is off by more than u of its result.
//
//   1. ‖q̂ − v̂‖² is the sum of ‖q̂‖² + ‖v̂‖² and a product that is no larger. At most 15 roundings go into any of them, and 3 more into t₁·I₁
//      and t₂·I₂, whose magnitudes together may be 3.1 times that of their sum (t₁·d₁ is no longer than 2·‖q‖, what it leaves over than ‖q‖, and q̂
//      no shorter than 0.99·‖q‖, in up to 2¹⁶ dimensions). A margin of 64·u·(‖q̂‖² + ‖v̂‖²) covers all of it. Where the terms nearly cancel the
//      bound becomes 0, never too large.
//   2. The root, the errors' sum and their difference: a few roundings each, hence the factors 1 ∓ 8·u.
//   3. A scan's float l2 is at least (1 − g)·‖q − v‖² − n·2⁻¹⁴⁹, with g = (n/16 + 10)·u from `VectorKernels`. The factor 1 − g − 8·u includes
//      the roundings of the square; 2⁻¹⁰⁰ is more than n·2⁻¹⁴⁹ wherever that would matter.
//   4. A scan's float cosine is off by g from the inner product and by g/2 + 3·u from each of the two inverse norms, relative to ‖q‖·‖v‖, and by
//      a few u from the product and difference: less than 4·g together, since g ≥ 10·u.
//   5. A scan's float inner product is off by g·‖q‖·‖v‖, and our sums and its 1 − x by less than 64·u·S + 16·u, where S = (‖q‖ + f)·(‖v̂‖ + e)
//      is no less than any of the terms, but for those of point 1.
//
// An infinite e gives −∞.

extension QueryCodes {
    /// For `count` rows a number that the distance which a scan of the floats computes, on any instruction set, is not below. Never NaN.
    ///
    /// - Parameters:
    ///   - products: coarse products, in the order of the rows.
    ///   - parameters: those of the rows, one after the other.
    public func coarseBounds(
        products: UnsafePointer<Int32>, parameters: UnsafePointer<CodeParameters>, count: Int, into bounds: UnsafeMutablePointer<Float>
    ) {
        fill(bounds, count, coarse, row: { parameters[$0] }, product: { coarseScale * Float(products[$0]) })
    }

    /// The same for the rows that `ordinals` name, counted from `parameters`.
    public func coarseBounds(
        products: UnsafePointer<Int32>, parameters: UnsafePointer<CodeParameters>, ordinals: UnsafePointer<UInt32>, count: Int,
        into bounds: UnsafeMutablePointer<Float>
    ) {
        fill(bounds, count, coarse, row: { parameters[Int(ordinals[$0])] }, product: { coarseScale * Float(products[$0]) })
    }

    /// Bounds as above, but tighter, from the coarse and the fine products.
    public func fineBounds(
        coarseProducts: UnsafePointer<Int32>, fineProducts: UnsafePointer<Int32>, parameters: UnsafePointer<CodeParameters>,
        ordinals: UnsafePointer<UInt32>, count: Int, into bounds: UnsafeMutablePointer<Float>
    ) {
        fill(
            bounds, count, fine, row: { parameters[Int(ordinals[$0])] },
            product: { coarseScale * Float(coarseProducts[$0]) + fineScale * Float(fineProducts[$0]) })
    }

    /// The metric is asked once, not for each row.
    /// - Parameter product: the inner product of q̂ and the codes of a row.
    @inline(__always)
    private func fill(
        _ bounds: UnsafeMutablePointer<Float>, _ count: Int, _ query: QueryApproximation, row: (Int) -> CodeParameters, product: (Int) -> Float
    ) {
        switch metric {
        case .l2:
            let bound = SquaredL2Bound(query, sumError: sumError)
            for index in 0..<count { bounds[index] = bound(row(index), product(index)) }
        case .innerProduct:
            let bound = InnerProductBound(query, norm: norm, sumError: sumError)
            for index in 0..<count { bounds[index] = bound(row(index), product(index)) }
        case .cosine:
            let bound = CosineBound(query, inverseNorm: inverseNorm, sumError: sumError)
            for index in 0..<count { bounds[index] = bound(row(index), product(index)) }
        }
    }
}

/// u, half the distance from 1 to the next float.
private let u: Float = 0x1p-24

private struct SquaredL2Bound {
    private let query: QueryApproximation
    private let certain: Float

    init(_ query: QueryApproximation, sumError: Float) {
        self.query = query
        certain = 1 - sumError - 8 * u
    }

    @inline(__always)
    func callAsFunction(_ row: CodeParameters, _ product: Float) -> Float {
        let sum = query.squaredNorm + row.squaredNorm
        let squares = sum - 2 * row.scale * product - 64 * u * sum
        let length = max(squares, 0).squareRoot() * (1 - 8 * u) - (query.errorNorm + row.errorNorm) * (1 + 8 * u)
        let certainLength = max(length, 0)
        return length > -.infinity ? certainLength * certainLength * certain - 0x1p-100 : -.infinity
    }
}

private struct CosineBound {
    private let squaredNorm: Float
    private let errorNorm: Float
    private let inverseNorm: Float
    private let margin: Float

    init(_ query: QueryApproximation, inverseNorm: Float, sumError: Float) {
        squaredNorm = query.squaredNorm * inverseNorm * inverseNorm
        errorNorm = query.errorNorm * inverseNorm
        self.inverseNorm = inverseNorm
        margin = 4 * sumError
    }

    @inline(__always)
    func callAsFunction(_ row: CodeParameters, _ product: Float) -> Float {
        let sum = squaredNorm + row.squaredNorm * row.inverseNorm * row.inverseNorm
        let squares = sum - 2 * (row.scale * row.inverseNorm) * (product * inverseNorm) - 64 * u * sum
        let length = max(squares, 0).squareRoot() * (1 - 8 * u) - (errorNorm + row.errorNorm * row.inverseNorm) * (1 + 8 * u)
        let certainLength = max(length, 0)
        return length > -.infinity ? certainLength * certainLength * (0.5 - 8 * u) - margin : -.infinity
    }
}

private struct InnerProductBound {
    private let query: QueryApproximation
    private let norm: Float
    private let margin: Float

    init(_ query: QueryApproximation, norm: Float, sumError: Float) {
        self.query = query
        self.norm = norm
        margin = (sumError + 64 * u) * (norm + query.errorNorm)
    }

    @inline(__always)
    func callAsFunction(_ row: CodeParameters, _ product: Float) -> Float {
        let rowNorm = row.squaredNorm.squareRoot()
        let error = (norm * row.errorNorm + query.errorNorm * rowNorm) * (1 + 8 * u)
        let bound = 1 - row.scale * product - error - margin * (rowNorm + row.errorNorm) - 16 * u
        return bound > -.infinity ? bound : -.infinity
    }
}
