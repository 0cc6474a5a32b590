import VectorModel

/// Takes candidates one after the other by maximal marginal relevance (see `QueryRefinement.Diversity`).
///
/// Cost: a distance to each candidate that is left, for each one taken.
struct MarginalRelevance {
    private let lambda: Double
    private let metric: Metric
    private let dimension: Int
    /// The candidates' vectors, one after the other.
    private var vectors: [Float] = []
    private var distances: [Double] = []
    /// To the nearest of those taken; meaningless before the first.
    private var separations: [Double] = []
    private var isTaken: [Bool] = []
    private var last: Int?

    init(lambda: Double, metric: Metric, dimension: Int) {
        self.lambda = lambda
        self.metric = metric
        self.dimension = dimension
    }

    /// - Parameters:
    ///   - vector: of `dimension` numbers; searches find no record without.
    ///   - distance: from the query.
    mutating func add(_ vector: UnsafeBufferPointer<Float>?, distance: Float) {
        guard let vector else { preconditionFailure("a search found a record without a vector") }
        vectors += vector
        distances.append(Double(distance))
        separations.append(.infinity)
        isTaken.append(false)
    }

    /// The index of the candidate that comes next; `nil` when all are taken. Of equals the one added first.
    mutating func next() -> Int? {
        if let last { separate(from: last) }
        var best: (index: Int, cost: Double)?
        for index in distances.indices where !isTaken[index] {
            let cost = lambda * distances[index] - (last == nil ? 0 : (1 - lambda) * separations[index])
            if best.map({ cost < $0.cost }) ?? true { best = (index, cost) }
        }
        guard let best else { return nil }
        isTaken[best.index] = true
        last = best.index
        return best.index
    }

    private mutating func separate(from taken: Int) {
        vectors.withUnsafeBufferPointer { vectors in
            let other = UnsafeBufferPointer(rebasing: vectors[taken * dimension..<(taken + 1) * dimension])
            for index in distances.indices where !isTaken[index] {
                let own = UnsafeBufferPointer(rebasing: vectors[index * dimension..<(index + 1) * dimension])
                separations[index] = min(separations[index], metric.distance(own, other))
            }
        }
    }
}

extension Metric {
    /// The distance between two vectors of the same length, as the protocol defines it.
    fileprivate func distance(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
        var (squares, dot, aa, bb) = (0.0, 0.0, 0.0, 0.0)
        for index in a.indices {
            let (x, y) = (Double(a[index]), Double(b[index]))
            squares += (x - y) * (x - y)
            dot += x * y
            aa += x * x
            bb += y * y
        }
        switch self {
        case .l2: return squares
        case .innerProduct: return 1 - dot
        // A vector without a direction is at a right angle to all.
        case .cosine: return aa == 0 || bb == 0 ? 1 : 1 - dot / (aa * bb).squareRoot()
        }
    }
}
