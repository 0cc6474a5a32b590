import TestSupport
import Testing
import VectorKernels

/// Sums in double precision: close to plain ones, and the same bits in every instruction set.
@Suite struct DoubleKernelsTests {
    private static let scalar = VectorKernels(.scalar)!

    @Test(arguments: VectorKernels.available())
    func everySetGivesTheBitsOfTheSpecification(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 40)
        for dimension in [0] + dimensions {
            for offset in 0...3 {
                let rows = Rows(dimension: dimension, count: 1, offset: offset) {
                    .random(in: -1...1, using: &generator) * Float(sign: .plus, exponent: .random(in: -30...30, using: &generator), significand: 1)
                }
                let (query, row) = (rows.query, rows.base)
                let comment: Comment = "dimension \(dimension), offset \(offset), seed \(runSeed)"
                let squared = kernels.doubleSquaredL2(query, row, dimension: dimension)
                #expect(squared == Self.scalar.doubleSquaredL2(query, row, dimension: dimension), comment)
                let (parts, expected) = (
                    kernels.doubleParts(query: query, row: row, dimension: dimension), Self.scalar.doubleParts(query: query, row: row, dimension: dimension)
                )
                #expect(parts == expected, comment)
                // Sums of positive terms have a small relative error in any order.
                let plain = (0..<dimension).reduce(0.0) { sum, i in
                    let difference = Double(query[i]) - Double(row[i])
                    return sum + difference * difference
                }
                #expect(abs(squared - plain) <= plain * 1e-12, comment)
                let norm = (0..<dimension).reduce(0.0) { $0 + Double(row[$1]) * Double(row[$1]) }
                let product = (0..<dimension).reduce(0.0) { $0 + Double(query[$1]) * Double(row[$1]) }
                let magnitude = (0..<dimension).reduce(0.0) { $0 + abs(Double(query[$1]) * Double(row[$1])) }
                #expect(abs(parts.squaredNorm - norm) <= norm * 1e-12 && abs(parts.innerProduct - product) <= magnitude * 1e-12, comment)
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func theLargestFloatsStayFinite(_ kernels: VectorKernels) {
        let rows = Rows(dimension: 1_000, count: 1) { .greatestFiniteMagnitude }
        for i in 0..<1_000 { rows.query[i] = -.greatestFiniteMagnitude }
        #expect(kernels.doubleSquaredL2(rows.query, rows.base, dimension: 1_000).isFinite)
        #expect(kernels.doubleParts(query: rows.query, row: rows.base, dimension: 1_000).innerProduct.isFinite)
    }
}
