/// Codes of one, two and four bits per dimension for the difference r between a vector x and a centre c, from which squared distances to x are
/// estimated without bias (Gao, Long, "RaBitQ", SIGMOD 2024, doi:10.1145/3654970; with more bits: SIGMOD 2025, doi:10.1145/3725413).
///
/// All vectors are *rotated* at random, so that r looks the same in every direction, and have a multiple of 64 dimensions D. A code stands for a
/// direction y close to that of r. For a query q,
///
///     ‖q−x‖² = ‖q−c‖² + ‖r‖² − 2⟨r, q−c⟩   and   ⟨r, q−c⟩ ≈ ‖r‖²/⟨y,r⟩ · ⟨y, q−c⟩.
///
/// So with `factor` = 2‖r‖²/⟨y,r⟩ and `offset` = ‖r‖² + factor·⟨y,c⟩ the estimate is ‖q−c‖² + offset − factor·⟨y,q⟩, and nothing in it but ‖q−c‖²
/// is different for every pair of query and centre. Where the paper keeps c = 0 by rotating q−c for every centre, this keeps one table per query.
public enum RaBitQ {
    /// What an estimate needs beside the code.
    public struct Factors: BitwiseCopyable, Sendable, Equatable {
        public let factor: Float
        public let offset: Float
        /// 1 − cos² of the angle between y and r; 0 for r = 0. The estimate's standard error is `factor`·‖y‖·‖q−c‖·√(spread/(D−1)).
        public let spread: Float

        public init(factor: Float, offset: Float, spread: Float) {
            self.factor = factor
            self.offset = offset
            self.spread = spread
        }
    }

