import Glibc
package import LyricaClient

/// Vectors drawn from a mixture of normal distributions, the same for a seed everywhere.
///
/// Centres are normal with deviation 1, rows lie around a random one with a deviation that differs from centre to centre, and so the clusters are
/// of different density, as in real data. With one cluster this is the hardest case, where distances hardly differ.
package struct SyntheticVectors: Equatable, Sendable {
    package let rowCount: Int
    package let dimension: Int
    package let clusters: Int

    /// Rows that belong to no cluster, one in so many.
    private static let strayInterval = 50

    /// Reads `rows,dimension,clusters`; the last may be left out and is then 1.
    /// - Throws: `ClientError.data` that says what is wrong.
    package init(parsing text: String) throws(ClientError) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(numbers.count), !numbers.contains(where: { ($0 ?? 0) <= 0 }) else {
            throw .data("\"\(text)\" is not rows,dimension,clusters with numbers from 1")
        }
        rowCount = numbers[0]!
        dimension = numbers[1]!
        clusters = numbers.count == 3 ? numbers[2]! : 1
        guard rowCount <= Int(UInt32.max), clusters <= rowCount else {
            throw .data("\"\(text)\": at most \(UInt32.max) rows, and no more clusters than rows")
        }
    }

    /// - Parameter extraRows: rows behind the others that are drawn alike, for queries.
    package func generate(seed: UInt64, extraRows: Int, progress style: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        var numbers = NormalNumbers(seed: seed)
        let centres = try VectorMatrix(rowCount: clusters, dimension: dimension) { floats throws(ClientError) in
            for index in floats.indices { floats[index] = numbers.next() }
        }
        let spreads = (0..<clusters).map { _ in 0.25 + 0.5 * numbers.uniform() }
        let total = rowCount + extraRows
        var progress = ProgressReporter(style: style, total: total)
        let matrix = try VectorMatrix(rowCount: total, dimension: dimension) { floats throws(ClientError) in
            for row in 0..<total {
                let cluster = numbers.index(below: clusters)
                let isStray = numbers.index(below: Self.strayInterval) == 0
                let spread = isStray ? 1 : spreads[cluster]
                // The centres' last use is inside this loop.
                withExtendedLifetime(centres) {
                    let centre = centres.row(cluster)
                    for column in 0..<dimension { floats[row * dimension + column] = (isStray ? 0 : centre[column]) + spread * numbers.next() }
                }
                progress.advance(to: row + 1)
            }
        }
        progress.finishIfShown()
        return matrix
    }
}

/// Normally distributed numbers from a seed, by SplitMix64 (Steele, Lea & Flood, doi:10.1145/2660193.2660195) and the polar method (Marsaglia & Bray,
/// doi:10.1137/1006063).
struct NormalNumbers {
    private var state: UInt64
    private var spare: Float?

    init(seed: UInt64) { state = seed }

    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// In 0..<1.
    mutating func uniform() -> Float { Float(bits() >> 40) * 0x1p-24 }

    /// In 0..<bound.
    mutating func index(below bound: Int) -> Int { Int(bits().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func next() -> Float {
        if let spare {
            self.spare = nil
            return spare
        }
        while true {
            let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = x * x + y * y
            guard square > 0, square < 1 else { continue }
            let factor = (-2 * logf(square) / square).squareRoot()
            spare = y * factor
            return x * factor
        }
    }
}
