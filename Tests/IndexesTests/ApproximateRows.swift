import Indexes
import TestSupport
import VectorModel

/// Rows to build indexes of, and what an exact search in double precision finds among them.
struct ApproximateRows: Sendable {
    let metric: Metric
    let dimension: Int
    let rows: [[Float]]

    /// The shapes that data comes in.
    enum Shape: String, CaseIterable, Sendable {
        case uniform, clusters, tightClusters, duplicates, zeros, tiny, huge, mixedNorms
    }

    init(_ shape: Shape, metric: Metric, count: Int, dimension: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        self.metric = metric
        self.dimension = dimension
        let centres = (0..<20).map { _ in generator.vector(dimension) }
        var rows: [[Float]] = []
        for index in 0..<count {
            let near = { (spread: Float, generator: inout SeededGenerator) in
                zip(centres[index % centres.count], generator.vector(dimension)).map { $0 + spread * $1 }
            }
            switch shape {
            case .uniform: rows.append(generator.vector(dimension))
            case .clusters: rows.append(near(0.5, &generator))
            case .tightClusters: rows.append(near(0.01, &generator))
            case .duplicates:
                let isNew = index % 3 == 0 || rows.isEmpty
                rows.append(isNew ? near(0.3, &generator) : rows[Int.random(in: 0..<rows.count, using: &generator)])
            case .zeros: rows.append(index % 4 == 0 ? [Float](repeating: 0, count: dimension) : near(0.5, &generator))
            case .tiny: rows.append(near(0.5, &generator).map { $0 * 1e-18 })
            case .huge: rows.append(near(0.5, &generator).map { $0 * 1e17 })
            case .mixedNorms:
                let scale = Float.random(in: 0.05...20, using: &generator)
                rows.append(near(0.5, &generator).map { $0 * scale })
            }
        }
        self.rows = rows
    }

    init(metric: Metric, dimension: Int, rows: [[Float]]) {
        self.metric = metric
        self.dimension = dimension
        self.rows = rows
    }

    /// - Parameter ordinals: how the rows are called; their numbers by default.
    func lists(nlist: Int? = nil, seed: UInt64 = 1, threads: Int = 1, ordinals: [UInt32]? = nil) -> IVFIndex {
        IVFIndex.build(source(ordinals), IVFParameters(nlist: nlist), IndexBuild<Never>(seed: seed, threads: threads))
    }

    /// - Parameter ordinals: how the rows are called; their numbers by default.
    func graph(
        M: Int = 16, efConstruction: Int = 100, seed: UInt64 = 1, threads: Int = 1, ordinals: [UInt32]? = nil,
        extending older: (index: HNSWIndex, newOrdinal: (UInt32) -> UInt32?)? = nil
    ) -> HNSWIndex {
        HNSWIndex.build(
            source(ordinals), HNSWParameters(M: M, efConstruction: efConstruction), IndexBuild<Never>(seed: seed, threads: threads), extending: older)
    }

    func source<Failure: Error>(_ ordinals: [UInt32]? = nil) -> IndexSource<Failure> {
        let ordinals = ordinals ?? rows.indices.map { UInt32($0) }
        let places = Dictionary(uniqueKeysWithValues: zip(ordinals, rows.indices))
        return IndexSource<Failure>(metric: metric, dimension: dimension, ordinals: ordinals) { ordinal, vector in
            vector.update(from: rows[places[ordinal]!], count: dimension)
        }
    }

    func distance(_ query: [Float], _ row: Int) -> Double {
        let sums = Sums(query, rows[row])
        switch metric {
        case .l2: return sums.squares
        case .innerProduct: return 1 - sums.product
        case .cosine: return 1 + sums.negativeCosine
        }
    }

    /// What orders rows as their distances do, without a summand that could hide small differences.
    private func rank(_ query: [Float], _ row: Int) -> Double {
        let sums = Sums(query, rows[row])
        switch metric {
        case .l2: return sums.squares
        case .innerProduct: return -sums.product
        case .cosine: return sums.negativeCosine
        }
    }

    private struct Sums {
        private(set) var (squares, product, rowSquares, querySquares) = (0.0, 0.0, 0.0, 0.0)

        init(_ query: [Float], _ row: [Float]) {
            for index in row.indices {
                let (a, b) = (Double(query[index]), Double(row[index]))
                squares += (a - b) * (a - b)
                product += a * b
                rowSquares += b * b
                querySquares += a * a
            }
        }

        var negativeCosine: Double { rowSquares > 0 && querySquares > 0 ? -product / (rowSquares * querySquares).squareRoot() : 0 }
    }

    /// Of the `k` nearest, how many were found; rows as far as the last of them are as good.
    /// - Parameter among: the rows that count; all by default.
    func hits(_ query: [Float], _ found: [ApproximateNeighbor], k: Int, among: [Int]? = nil) -> Int {
        let exact = (among ?? Array(rows.indices)).map { rank(query, $0) }.sorted()
        let limit = exact[k - 1]
        let slack = abs(limit) * 1e-6
        return min(k, found.filter { rank(query, Int($0.ordinal)) <= limit + slack }.count)
    }

    /// - Parameter effort: `efSearch` or `nprobe`.
    func recall(_ index: some VectorIndex, queries: [[Float]], k: Int, wanted: Int, effort: Int) -> Double {
        let found = queries.reduce(0) { $0 + hits($1, index.search($1, wanted: wanted, effort: effort), k: k) }
        return Double(found) / Double(k * queries.count)
    }

    /// Recall of the 10 nearest with `efSearch` 100, as the engine asks a graph.
    func recall(_ index: HNSWIndex, queries: [[Float]], efSearch: Int = 100) -> Double {
        recall(index, queries: queries, k: 10, wanted: HNSWIndex.proposalCount(k: 10), effort: efSearch)
    }

    /// Queries like the rows: a row moved a little.
    func queries(_ count: Int, seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let (a, b) = (rows.randomElement(using: &generator)!, rows.randomElement(using: &generator)!)
            return zip(a, b).map { 0.8 * $0 + 0.2 * $1 }
        }
    }
}

extension VectorIndex {
    func search(_ query: [Float], wanted: Int, effort: Int, accepted: OrdinalSet? = nil) -> [ApproximateNeighbor] {
        query.withUnsafeBufferPointer { query in
            search(query, wanted: wanted, effort: effort, accepted: accepted) { () throws(Never) in }
        }
    }
}

extension IVFIndex {
    var bytes: [UInt8] { Array(image.bytes) }
}

extension HNSWIndex {
    var bytes: [UInt8] { Array(image.bytes) }
}