    /// One bit per dimension: y is +1 where r is positive, else −1, as `FastScan.pack` packs the same floats.
    ///
    /// - Parameters:
    ///   - residual: r, `dimension` floats whose squares can be added up.
    ///   - centre: c, as many.
    /// - Returns: factors for ⟨y,q⟩ = 2·Σq over the one-bits − Σq.
    public static func measureSigns(residual: UnsafePointer<Float>, centre: UnsafePointer<Float>, dimension: Int) -> Factors {
        var (magnitudes, squares, centreProduct) = (Lanes.zero, Lanes.zero, Lanes.zero)
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let values = lanes(residual, start)
            let centreValues = lanes(centre, start)
            let positive = values .> 0
            magnitudes += values.replacing(with: -values, where: .!positive)
            squares += values * values
            centreProduct += centreValues.replacing(with: -centreValues, where: .!positive)
        }
        return factors(
            squaredNorm: squares.sum(), codeProduct: magnitudes.sum(), codeSquaredNorm: Float(dimension), centreProduct: centreProduct.sum())
    }

    /// How many bits a dimension has in codes for a second look.
    public enum Depth: UInt8, Sendable, CaseIterable {
        /// `CrumbCodes`: levels −1.5, −0.5, 0.5, 1.5.
        case two = 2
        /// `NibbleCodes`: levels −7.5, −6.5 … 7.5.
        case four = 4

        /// The level of the highest code, and minus that of code 0.
        public var levelMax: Float {
            switch self {
            case .two: 1.5
            case .four: 7.5
            }
        }

        /// The bytes of `dimension` codes.
        @inlinable
        public func bytes(dimension: Int) -> Int { dimension * Int(rawValue) / 8 }

        /// How many levels lie in a standard deviation where normally distributed numbers are told best (Max, "Quantizing for minimum distortion",
        /// 1960, doi:10.1109/TIT.1960.1057548).
        fileprivate var levelsPerDeviation: Float {
            switch self {
            case .two: 1 / 0.9957
            case .four: 1 / 0.3352
            }
        }
    }

    /// Some bits per dimension: y is the level of the code, which is the nearest to the number. The distance between levels is the one of a few
    /// that brings y closest to the direction of r.
    ///
    /// - Parameters:
    ///   - residual: r, `dimension` floats whose squares can be added up.
    ///   - centre: c, as many.
    ///   - codes: room for `depth.bytes(dimension:)` bytes, in the order of `NibbleCodes` or `CrumbCodes`.
    /// - Returns: factors for ⟨y,q⟩ = Σ code·q − levelMax·Σq.
    public static func encode(
        _ depth: Depth, residual: UnsafePointer<Float>, centre: UnsafePointer<Float>, dimension: Int, into codes: UnsafeMutablePointer<UInt8>
    ) -> Factors {
        var squares = Lanes.zero
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let values = lanes(residual, start)
            squares += values * values
        }
        let usual = depth.levelsPerDeviation / (squares.sum() / Float(dimension)).squareRoot()
        guard usual > 0, usual.isFinite else {
            codes.update(repeating: 0, count: depth.bytes(dimension: dimension))
            return Factors(factor: 0, offset: 0, spread: 0)
        }
        var best = (steps: usual, closeness: -Float.infinity)
        for narrowing in [Float(0.8), 0.9, 1, 1.12, 1.25] {
            let steps = usual * narrowing
            let sums = sums(residual, dimension, steps: steps, levelMax: depth.levelMax)
            let closeness = sums.product * sums.product / sums.codeSquares
            if closeness > best.closeness { best = (steps, closeness) }
        }
        return write(depth, residual, centre, dimension, steps: best.steps, into: codes)
    }

    // MARK: Lanes

    private typealias Lanes = SIMD8<Float>

    @inline(__always)
    private static func lanes(_ vector: UnsafePointer<Float>, _ start: Int) -> Lanes {
        UnsafeRawPointer(vector + start).loadUnaligned(as: Lanes.self)
    }

    /// The nearest levels. Added to a small float, 1.5·2²³ leaves the nearest integer.
    @inline(__always)
    private static func levels(_ values: Lanes, steps: Float, levelMax: Float) -> Lanes {
        let shift: Float = 0x1.8p23
        let clamped = pointwiseMin(pointwiseMax(values * steps, Lanes(repeating: -levelMax)), Lanes(repeating: levelMax))
        return ((clamped - 0.5) + shift) - shift + 0.5
    }

    private static func sums(
        _ residual: UnsafePointer<Float>, _ dimension: Int, steps: Float, levelMax: Float
    ) -> (product: Float, codeSquares: Float) {
        var (product, codeSquares) = (Lanes.zero, Lanes.zero)
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let values = lanes(residual, start)
            let code = levels(values, steps: steps, levelMax: levelMax)
            product += values * code
            codeSquares += code * code
        }
        return (product.sum(), codeSquares.sum())
    }

    private static func write(
        _ depth: Depth, _ residual: UnsafePointer<Float>, _ centre: UnsafePointer<Float>, _ dimension: Int, steps: Float,
        into codes: UnsafeMutablePointer<UInt8>
    ) -> Factors {
        let (levelMax, bits, count) = (depth.levelMax, depth.rawValue, depth.bytes(dimension: dimension))
        var (product, codeSquares, squares, centreProduct) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        for start in stride(from: 0, to: count, by: Lanes.scalarCount) {
            var bytes = SIMD8<UInt8>.zero
            for part in 0..<8 / bits {
                let values = lanes(residual, Int(part) * count + start)
                let code = levels(values, steps: steps, levelMax: levelMax)
                product += values * code
                codeSquares += code * code
                squares += values * values
                centreProduct += lanes(centre, Int(part) * count + start) * code
                bytes |= SIMD8<UInt8>(truncatingIfNeeded: SIMD8<Int32>(code + levelMax)) &<< SIMD8<UInt8>(repeating: part * bits)
            }
            UnsafeMutableRawPointer(codes + start).storeBytes(of: bytes, as: SIMD8<UInt8>.self)
        }
        return factors(
            squaredNorm: squares.sum(), codeProduct: product.sum(), codeSquaredNorm: codeSquares.sum(), centreProduct: centreProduct.sum())
    }

    private static func factors(squaredNorm: Float, codeProduct: Float, codeSquaredNorm: Float, centreProduct: Float) -> Factors {
        let factor = 2 * squaredNorm / codeProduct
        // False for a zero residual, and for one so short that its square is none.
        guard squaredNorm > 0, codeProduct > 0, factor.isFinite else { return Factors(factor: 0, offset: squaredNorm, spread: 0) }
        let squaredCosine = (codeProduct / squaredNorm) * (codeProduct / codeSquaredNorm)
        return Factors(factor: factor, offset: squaredNorm + factor * centreProduct, spread: max(0, 1 - squaredCosine))
    }
}
