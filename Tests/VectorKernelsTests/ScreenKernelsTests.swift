import TestSupport
import Testing
import VectorKernels

/// The screening kernels of every instruction set, against the comparison that they document in double precision.
@Suite struct ScreenKernelsTests {
    /// Rows and queries of codes with their terms.
    private struct Sample {
        let stride = 384
        let steps: Int
        let rows: [Int8]
        let queries: [Int8]
        let count: Int
        /// Scales, norms, errors.
        var rowTerms: [Float]
        var terms: [(base: Float, weight: Float, normWeight: Float, reach: Float, spread: Float)]

        init(steps: Int, queries count: Int, _ generator: inout SeededGenerator) {
            self.steps = steps
            self.count = count
            rows = (0..<100 * 384).map { _ in Int8.random(in: -128...127, using: &generator) }
            queries = (0..<count * 384).map { _ in Int8.random(in: -127...127, using: &generator) }
            rowTerms = (0..<192).map { _ in Float.random(in: 0.1...1, using: &generator) }
            terms = (0..<count).map { _ in
                (
                    Float.random(in: -1...1, using: &generator), Float.random(in: -1e-4...1e-4, using: &generator),
                    Float.random(in: -1...1, using: &generator), Float.random(in: -1...1, using: &generator),
                    Float.random(in: 0...1, using: &generator)
                )
            }
        }

        func product(_ query: Int, _ row: UInt32) -> Int {
            (0..<4 * steps).reduce(0) { $0 + Int(queries[query * stride + $1]) * Int(rows[Int(row) * stride + $1]) }
        }

        func codeSum(_ query: Int) -> Int32 { (0..<4 * steps).reduce(0) { $0 + Int32(queries[query * stride + $1]) } }
    }

    private func masks(_ kernels: VectorKernels, _ sample: Sample, _ ordinals: [UInt32], isSquared: Bool) -> [UInt64] {
        let bytes = VectorKernels.screenTileBytes(steps: sample.steps)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: 64)
        let tile = memory.initializeMemory(as: Int8.self, repeating: 85, count: bytes)
        defer { tile.deallocate() }
        let terms = sample.terms.enumerated().map {
            ScreenQuery(
                base: $1.base, weight: $1.weight, normWeight: $1.normWeight, reach: $1.reach, spread: $1.spread, codeSum: sample.codeSum($0))
        }
        // One slot more than needed, to see that nothing is written past the last.
        var masks = [UInt64](repeating: 77, count: sample.count + 1)
        kernels.packScreen(
            base: sample.rows, stride: sample.stride, ordinals: ordinals, count: ordinals.count, steps: sample.steps, tile: tile)
        kernels.screen(
            queries: sample.queries, stride: sample.stride, terms: terms, count: sample.count, tile: tile, rows: sample.rowTerms,
            steps: sample.steps, isSquared: isSquared, into: &masks)
        #expect(masks.removeLast() == 77)
        return masks
    }

    @Test(arguments: VectorKernels.available(), [true, false])
    func bitsAreThoseOfTheDocumentedComparison(_ kernels: VectorKernels, isSquared: Bool) {
        var generator = SeededGenerator(seed: runSeed &+ 40)
        for steps in [0, 1, 2, 3, 4, 5, 15, 16, 17, 33, 96] {
            for (queries, rows) in [(0, 64), (1, 64), (3, 1), (5, 63), (6, 64), (13, 30)] {
                let sample = Sample(steps: steps, queries: queries, &generator)
                let ordinals = (0..<rows).map { _ in UInt32.random(in: 0..<100, using: &generator) }
                let found = masks(kernels, sample, ordinals, isSquared: isSquared)
                for (query, mask) in found.enumerated() {
                    let terms = sample.terms[query]
                    for (row, ordinal) in ordinals.enumerated() {
                        let (scale, norm, error) = (sample.rowTerms[row], sample.rowTerms[64 + row], sample.rowTerms[128 + row])
                        let part = Double(scale) * Double(terms.weight) * Double(sample.product(query, ordinal))
                        let x = Double(terms.base) + Double(terms.normWeight) * Double(norm) - part
                        let y = Double(terms.reach) + Double(terms.spread) * Double(error)
                        let limit = isSquared ? y * y : y
                        // Where both sides nearly agree, rounding decides.
                        guard (x - limit).magnitude > 1e-5 * (1 + part.magnitude) else { continue }
                        #expect(
                            (mask >> UInt64(row) & 1 == 1) == (x <= limit),
                            "steps \(steps), query \(query) of \(queries), row \(row); replay with LYRICA_TEST_SEED=\(runSeed)")
                    }
                }
            }
        }
    }

    /// With whole numbers for terms nothing is rounded: the comparison tells products apart that differ by one.
    @Test(arguments: VectorKernels.available())
    func innerProductsAreExact(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 41)
        for steps in [1, 7, 64, 96] {
            var sample = Sample(steps: steps, queries: 7, &generator)
            let ordinals = (0..<64).map { UInt32($0) }
            sample.rowTerms = (0..<192).map { $0 < 64 ? 1 : 0 }
            for wanted in ordinals {
                for offset: Float in [0, 1] {
                    sample.terms = (0..<7).map { (-Float(sample.product($0, wanted)) + offset, -1, 0, 0, 0) }
                    let found = masks(kernels, sample, ordinals, isSquared: false)
                    // x = I − wanted + offset: 0 is let through, 1 is not.
                    let isKept = (0..<7).map { found[$0] >> UInt64(wanted) & 1 == 1 }
                    #expect(isKept == [Bool](repeating: offset == 0, count: 7), "steps \(steps), row \(wanted)")
                }
            }
        }
    }

    @Test(arguments: VectorKernels.available(), [true, false])
    func notANumberDropsNothing(_ kernels: VectorKernels, isSquared: Bool) {
        var generator = SeededGenerator(seed: 3)
        var sample = Sample(steps: 4, queries: 2, &generator)
        sample.terms = [(.nan, 1, 1, 1, 1), (1e9, 1, 1, .infinity, 1)]
        #expect(masks(kernels, sample, (0..<64).map { UInt32($0) }, isSquared: isSquared) == [.max, .max])
    }
}
