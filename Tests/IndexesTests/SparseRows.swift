import Indexes
import TestSupport
import VectorModel

/// Sparse vectors of some rows, and what an exact search must find among them.
struct SparseRows {
    /// How often indices occur and what their values are.
    enum Shape: CaseIterable {
        /// A few frequent indices and many rare ones, positive values: what learned models and term weights look like.
        case words
        /// Values of both signs and zeros.
        case signed
        /// Values and so scores that are often equal.
        case ties
        /// Rare rows, whole windows without one.
        case gaps
    }

    let rowCount: Int
    var vectors: [(row: Int, vector: SparseVector)] = []

    init(_ shape: Shape, rowCount: Int, _ generator: inout SeededGenerator) throws {
        self.rowCount = rowCount
        for row in 0..<rowCount where generator.chance(percent: shape == .gaps ? (row / 256 % 3 == 1 ? 0 : 5) : 90) {
            vectors.append((row, try Self.vector(shape, size: 12, &generator)))
        }
    }

    static func vector(_ shape: Shape, size: Int, _ generator: inout SeededGenerator) throws -> SparseVector {
        var chosen: Set<UInt32> = []
        for _ in 0..<Int.random(in: 0...size, using: &generator) {
            // The smaller the index, the more rows have it.
            let share = Double.random(in: 0..<1, using: &generator)
            chosen.insert(UInt32(share * share * share * 400) * 9_999_991)
        }
        let indices = chosen.sorted()
        let values = indices.map { _ -> Float in
            switch shape {
            case .words, .gaps: .random(in: 0.01...3, using: &generator)
            case .signed: generator.chance(percent: 10) ? 0 : .random(in: -2...2, using: &generator)
            case .ties: Float(Int.random(in: -1...2, using: &generator)) / 2
            }
        }
        return try SparseVector(indices: indices, values: values)
    }

    var index: SparseIndex { SparseIndex.build(rowCount: rowCount) { (add) throws(Never) in for (row, vector) in vectors { add(row, vector) } } }

    /// Every accepted row with an index in common, rows ascending.
    func scores(_ query: SparseVector, _ accepted: OrdinalSet) -> [(row: Int, score: Double)] {
        let weights = Dictionary(zip(query.indices, query.values)) { $1 }
        return vectors.compactMap { row, vector in
            guard accepted.contains(row), vector.indices.contains(where: { weights[$0] != nil }) else { return nil }
            return (row, zip(vector.indices, vector.values).reduce(0.0) { $0 + (weights[$1.0].map { Double($0) } ?? 0) * Double($1.1) })
        }
    }
}
