import Indexes
import Quantization
import TestSupport
import Testing
import VectorKernels
import VectorModel

/// Many queries at once against each by itself: same rows, same order, same bits of every distance.
@Suite struct FlatBatchSearchTests {
    @Test(arguments: Seeds.some(8))
    func answersAreThoseOfSingleSearches(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let dimension = [Int.random(in: 1...20, using: &generator), Int.random(in: 60...140, using: &generator)].randomElement(using: &generator)!
        let element = VectorElement.allCases.randomElement(using: &generator)!
        let rows = TestRows(Shape.random(&generator).rows(Int.random(in: 1...500, using: &generator), dimension, &generator), element: element)
        let share = [1, 0.97, 0.5, 0.1, 0.02].randomElement(using: &generator)!
        var accepted = OrdinalSet(bound: rows.count)
        for row in 0..<rows.count where generator.chance(share) { accepted.insert(row) }
        for metric in Metric.allCases {
            // Some are searched one by one, some with stored codes only, some with codes made on the way.
            let count = [1, 11, 12, 30, 48, 61].randomElement(using: &generator)!
            var queries = (0..<count).map { _ in rows.query(&generator) }
            queries[0] = [Float](repeating: 0, count: dimension)
            let k = [0, 1, 10, 10, 100, rows.count].randomElement(using: &generator)!
            let usesCodes = generator.chance(0.5)
            for kernels in VectorKernels.available() {
                let search = "\(metric), \(element), \(count) queries of \(dimension), k \(k), share \(share), codes \(usesCodes), \(kernels)"
                expectSame(rows, queries, metric, k: k, accepted, usesCodes: usesCodes, kernels, "\(search); \(Seeds.replay(seed))")
            }
        }
    }

