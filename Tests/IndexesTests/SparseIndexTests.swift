import Indexes
import TestSupport
import Testing
import VectorModel

@Suite struct SparseIndexTests {
    /// Older rows are those of larger ordinal, so that ties do not fall as windows lie.
    private func order(_ row: Int) -> UInt64 { UInt64(1_000_000 - row) }

    private func best(
        _ index: SparseIndex, _ query: SparseVector, _ accepted: OrdinalSet, k: Int
    ) -> [(row: Int, score: Double)] {
        var best = ScoredTopK(k: k)
        index.search(query, accepted: accepted, into: &best, order: { (row) throws(Never) in order(row) }, shouldContinue: { () throws(Never) in })
        return best.sorted().map { (Int($0.ordinal), $0.score) }
    }

    private func expected(_ scores: [(row: Int, score: Double)], k: Int) -> [(row: Int, score: Double)] {
        Array(scores.sorted { $0.score > $1.score || $0.score == $1.score && order($0.row) < order($1.row) }.prefix(k))
    }

    private func same(_ left: [(row: Int, score: Double)], _ right: [(row: Int, score: Double)]) -> Bool {
        left.map(\.row) == right.map(\.row) && left.map(\.score) == right.map(\.score)
    }

    @Test(arguments: Seeds.some(2), SparseRows.Shape.allCases)
    func answersAreThoseOfEveryRow(_ seed: UInt64, _ shape: SparseRows.Shape) throws {
        var generator = SeededGenerator(seed: seed)
        let rows = try SparseRows(shape, rowCount: Int.random(in: 1...1_500, using: &generator), &generator)
        let index = rows.index
        let opened = try SparseIndex(copiedImage(withExtendedLifetime(index) { Array(index.image.bytes) }), rowCount: rows.rowCount)
        for _ in 0..<12 {
            let query = try SparseRows.vector(shape, size: Int.random(in: 1...20, using: &generator), &generator)
            var accepted = OrdinalSet.all(below: rows.rowCount)
            let share = [100, 100, 50, 5, 0].randomElement(using: &generator) ?? 100
            if share < 100 { accepted.filter { _ in generator.chance(percent: share) } }
            let scores = rows.scores(query, accepted)
            for k in [0, 1, 10, 5_000] {
                #expect(same(best(index, query, accepted, k: k), expected(scores, k: k)), "\(Seeds.replay(seed)), \(shape), k \(k)")
            }
            var all: [(row: Int, score: Double)] = []
            opened.forEachScore(query, accepted: accepted, shouldContinue: { () throws(Never) in }) { row, score in all.append((row, score)) }
            #expect(same(all, scores), "\(Seeds.replay(seed)), \(shape)")
            for term in query.indices.prefix(3) {
                let count = rows.vectors.count { accepted.contains($0.row) && $0.vector.indices.contains(term) }
                #expect(opened.count(of: term, among: accepted) == count)
            }
        }
        #expect(opened.count(of: 5, among: .all(below: rows.rowCount)) == 0)
    }

    @Test func oneHeapGoesThroughManyParts() throws {
        var generator = SeededGenerator(seed: 3)
        let parts = try (0..<4).map { _ in try SparseRows(.ties, rowCount: 700, &generator) }
        let query = try SparseRows.vector(.ties, size: 12, &generator)
        var best = ScoredTopK(k: 25)
        var expected: [ScoredRow] = []
        for (number, part) in parts.enumerated() {
            let accepted = OrdinalSet.all(below: 700)
            func order(_ row: Int) -> UInt64 { UInt64(row * 7 % 701 * 10 + number) }
            part.index.search(
                query, accepted: accepted, part: UInt32(number), into: &best, order: { (row) throws(Never) in order(row) },
                shouldContinue: { () throws(Never) in })
            expected += part.scores(query, accepted).map {
                ScoredRow(score: $0.score, part: UInt32(number), ordinal: UInt32($0.row), order: order($0.row))
            }
        }
        let found = best.sorted(), wanted = expected.sorted(by: ScoredRow.precedes).prefix(25)
        #expect(found.count == 25 && found.map(\.order) == wanted.map(\.order) && found.map(\.score) == wanted.map(\.score))
        #expect(best.threshold == found[24].score)
    }

    /// The first windows hold the best rows, and the rest are not looked at.
    @Test func windowsThatCannotHoldABetterRowAreLeftOut() throws {
        let index = SparseIndex.build(rowCount: 256 * 100) { (add) throws(Never) in
            for row in 0..<256 * 100 { add(row, Self.vector([7], [row / 256 == 40 ? 2 : 1])) }
        }
        func windowsScored(_ weight: Float, k: Int) -> Int {
            var (asked, best) = (0, ScoredTopK(k: k))
            index.search(
                Self.vector([7], [weight]), accepted: .all(below: 256 * 100), into: &best, order: { (row) throws(Never) in UInt64(row) },
                shouldContinue: { () throws(Never) in asked += 1 })
            return asked - 1
        }
        #expect(windowsScored(1, k: 10) == 1)
        #expect(windowsScored(1, k: 257) == 100)
        // All others are as good as the least of these: each may hold an older row.
        #expect(windowsScored(-1, k: 10) == 100)
    }

    private static func vector(_ indices: [UInt32], _ values: [Float]) -> SparseVector {
        do {
            return try SparseVector(indices: indices, values: values)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    @Test func aSearchEndsWhenItIsTold() throws {
        var generator = SeededGenerator(seed: 9)
        let rows = try SparseRows(.words, rowCount: 900, &generator)
        let index = rows.index
        let query = try SparseRows.vector(.words, size: 30, &generator)
        for limit in 0..<5 {
            var (asked, best) = (0, ScoredTopK(k: 5))
            #expect(throws: Ended.self) {
                try index.search(
                    query, accepted: .all(below: 900), into: &best, order: { (row) throws(Ended) in UInt64(row) },
                    shouldContinue: { () throws(Ended) in
                        if asked == limit { throw Ended() }
                        asked += 1
                    })
            }
            #expect(asked == limit)
        }
    }

    private struct Ended: Error {}

    @Test func nothingIsFoundInNothing() throws {
        let query = Self.vector([1], [1]), nothing = Self.vector([], [])
        for rowCount in [0, 1, 300] {
            let empty = SparseIndex.build(rowCount: rowCount) { (_) throws(Never) in }
            let opened = try SparseIndex(copiedImage(withExtendedLifetime(empty) { Array(empty.image.bytes) }), rowCount: rowCount)
            #expect(best(opened, query, .all(below: rowCount), k: 5).isEmpty && opened.dimensionCount == 0 && opened.postingCount == 0)
        }
        let one = SparseIndex.build(rowCount: 1) { (add) throws(Never) in add(0, query) }
        #expect(best(one, nothing, .all(below: 1), k: 5).isEmpty)
        #expect(best(one, query, OrdinalSet(bound: 1), k: 5).isEmpty)
    }
}
