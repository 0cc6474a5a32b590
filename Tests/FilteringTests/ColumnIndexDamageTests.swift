import ColumnStore
import Filtering
import TestSupport
import Testing
import VectorModel

/// Images that are not what was written: refused, or answered from without harm. Which of them are never met, files' checksums see to.
@Suite struct ColumnIndexDamageTests {
    private func sample(_ seed: UInt64) throws -> IndexedRows {
        var generator = SeededGenerator(seed: seed)
        return try IndexedRows(RandomRows.rows(90, &generator))
    }

    private let filters = [
        MetadataCondition.compare(key: "few", .greater(.integer(0))), .compare(key: "shuffled", .less(.float(3.5))),
        .compare(key: "unique", .isIn((0..<40).map { .string("u\($0)") })), .compare(key: "mixed", .notEqual(.integer(0))),
        .compare(key: "tags", .contains(.string("a"))), .compare(key: "run", .text(.prefix("r"))), .compare(key: "score", .exists),
        .compare(key: "ascending", .lessOrEqual(.integer(100))),
    ]

    /// Runs filters; what they find may be wrong, but only rows that there are.
    private func use(_ index: ColumnIndex, of rows: IndexedRows) throws {
        rows.use(index)
        for condition in filters {
            let filter = try CompiledFilter(metadata: condition, document: nil)
            do {
                let found = try rows.matches(filter, among: .all(below: rows.rowCount), indexed: true)
                found.forEach { row in
                    #expect(row < rows.rowCount)
                    return true
                }
                _ = try filter.arranged(for: rows).estimate
            } catch let error as RequestError {
                // A row without the value that the index says it has is damage of the collection's files.
                guard case .storageDamaged = error.reason else { throw error }
            }
        }
        for key in rows.keys {
            for kind in (0...8).compactMap(MetadataKind.init(rawValue:)) { _ = try rows.columnLookup(of: key)?.statistics(of: kind) }
        }
    }

    @Test func everyFlippedByteIsRefusedOrHarmless() throws {
        let rows = try sample(3)
        var refused = 0
        for place in rows.image.indices {
            var image = rows.image
            image[place] ^= [0x01, 0x80, 0xff][place % 3]
            guard let index = try? IndexedRows.open(image, rowCount: rows.rowCount, columnCount: rows.keys.count) else {
                refused += 1
                continue
            }
            try use(index, of: rows)
        }
        #expect(refused > rows.image.count / 4)
    }

    @Test func everyTruncationIsRefused() throws {
        let rows = try sample(4)
        for length in 0..<rows.image.count {
            #expect(throws: ColumnIndexDamage.self) {
                try IndexedRows.open(Array(rows.image.prefix(length)), rowCount: rows.rowCount, columnCount: rows.keys.count)
            }
        }
        #expect(throws: ColumnIndexDamage.self) {
            try IndexedRows.open(rows.image, rowCount: rows.rowCount + 1, columnCount: rows.keys.count)
        }
        #expect(throws: ColumnIndexDamage.self) {
            try IndexedRows.open(rows.image, rowCount: rows.rowCount, columnCount: rows.keys.count - 1)
        }
    }

    @Test(arguments: Seeds.some(10))
    func numbersOfAllSizesAnywhereAreHarmless(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let rows = try sample(seed)
        let numbers: [UInt64] = [0, 1, .max, 1 << 63, 1 << 32, UInt64(rows.image.count), UInt64(rows.image.count) - 8, 0xffff_ffff]
        for _ in 0..<400 {
            var image = rows.image
            let place = Int.random(in: 0..<image.count - 8, using: &generator) & ~7
            let number = numbers[Int.random(in: 0..<numbers.count, using: &generator)]
            for byte in 0..<8 { image[place + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte)) }
            guard let index = try? IndexedRows.open(image, rowCount: rows.rowCount, columnCount: rows.keys.count) else { continue }
            try use(index, of: rows)
        }
    }
}
