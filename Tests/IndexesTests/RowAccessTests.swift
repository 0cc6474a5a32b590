import Indexes
import Quantization
import TestSupport
import Testing
import VectorModel

/// A search announces rows before it reads them, and stops where it is refused.
@Suite struct RowAccessTests {
    private struct Damage: Error, Equatable {
        let row: Int
    }

    /// Refuses one row's floats or codes.
    private struct Damaged: RowAccess {
        var vectorRow: Int?
        var codeRow: Int?

        func willReadVectors(rows: Range<Int>) throws(Damage) {
            if let vectorRow, rows.contains(vectorRow) { throw Damage(row: vectorRow) }
        }

        func willReadCodes(rows: Range<Int>) throws(Damage) {
            if let codeRow, rows.contains(codeRow) { throw Damage(row: codeRow) }
        }
    }

    /// A set of rows that may be read at any moment: reading another one is seen, since its floats are NaN until it is announced.
    private final class Unveiling: RowAccess {
        let hidden: [Float]
        let shown: UnsafeMutablePointer<Float>
        let dimension: Int

        init(_ rows: TestRows) {
            hidden = rows.values
            dimension = rows.dimension
            shown = .allocate(capacity: hidden.count)
            shown.initialize(repeating: .nan, count: hidden.count)
        }

        deinit { shown.deallocate() }

        func willReadVectors(rows: Range<Int>) {
            for index in rows.lowerBound * dimension..<rows.upperBound * dimension { shown[index] = hidden[index] }
        }

        func willReadCodes(rows: Range<Int>) {}
    }

    @Test(arguments: [1, 0.7, 0.3, 0.02], [true, false])
    func noRowIsReadBeforeItIsAnnounced(share: Double, usesCodes: Bool) {
        var generator = SeededGenerator(seed: 6)
        let rows = TestRows(Shape.clustered.rows(3_000, 64, &generator))
        var accepted = OrdinalSet(bound: rows.count)
        for row in 0..<rows.count where generator.chance(share) { accepted.insert(row) }
        let query = rows.query(&generator)
        let unveiling = Unveiling(rows)
        let found = rows.withRun { run in
            let hidden = VectorRun(
                firstOrdinal: 0, base: UnsafePointer(unveiling.shown), count: run.count, inverseNorms: run.inverseNorms,
                codes: usesCodes ? run.codes : nil)
            return query.withUnsafeBufferPointer { query in
                var nearest = TopK(k: 30)
                FlatSearch(query: query, metric: .l2).scan(
                    hidden, accepted: accepted, access: unveiling, into: &nearest, order: { UInt64($0) }, shouldContinue: {})
                return nearest.sorted()
            }
        }
        let expected = rows.search(query, .l2, k: 30, accepted, usesCodes: false, access: RecordedAccess(), order: { UInt64($0) })
        #expect(found.map(\.ordinal) == expected.map(\.ordinal) && found.map(\.distance) == expected.map(\.distance))
    }

    @Test(arguments: [true, false])
    func damageEndsTheSearchWithItsError(inCodes: Bool) {
        var generator = SeededGenerator(seed: 7)
        let rows = TestRows(Shape.clustered.rows(3_000, 64, &generator))
        let query = Array(rows.values[1_234 * 64..<1_235 * 64])
        let access = inCodes ? Damaged(codeRow: 1_234) : Damaged(vectorRow: 1_234)
        rows.withRun { run in
            query.withUnsafeBufferPointer { query in
                var nearest = TopK(k: 5)
                #expect(throws: Damage(row: 1_234)) {
                    try FlatSearch(query: query, metric: .cosine).scan(
                        run, accepted: .all(below: rows.count), access: access, into: &nearest,
                        order: { (row: Int) throws(Damage) in UInt64(row) }, shouldContinue: { () throws(Damage) in })
                }
            }
        }
    }

    /// A damaged row that no bound brings near, or that is not accepted, is nobody's business.
    @Test func damageElsewhereIsNotMet() throws {
        var generator = SeededGenerator(seed: 8)
        let rows = TestRows(Shape.clustered.rows(3_000, 64, &generator))
        let query = Array(rows.values[..<64])
        var accepted = OrdinalSet.all(below: rows.count)
        for row in 512..<768 { accepted.remove(row) }
        try rows.withRun { run in
            try query.withUnsafeBufferPointer { query in
                var nearest = TopK(k: 5)
                try FlatSearch(query: query, metric: .cosine).scan(
                    run, accepted: accepted, access: Damaged(vectorRow: 600, codeRow: 600), into: &nearest,
                    order: { (row: Int) throws(Damage) in UInt64(row) }, shouldContinue: { () throws(Damage) in })
                #expect(nearest.sorted()[0].ordinal == 0)
            }
        }
    }
}
