public import VectorKernels
public import VectorModel

// Screening many rows for many queries (`VectorKernels.screen`): the bounds of `QueryCodes+Bounds`, turned into a comparison in which a query's
// threshold is already contained, so that there is no root and no division left for each pair of a row and a query.
//
// With the words of that file: a row is dropped only if a scan's float distance d of it is certainly beyond the threshold τ.
//
//   l2      d ≥ (1 − g)·‖q − v‖² − 2⁻¹⁰⁰, so d > τ if ‖q − v‖ > L with L² = (τ + 2⁻¹⁰⁰)/(1 − g), so if ‖q̂ − v̂‖² > (L + f + e)².
//           x = ‖q̂‖² + ‖v̂‖² − 2·q̂·v̂ lessened by 64·u·(‖q̂‖² + ‖v̂‖²), y = L + f + e increased by 16·u of it
//   cosine  d ≥ ½‖q/‖q‖ − v/‖v‖‖² − 4·g, so the same with everything divided by the lengths, and L² = 2·(τ + 4·g)
//   ip      d ≥ 1 − q̂·v̂ − (‖q‖·e + f·‖v̂‖) − m·(‖v̂‖ + e) − 16·u with m = (g + 64·u)·(‖q‖ + f):
//           x = (1 − τ) − 16·u − W·‖v̂‖ − q̂·v̂, y = C·e with W = f + m and C = ‖q‖ + m, both increased by 32·u of them
//
// Rounding. For l2 and cosine |2·q̂·v̂| ≤ ‖q̂‖² + ‖v̂‖². Fewer than 24 roundings, each of a part of u, go into what x is made of and into x itself,
// which 64·u covers; those of y and y², fewer than 8, are covered by 16·u. For ip the roundings of x are relative to |q̂·v̂| and W·‖v̂‖, no more
// than (‖q‖ + f)·‖v̂‖ each, which the 64·u in m covers, and to |1 − τ|, from which 8·u of it is taken away. An infinite e makes y infinite.

/// One query's side of screening, for any threshold.
public struct CodeScreen: Sendable {
    private let metric: Metric
    /// ‖q̂‖² with its margin for l2 and cosine, where it is divided by ‖q‖² for cosine.
    private let base: Float
    private let weight: Float
    private let normWeight: Float
    private let spread: Float
    /// f, divided by ‖q‖ for cosine.
    private let errorNorm: Float
    /// g.
    private let sumError: Float
    private let codeSum: Int32

    fileprivate init(_ query: QueryCodes, codeSum: Int32) {
        metric = query.metric
        sumError = query.sumError
        self.codeSum = codeSum
        let (q, inverseNorm) = (query.coarse, query.inverseNorm)
        switch query.metric {
        case .l2:
            base = q.squaredNorm * (1 - 64 * u)
            weight = 2 * query.coarseScale
            normWeight = 1 - 64 * u
            spread = 1 + 16 * u
            errorNorm = q.errorNorm
        case .cosine:
            base = q.squaredNorm * inverseNorm * inverseNorm * (1 - 64 * u)
            weight = 2 * query.coarseScale * inverseNorm
            normWeight = 1 - 64 * u
            spread = 1 + 16 * u
            errorNorm = q.errorNorm * inverseNorm
        case .innerProduct:
            let margin = (sumError + 64 * u) * (query.norm + q.errorNorm)
            base = 0
            weight = query.coarseScale
            normWeight = -(q.errorNorm + margin) * (1 + 32 * u)
            spread = (query.norm + margin) * (1 + 32 * u)
            errorNorm = 0
        }
    }

    /// What drops the rows that are certainly farther than `threshold`, which may be infinite: then none is dropped.
    public func terms(threshold: Float) -> ScreenQuery {
        switch metric {
        case .l2:
            terms(base: base, reach: ((Double(threshold) + 0x1p-100) / Double(1 - sumError)).squareRoot())
        case .cosine:
            terms(base: base, reach: (2 * max(Double(threshold) + Double(4 * sumError), 0)).squareRoot())
        case .innerProduct:
            terms(base: Self.lowered(1 - Double(threshold)), reach: 0)
        }
    }

    /// What drops no row.
    public static var everything: ScreenQuery { ScreenQuery(base: -.infinity, weight: 0, normWeight: 0, reach: 0, spread: 0, codeSum: 0) }

    private func terms(base: Float, reach: Double) -> ScreenQuery {
        ScreenQuery(
            base: base, weight: weight, normWeight: normWeight, reach: Float((reach + Double(errorNorm)) * Double(1 + 16 * u)), spread: spread,
            codeSum: codeSum)
    }

    private static func lowered(_ base: Double) -> Float { Float(base - Double(16 * u) - base.magnitude * Double(8 * u)) }

    /// A row's side of screening.
    @inline(__always)
    public static func row(_ row: CodeParameters, _ metric: Metric) -> (scale: Float, norm: Float, error: Float) {
        switch metric {
        case .l2: (row.scale, row.squaredNorm, row.errorNorm)
        case .cosine: (row.scale * row.inverseNorm, row.squaredNorm * row.inverseNorm * row.inverseNorm, row.errorNorm * row.inverseNorm)
        case .innerProduct: (row.scale, row.squaredNorm.squareRoot(), row.errorNorm)
        }
    }

    /// Whether rows are compared with the square of their reach.
    public static func isSquared(_ metric: Metric) -> Bool {
        switch metric {
        case .l2, .cosine: true
        case .innerProduct: false
        }
    }
}

extension QueryCodes {
    /// The query's side of screening. Copies the coarse codes, `stride` of them, to `codes`.
    public func screen(copyingCodesTo codes: UnsafeMutablePointer<Int8>) -> CodeScreen {
        var sum: Int32 = 0
        for index in 0..<stride {
            codes[index] = coarseCodes[index]
            sum += Int32(coarseCodes[index])
        }
        return CodeScreen(self, codeSum: sum)
    }
}

/// u, half the distance from 1 to the next float.
private let u: Float = 0x1p-24
