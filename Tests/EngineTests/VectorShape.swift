import TestSupport

/// What vectors are like in collections that are hard for an index.
enum VectorShape: CaseIterable {
    /// As most data has them.
    case clusters
    /// Every vector several times.
    case duplicates
    /// One in five is zero.
    case zeros
    case tiny
    case huge
    /// Lengths from a quarter to four.
    case mixedLengths

    func vector(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        switch self {
        case .clusters: return clustered(dimension, &generator)
        case .duplicates:
            var copied = SeededGenerator(seed: UInt64.random(in: 0..<100, using: &generator))
            return clustered(dimension, &copied)
        case .zeros: return generator.chance(percent: 20) ? [Float](repeating: 0, count: dimension) : clustered(dimension, &generator)
        case .tiny: return clustered(dimension, &generator).map { $0 * 1e-15 }
        case .huge: return clustered(dimension, &generator).map { $0 * 1e15 }
        case .mixedLengths:
            let length: Float = [0.25, 0.5, 1, 2, 4].randomElement(using: &generator) ?? 1
            return clustered(dimension, &generator).map { $0 * length }
        }
    }

    /// What is looked for: near what there is, but never the same, since the distance to itself is a matter of rounding.
    func query(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        switch self {
        case .duplicates: clustered(dimension, &generator)
        case .clusters, .zeros, .tiny, .huge, .mixedLengths: vector(dimension, &generator)
        }
    }

    private func clustered(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        var centre = SeededGenerator(seed: UInt64.random(in: 0..<8, using: &generator))
        let noise = generator.vector(dimension)
        return zip(centre.vector(dimension), noise).map { $0 + 0.4 * $1 }
    }
}
