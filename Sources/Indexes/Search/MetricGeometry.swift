import VectorModel

/// One geometry for all metrics: rows are placed so that the squared Euclidean distance to the query's place orders them as the metric does.
///
/// - `l2`: rows and query times a power of two, 2ˢ, that keeps squares far from the ends of what a float can say.
/// - `cosine`: divided by their lengths. A zero row, whose distance to everything is 1, lies at 1 on a further coordinate, which is 0 for all others.
/// - `innerProduct`: rows times 2ˢ, and on the further coordinate what their squared length lacks of the largest one, M². Then all rows are as far
///   from the origin and a near one has a large inner product (Bachrach et al., RecSys 2014, doi:10.1145/2645710.2645741). The query's length does
///   not change the order; it is made M.
///
/// The further coordinate of a query is 0. It is kept beside the others, not rotated with them.
struct MetricGeometry: Equatable, Sendable {
    let metric: Metric
    /// s.
    let exponent: Int
    /// M², the squared length that all rows have with the further coordinate; 0 for `l2`.
    let squaredCeiling: Float

    /// - Parameter largestNorm: the length of the longest row; any for `cosine`.
    init(metric: Metric, largestNorm: Double) {
        self.metric = metric
        let size = largestNorm > 0 ? Int(largestNorm.exponent) : 0
        switch metric {
        case .l2:
            exponent = Self.largestExponent - size
            squaredCeiling = 0
        case .cosine:
            exponent = 0
            squaredCeiling = 1
        case .innerProduct:
            exponent = -size
            let ceiling = largestNorm * Self.power(-size)
            squaredCeiling = Float(ceiling * ceiling)
        }
    }

    /// A geometry as an image has it; `nil` for one that no rows lead to.
    init?(metric: Metric, exponent: Int, squaredCeiling: Float) {
        let isPossible =
            switch metric {
            case .l2: Self.exponents.contains(exponent) && squaredCeiling == 0
            case .cosine: exponent == 0 && squaredCeiling == 1
            case .innerProduct: Self.exponents.contains(exponent) && (squaredCeiling == 0 || (1...4).contains(squaredCeiling))
            }
        guard isPossible else { return nil }
        self.metric = metric
        self.exponent = exponent
        self.squaredCeiling = squaredCeiling
    }

    /// More than the lengths of rows of floats lead to, from one denormal number to 2¹⁶ of the largest.
    private static let exponents = -150...170
    /// The longest row of `l2` has a length of about 2¹⁸: rows down to 2⁻⁵⁸ of it can be told from zeros by their codes.
    private static let largestExponent = 18
    /// Queries are brought to this length at most: in 8-bit codes longer ones are none (`ScalarQuantizer8.ordinaryNorms`).
    private static let farthest = 0x1p39

    private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    /// The length in double precision, in which no float's square overflows or vanishes.
    static func norm(_ vector: UnsafePointer<Float>, _ dimension: Int) -> Double {
        var squares = SIMD8<Double>.zero
        var start = 0
        while start + 8 <= dimension {
            let lanes = SIMD8<Double>(UnsafeRawPointer(vector + start).loadUnaligned(as: SIMD8<Float>.self))
            squares += lanes * lanes
            start += 8
        }
        var sum = squares.sum()
        for index in start..<dimension { sum += Double(vector[index]) * Double(vector[index]) }
        return sum.squareRoot()
    }

    /// Writes a row's place and returns its further coordinate.
    func place(row: UnsafePointer<Float>, dimension: Int, into place: UnsafeMutablePointer<Float>) -> Float {
        switch metric {
        case .l2:
            scale(row, dimension, by: Self.power(exponent), into: place)
            return 0
        case .cosine:
            let norm = Self.norm(row, dimension)
            scale(row, dimension, by: norm > 0 ? 1 / norm : 0, into: place)
            return norm > 0 ? 0 : 1
        case .innerProduct:
            let factor = Self.power(exponent)
            let norm = Self.norm(row, dimension) * factor
            scale(row, dimension, by: factor, into: place)
            return Float(max(0, Double(squaredCeiling) - norm * norm).squareRoot())
        }
    }

    /// Writes a query's place and returns how its distances are read.
    func place(query: UnsafePointer<Float>, dimension: Int, into place: UnsafeMutablePointer<Float>) -> DistanceReading {
        let norm = Self.norm(query, dimension)
        switch metric {
        case .l2:
            // A query that is very far out is moved nearer: for the order of the rows little but its direction matters by then.
            let wanted = norm * Self.power(exponent)
            let factor = wanted > Self.farthest ? Self.farthest / norm : Self.power(exponent)
            scale(query, dimension, by: factor, into: place)
            return DistanceReading(factor: 1 / factor / factor, offset: 0, constant: nil)
        case .cosine:
            scale(query, dimension, by: norm > 0 ? 1 / norm : 0, into: place)
            return DistanceReading(factor: 0.5, offset: 0, constant: norm > 0 ? nil : 1)
        case .innerProduct:
            let ceiling = Double(squaredCeiling).squareRoot()
            let factor = norm > 0 ? ceiling / norm : 0
            scale(query, dimension, by: factor, into: place)
            // d² = 2M² − 2·factor·2ˢ·⟨q,x⟩, and the distance is 1 − ⟨q,x⟩.
            let perProduct = factor * Self.power(exponent)
            guard perProduct > 0, perProduct.isFinite else { return DistanceReading(factor: 0, offset: 1, constant: 1) }
            return DistanceReading(factor: 0.5 / perProduct, offset: 1 - Double(squaredCeiling) / perProduct, constant: nil)
        }
    }

    private func scale(_ from: UnsafePointer<Float>, _ dimension: Int, by factor: Double, into place: UnsafeMutablePointer<Float>) {
        var start = 0
        while start + 8 <= dimension {
            let lanes = SIMD8<Double>(UnsafeRawPointer(from + start).loadUnaligned(as: SIMD8<Float>.self))
            UnsafeMutableRawPointer(place + start).storeBytes(of: SIMD8<Float>(lanes * factor), as: SIMD8<Float>.self)
            start += 8
        }
        for index in start..<dimension { place[index] = Float(Double(from[index]) * factor) }
    }
}

/// From a squared distance between places to a distance as clients know it.
struct DistanceReading {
    let factor: Double
    let offset: Double
    /// The distance of all rows, where the query is one that cannot tell them apart.
    let constant: Float?

    func distance(_ squared: Float) -> Float {
        if let constant { return constant }
        let distance = Double(squared) * factor + offset
        return Float(min(max(distance, -Double(Float.greatestFiniteMagnitude)), Double(Float.greatestFiniteMagnitude)))
    }
}
