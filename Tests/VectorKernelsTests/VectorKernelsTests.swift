import TestSupport
import Testing
import VectorKernels

/// One suite for every instruction set of this machine, against sums in double precision.
@Suite struct VectorKernelsTests {
    @Test(arguments: VectorKernels.available())
    func sumsAreWithinTheDocumentedErrorForEveryDimensionAndAlignment(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed)
        for dimension in dimensions {
            for offset in 0...3 {
                let rows = Rows(dimension: dimension, count: 1, offset: offset) { .random(in: -1...1, using: &generator) }
                check(kernels, rows, "dimension \(dimension), offset \(offset)")
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func wideRangesOfMagnitudeKeepTheBound(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 1)
        for dimension in dimensions {
            let rows = Rows(dimension: dimension, count: 1) {
                .random(in: -1...1, using: &generator) * Float(sign: .plus, exponent: .random(in: -40...40, using: &generator), significand: 1)
            }
            check(kernels, rows, "dimension \(dimension)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func zerosGiveExactlyZero(_ kernels: VectorKernels) {
        for dimension in [0] + dimensions {
            let rows = Rows(dimension: dimension, count: 1) { 0 }
            let parts = kernels.cosineParts(query: rows.query, row: rows.base, dimension: dimension)
            #expect(kernels.squaredL2(rows.query, rows.base, dimension: dimension) == 0)
            #expect(kernels.innerProduct(rows.query, rows.base, dimension: dimension) == 0)
            #expect(parts.innerProduct == 0 && parts.squaredNorm == 0)
        }
    }

    @Test(arguments: VectorKernels.available())
    func aVectorIsAtDistanceZeroFromItself(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 2)
        for dimension in dimensions {
            let rows = Rows(dimension: dimension, count: 1) { .random(in: -1e18...1e18, using: &generator) }
            #expect(kernels.squaredL2(rows.base, rows.base, dimension: dimension) == 0, "dimension \(dimension), seed \(runSeed)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func denormalsAreNotFlushed(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 3)
        for dimension in dimensions {
            // A denormal times a large number is an ordinary number: it is lost where denormals are read as zero.
            let rows = Rows(dimension: dimension, count: 1) { Float(bitPattern: .random(in: 1...0x7F_FFFF, using: &generator)) }
            for i in 0..<dimension { rows.query[i] = 0x1p100 }
            let product = Reference.innerProduct(rows.query, rows.base, dimension)
            let value = kernels.innerProduct(rows.query, rows.base, dimension: dimension)
            #expect(value > 0 && product.accepts(value), "dimension \(dimension), seed \(runSeed)")
            // Terms whose squares are denormal themselves.
            let small = Rows(dimension: dimension, count: 1) { .random(in: 0x1p-70...0x1p-66, using: &generator) }
            check(kernels, small, "dimension \(dimension), squares of 2^-70")
        }
    }

    @Test(arguments: VectorKernels.available())
    func hugeValuesStayWithinTheBound(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 4)
        // 80 differences of up to 2e18 square to less than the largest float.
        for dimension in dimensions where dimension <= 80 {
            let rows = Rows(dimension: dimension, count: 1) { .random(in: -1e18...1e18, using: &generator) }
            check(kernels, rows, "dimension \(dimension)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func overflowIsInfinityAndNotNaN(_ kernels: VectorKernels) {
        for dimension in dimensions {
            for magnitude: Float in [1e30, .greatestFiniteMagnitude] {
                var sign: Float = 1
                let rows = Rows(dimension: dimension, count: 5) {
                    sign = -sign
                    return sign * magnitude
                }
                for i in 0..<dimension { rows.query[i] = i % 3 == 0 ? magnitude : -magnitude / 2 }
                var results = [Float](repeating: 0, count: rows.count)
                kernels.squaredL2(query: rows.query, rows: rows.base, stride: rows.stride, count: rows.count, dimension: dimension, into: &results)
                for row in 0..<rows.count {
                    // The first row that differs anywhere differs by at least half the magnitude, whose square overflows.
                    let same = (0..<dimension).allSatisfy { rows.query[$0] == rows.row(row)[$0] }
                    #expect(results[row] == (same ? 0 : .infinity), "dimension \(dimension), row \(row)")
                    #expect(kernels.squaredNorm(rows.row(row), dimension: dimension) == .infinity)
                }
            }
        }
    }

    /// Every one-to-one kernel against its reference, and cosine parts against the two they replace, bit for bit.
    private func check(_ kernels: VectorKernels, _ rows: Rows, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let (query, row, dimension) = (rows.query, rows.base, rows.dimension)
        let squaredL2 = kernels.squaredL2(query, row, dimension: dimension)
        let innerProduct = kernels.innerProduct(query, row, dimension: dimension)
        let squaredNorm = kernels.squaredNorm(row, dimension: dimension)
        let parts = kernels.cosineParts(query: query, row: row, dimension: dimension)
        let comment: Comment = "\(what); replay with LYRICA_TEST_SEED=\(runSeed)"
        #expect(Reference.squaredL2(query, row, dimension).accepts(squaredL2), comment, sourceLocation: sourceLocation)
        #expect(Reference.innerProduct(query, row, dimension).accepts(innerProduct), comment, sourceLocation: sourceLocation)
        #expect(Reference.innerProduct(row, row, dimension).accepts(squaredNorm), comment, sourceLocation: sourceLocation)
        #expect(parts.innerProduct == innerProduct && parts.squaredNorm == squaredNorm, comment, sourceLocation: sourceLocation)
    }
}
