import Indexes
import Testing
import TestSupport
import VectorKernels
import VectorModel

@Suite struct FlatSearchTests {
    /// Rows as one run, searched; the answer as ordinals and distances.
    private func search(
        _ rows: [[Float]], query: [Float], metric: Metric, k: Int, accepted: OrdinalSet? = nil, kernels: VectorKernels = .active
    ) -> [(ordinal: Int, distance: Float)] {
        let flat = rows.flatMap { $0 }
        let norms = rows.map { row in row.withUnsafeBufferPointer { InverseNorm.of($0.baseAddress!, dimension: row.count) } }
        return flat.withUnsafeBufferPointer { base in
            norms.withUnsafeBufferPointer { norms in
                query.withUnsafeBufferPointer { query in
                    let run = VectorRun(firstOrdinal: 0, base: base.baseAddress!, count: rows.count, inverseNorms: norms.baseAddress!)
                    let search = FlatSearch(query: query, metric: metric, kernels: kernels)
                    var nearest = TopK(k: k)
                    search.scan(run, accepted: accepted ?? .all(below: rows.count), into: &nearest, order: { UInt64($0) }, shouldContinue: {})
                    return search.refined(nearest) { candidate in
                        let start = Int(candidate.ordinal) * query.count
                        return UnsafeBufferPointer(rebasing: base[start..<start + query.count])
                    }.map { (Int($0.ordinal), $0.distance) }
                }
            }
        }
    }

    private func reference(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
        let pairs = zip(a, b).map { (Double($0), Double($1)) }
        let dot = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        switch metric {
        case .l2: return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        case .innerProduct: return 1 - dot
        case .cosine:
            let norms = (pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 }).squareRoot()
            return norms > 0 ? 1 - dot / norms : 1
        }
    }

    @Test(arguments: Seeds.some(12), Metric.allCases)
    func findsTheNearestAcceptedRows(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: 1...40, using: &generator)
        let rows = (0..<Int.random(in: 1...900, using: &generator)).map { _ in generator.vector(dimension) }
        let share = Double.random(in: 0...1, using: &generator)
        var accepted = OrdinalSet(bound: rows.count)
        for row in rows.indices where generator.chance(share) { accepted.insert(row) }
        let query = generator.vector(dimension)
        let expected = rows.indices.filter { accepted.contains($0) }.map { ($0, reference(query, rows[$0], metric)) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(10)
        for kernels in VectorKernels.available() {
            let found = search(rows, query: query, metric: metric, k: 10, accepted: accepted, kernels: kernels)
            #expect(found.count == expected.count, "\(Seeds.replay(seed))")
            for (found, expected) in zip(found, expected) {
                #expect(abs(Double(found.distance) - expected.1) <= 1e-6 * max(1, abs(expected.1)), "\(Seeds.replay(seed))")
            }
        }
    }

    /// A block of which half is accepted, and behind it a few rows of which all are: a block that is computed as a whole never outgrows its memory.
    @Test func halfABlockAndAWholeRest() {
        for rest in 1...40 {
            let rows = (0..<256 + rest).map { [Float($0), 1] }
            var accepted = OrdinalSet(bound: rows.count)
            for row in rows.indices where row >= 256 || row % 2 == 0 { accepted.insert(row) }
            let found = search(rows, query: [400, 1], metric: .l2, k: 200, accepted: accepted)
            #expect(found.map(\.ordinal) == rows.indices.filter(accepted.contains).reversed().prefix(200).map { $0 })
        }
    }

    @Test(arguments: Metric.allCases)
    func equalDistancesComeInInsertionOrder(metric: Metric) {
        let rows = [[Float]](repeating: [0.5, 0.25, 1], count: 700)
        #expect(search(rows, query: [1, 2, 3], metric: metric, k: 5).map(\.ordinal) == [0, 1, 2, 3, 4])
    }

    @Test(arguments: Metric.allCases)
    func zeroVectorsAndHugeValuesGiveFiniteDistances(metric: Metric) {
        let rows: [[Float]] = [[0, 0], [3e38, 3e38], [-3e38, 3e38], [.leastNonzeroMagnitude, 0], [1, 1]]
        for query in rows {
            let found = search(rows, query: query, metric: metric, k: 10)
            #expect(found.count == rows.count)
            #expect(found.allSatisfy { $0.distance.isFinite })
        }
    }

    @Test func aZeroVectorHasCosineDistanceOne() {
        #expect(search([[0, 0, 0]], query: [1, 2, 3], metric: .cosine, k: 1)[0].distance == 1)
        #expect(search([[1, 2, 3]], query: [0, 0, 0], metric: .cosine, k: 1)[0].distance == 1)
    }

    @Test func aSearchStopsWhenTold() {
        struct Stop: Error {}
        let values = [Float](repeating: 1, count: 2_000)
        var blocks = 0
        values.withUnsafeBufferPointer { base in
            [Float(1)].withUnsafeBufferPointer { query in
                let run = VectorRun(firstOrdinal: 0, base: base.baseAddress!, count: 2_000, inverseNorms: nil)
                var nearest = TopK(k: 1)
                #expect(throws: Stop.self) {
                    try FlatSearch(query: query, metric: .l2).scan(
                        run, accepted: .all(below: 2_000), into: &nearest, order: { (row: Int) throws(Stop) in UInt64(row) },
                        shouldContinue: { () throws(Stop) in
                            blocks += 1
                            if blocks == 3 { throw Stop() }
                        })
                }
            }
        }
        #expect(blocks == 3)
    }
}
