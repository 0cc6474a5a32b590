import Indexes
import Quantization
import TestSupport
import Testing
import VectorKernels
import VectorModel

/// The two-stage search against the scan of the floats: same rows, same order, same bits of every distance.
@Suite struct CodeSearchTests {
    @Test(arguments: Seeds.some(12))
    func answersAreThoseOfTheFloats(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: ScalarQuantizer8.dimensionMin...140, using: &generator)
        let rows = TestRows(Shape.random(&generator).rows(Int.random(in: 1...2_500, using: &generator), dimension, &generator))
        let share = [1, 0.97, 0.6, 0.4, 0.1, 0.02][Int.random(in: 0..<6, using: &generator)]
        var accepted = OrdinalSet(bound: rows.count)
        for row in 0..<rows.count where generator.chance(share) { accepted.insert(row) }
        let wanted = [1, 10, 10, 1, Int.random(in: 1...600, using: &generator), rows.count].shuffled(using: &generator)
        for (metric, k) in zip(Metric.allCases + Metric.allCases, wanted) {
            let query = rows.query(&generator)
            for kernels in VectorKernels.available() {
                rows.expectSameAnswers(query, metric, k: k, accepted, kernels, "\(metric), k \(k), share \(share), \(kernels); \(Seeds.replay(seed))")
            }
        }
    }

    @Test(arguments: Metric.allCases)
    func equalDistancesComeInInsertionOrder(metric: Metric) {
        var generator = SeededGenerator(seed: 1)
        let few = (0..<3).map { _ in generator.vector(64) }
        let rows = TestRows((0..<3_000).map { few[$0 % 3] })
        // The oldest come last in the file.
        let found = rows.search(few[0], metric, k: 20, .all(below: 3_000), access: RecordedAccess(), order: { UInt64(10_000 - $0) })
        #expect(found.map(\.ordinal) == (0..<20).map { UInt32(2_997 - 3 * $0) })
    }

    /// Runs of one part or of several, with and without codes, share one `TopK`.
    @Test(arguments: zip(Seeds.some(6), Metric.allCases + Metric.allCases))
    func runsAndPartsShareTheNearest(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let all = Shape.random(&generator).rows(2_400, 64, &generator)
        let query = TestRows(all).query(&generator)
        let whole = TestRows(all).search(query, metric, k: 25, .all(below: 2_400), access: RecordedAccess(), order: { UInt64($0) })
        let bounds = [0, Int.random(in: 1..<1_000, using: &generator), Int.random(in: 1_000..<2_400, using: &generator), 2_400]
        var nearest = TopK(k: 25)
        for part in 0..<3 {
            let offset = bounds[part]
            let rows = TestRows(Array(all[offset..<bounds[part + 1]]))
            rows.scan(
                query, metric, .all(below: rows.count), part: UInt32(part), usesCodes: part != 1, access: RecordedAccess(), into: &nearest,
                order: { UInt64($0 + offset) })
        }
        let found = nearest.sorted()
        #expect(found.map { Int($0.ordinal) + bounds[Int($0.part)] } == whole.map { Int($0.ordinal) }, "\(Seeds.replay(seed))")
        #expect(found.map(\.distance) == whole.map(\.distance), "\(Seeds.replay(seed))")
    }

    /// What it is for: of clustered rows only a few are read as floats.
    @Test(arguments: Metric.allCases)
    func fewFloatsAreRead(metric: Metric) {
        var generator = SeededGenerator(seed: 4)
        let rows = TestRows(Shape.clustered.rows(10_000, 64, &generator))
        let access = RecordedAccess()
        _ = rows.search(rows.query(&generator), metric, k: 10, .all(below: rows.count), access: access, order: { UInt64($0) })
        #expect(access.codes.count == rows.count)
        #expect(access.vectors.count < rows.count / 50, "\(access.vectors.count) rows were read")
    }

    /// Where codes rule out nothing they are given up, or they would only cost.
    @Test func uselessCodesAreNotRead() {
        var generator = SeededGenerator(seed: 5)
        // So far away that the error of a code is larger than all distances.
        let rows = TestRows((0..<10_000).map { _ in generator.vector(64).map { $0 * 0.01 + 1_000 } })
        let access = RecordedAccess()
        _ = rows.search(rows.query(&generator), .l2, k: 10, .all(below: rows.count), access: access, order: { UInt64($0) })
        #expect(access.vectors.count == rows.count)
        #expect(access.codes.count < rows.count / 4, "codes of \(access.codes.count) rows were read")
    }
}

/// What the rows of a test look like.
enum Shape: CaseIterable {
    case uniform, clustered, duplicates, extremes

    static func random(_ generator: inout SeededGenerator) -> Shape { allCases.randomElement(using: &generator)! }

    func rows(_ count: Int, _ dimension: Int, _ generator: inout SeededGenerator) -> [[Float]] {
        switch self {
        case .uniform:
            return (0..<count).map { _ in generator.vector(dimension) }
        case .clustered:
            let centres = (0..<40).map { _ in generator.vector(dimension) }
            return (0..<count).map { _ in
                let centre = centres.randomElement(using: &generator)!
                return zip(centre, generator.vector(dimension)).map { $0 + 0.2 * $1 }
            }
        case .duplicates:
            let few = (0..<7).map { _ in generator.vector(dimension) }
            return (0..<count).map { _ in few.randomElement(using: &generator)! }
        case .extremes:
            return (0..<count).map { _ in Shape.extreme(dimension, &generator) }
        }
    }

    private static func extreme(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        let vector = generator.vector(dimension)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return vector.map { _ in 0 }
        case 1: return vector.map { $0 * 0x1p-70 }
        case 2: return vector.map { $0 * 0x1p70 }
        case 3: return vector.map { $0 < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude }
        case 4: return vector.map { Float(bitPattern: UInt32($0.magnitude * 100)) }
        case 5: return vector.map { $0 < 0 ? -1 : 1 }
        default: return vector
        }
    }
}