    private func expectSame(
        _ rows: TestRows, _ queries: [[Float]], _ metric: Metric, k: Int, _ accepted: OrdinalSet, usesCodes: Bool, _ kernels: VectorKernels,
        _ comment: Comment
    ) {
        // Neighbours get distant keys, so that the order is not that of the rows.
        let order: (Int) -> UInt64 = { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let access = RecordedAccess()
        var nearest = [TopK](repeating: TopK(k: k), count: queries.count)
        queries.flatMap { $0 }.withUnsafeBufferPointer { all in
            let search = FlatBatchSearch(queries: all, dimension: rows.dimension, metric: metric, kernels: kernels)
            rows.withRun(usesCodes: usesCodes && rows.dimension >= ScalarQuantizer8.dimensionMin) { run in
                search.scan(run, accepted: accepted, access: access, into: &nearest, order: order, shouldContinue: {})
            }
        }
        for (query, nearest) in zip(queries, nearest) {
            let expected = rows.search(query, metric, k: k, accepted, usesCodes: false, kernels: kernels, access: RecordedAccess(), order: order)
            let found = nearest.sorted()
            #expect(found.map(\.ordinal) == expected.map(\.ordinal), comment)
            #expect(found.map(\.distance.bitPattern) == expected.map(\.distance.bitPattern), comment)
            #expect(found.allSatisfy { access.vectors.contains(Int($0.ordinal)) }, comment)
        }
    }

    @Test(arguments: zip(Seeds.some(3), Metric.allCases))
    func runsAndPartsShareTheNearest(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let all = Shape.random(&generator).rows(900, 64, &generator)
        let whole = TestRows(all)
        let queries = (0..<50).map { _ in whole.query(&generator) }
        let bounds = [0, Int.random(in: 1..<400, using: &generator), Int.random(in: 400..<900, using: &generator), 900]
        var nearest = [TopK](repeating: TopK(k: 25), count: queries.count)
        let answers = queries.flatMap { $0 }.withUnsafeBufferPointer { flat in
            let search = FlatBatchSearch(queries: flat, dimension: 64, metric: metric)
            for part in 0..<3 {
                let offset = bounds[part]
                let rows = TestRows(Array(all[offset..<bounds[part + 1]]))
                rows.withRun(part: UInt32(part), usesCodes: part != 1) { run in
                    search.scan(run, accepted: .all(below: rows.count), into: &nearest, order: { UInt64($0 + offset) }, shouldContinue: {})
                }
            }
            return whole.values.withUnsafeBufferPointer { values in
                (0..<search.count).map { query in
                    search.refined(query, nearest[query]) { candidate in
                        let start = (Int(candidate.ordinal) + bounds[Int(candidate.part)]) * 64
                        return UnsafeBufferPointer(rebasing: values[start..<start + 64])
                    }
                }
            }
        }
        for (index, query) in queries.enumerated() {
            let expected = whole.search(query, metric, k: 25, .all(below: 900), access: RecordedAccess(), order: { UInt64($0) })
            let found = nearest[index].sorted()
            #expect(found.map { Int($0.ordinal) + bounds[Int($0.part)] } == expected.map { Int($0.ordinal) }, "\(Seeds.replay(seed))")
            #expect(found.map(\.distance) == expected.map(\.distance), "\(Seeds.replay(seed))")
            // Distances computed anew may change places that differ in the last digits only.
            #expect(Set(answers[index].map { [$0.part, $0.ordinal] }) == Set(found.map { [$0.part, $0.ordinal] }), "\(Seeds.replay(seed))")
        }
    }

    /// What it is for: most rows are dropped by their codes.
    @Test(arguments: Metric.allCases, [16, 100])
    func fewFloatsAreRead(metric: Metric, dimension: Int) {
        var generator = SeededGenerator(seed: 4)
        let rows = TestRows(Shape.clustered.rows(6_000, dimension, &generator))
        let query = rows.query(&generator)
        let queries = (0..<12).flatMap { _ in zip(query, generator.vector(dimension)).map { $0 + 0.01 * $1 } }
        let access = RecordedAccess()
        var nearest = [TopK](repeating: TopK(k: 5), count: 12)
        queries.withUnsafeBufferPointer { queries in
            rows.withRun { run in
                FlatBatchSearch(queries: queries, dimension: dimension, metric: metric).scan(
                    run, accepted: .all(below: rows.count), access: access, into: &nearest, order: { UInt64($0) }, shouldContinue: {})
            }
        }
        #expect(access.vectors.count < rows.count / 5, "\(access.vectors.count) rows were read")
    }

    private struct Damage: Error, Equatable {}

    /// Refuses one row.
    private struct Damaged: RowAccess {
        let row: Int
        let inCodes: Bool

        func willReadVectors(rows: Range<Int>) throws(Damage) {
            if !inCodes, rows.contains(row) { throw Damage() }
        }

        func willReadCodes(rows: Range<Int>) throws(Damage) {
            if inCodes, rows.contains(row) { throw Damage() }
        }
    }

    @Test(arguments: [true, false], [true, false])
    func damageEndsTheSearchUnlessItsRowIsNobodysBusiness(inCodes: Bool, isAccepted: Bool) throws {
        var generator = SeededGenerator(seed: 7)
        let rows = TestRows(Shape.clustered.rows(1_000, 64, &generator))
        let queries = (0..<20).flatMap { _ in rows.values[900 * 64..<901 * 64] }
        var accepted = OrdinalSet.all(below: rows.count)
        if !isAccepted { accepted.remove(900) }
        let damaged = Damaged(row: 900, inCodes: inCodes)
        try rows.withRun { run in
            try queries.withUnsafeBufferPointer { queries in
                var nearest = [TopK](repeating: TopK(k: 5), count: 20)
                func scan() throws(Damage) {
                    try FlatBatchSearch(queries: queries, dimension: 64, metric: .cosine).scan(
                        run, accepted: accepted, access: damaged, into: &nearest, order: { (row: Int) throws(Damage) in UInt64(row) },
                        shouldContinue: { () throws(Damage) in })
                }
                if isAccepted {
                    #expect(throws: Damage()) { try scan() }
                } else {
                    try scan()
                    #expect(nearest.allSatisfy { $0.count == 5 })
                }
            }
        }
    }

    @Test func aSearchStopsWhenTold() {
        var generator = SeededGenerator(seed: 8)
        let rows = TestRows(Shape.uniform.rows(900, 8, &generator))
        let queries = (0..<50).flatMap { _ in generator.vector(8) }
        var tiles = 0
        rows.withRun { run in
            queries.withUnsafeBufferPointer { queries in
                var nearest = [TopK](repeating: TopK(k: 1), count: 50)
                #expect(throws: Damage.self) {
                    try FlatBatchSearch(queries: queries, dimension: 8, metric: .l2).scan(
                        run, accepted: .all(below: 900), into: &nearest, order: { (row: Int) throws(Damage) in UInt64(row) },
                        shouldContinue: { () throws(Damage) in
                            tiles += 1
                            if tiles == 3 { throw Damage() }
                        })
                }
            }
        }
        #expect(tiles == 3)
    }
}
