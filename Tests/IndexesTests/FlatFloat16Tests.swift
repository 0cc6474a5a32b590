import Indexes
import TestSupport
import Testing
import VectorKernels
import VectorModel

/// Rows stored as float16 are searched as the rounded numbers would be as floats.
@Suite struct FlatFloat16Tests {
    @Test(arguments: Seeds.some(8), Metric.allCases)
    func answersAreThoseOfTheRoundedNumbers(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: 1...130, using: &generator)
        let vectors = Shape.random(&generator).rows(Int.random(in: 1...900, using: &generator), dimension, &generator)
        let stored = TestRows(vectors, element: .float16)
        let floats = TestRows((0..<stored.count).map { Array(stored.values[$0 * dimension..<($0 + 1) * dimension]) })
        let share = [1, 0.7, 0.2].randomElement(using: &generator)!
        var accepted = OrdinalSet(bound: stored.count)
        for row in 0..<stored.count where generator.chance(share) { accepted.insert(row) }
        let query = floats.query(&generator)
        for kernels in VectorKernels.available() {
            for usesCodes in [true, false] {
                let found = stored.search(
                    query, metric, k: 10, accepted, usesCodes: usesCodes, kernels: kernels, access: RecordedAccess(), order: { UInt64($0) })
                let expected = floats.search(
                    query, metric, k: 10, accepted, usesCodes: false, kernels: kernels, access: RecordedAccess(), order: { UInt64($0) })
                #expect(found.map(\.ordinal) == expected.map(\.ordinal), "\(Seeds.replay(seed))")
                #expect(found.map(\.distance.bitPattern) == expected.map(\.distance.bitPattern), "\(Seeds.replay(seed))")
            }
        }
    }

    /// Infinities and NaN are not written, but a file may hold them.
    @Test(arguments: Metric.allCases)
    func numbersThatAreNoneGiveFiniteDistances(metric: Metric) {
        let bits: [UInt16] = [0x7C00, 0x3C00, 0xFC00, 0x7C00, 0x7E01, 0x7C01, 0x3C00, 0x3C00]
        let norms: [Float] = [1, 1, 1, 1]
        bits.withUnsafeBufferPointer { bits in
            norms.withUnsafeBufferPointer { norms in
                [Float(1), -2].withUnsafeBufferPointer { query in
                    let run = VectorRun(firstOrdinal: 0, numbers: .float16(bits.baseAddress!), count: 4, inverseNorms: norms.baseAddress!)
                    var nearest = TopK(k: 4)
                    FlatSearch(query: query, metric: metric).scan(
                        run, accepted: .all(below: 4), into: &nearest, order: { UInt64($0) }, shouldContinue: {})
                    let found = nearest.sorted()
                    #expect(found.contains { $0.ordinal == 3 } && found.allSatisfy { $0.distance.isFinite })
                }
            }
        }
    }
}
