import ColumnStore
import Filtering
import TestSupport
import Testing
import VectorModel

/// Answers of a column index against looking at each row.
@Suite struct ColumnIndexTests {
    @Test(arguments: Seeds.some(12))
    func findsWhatLookingAtEachRowFinds(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let count = [1, 63, 64, 65, 700, 2_500][Int(generator.next() % 6)]
        let rows = try IndexedRows(RandomRows.rows(count, &generator))
        for _ in 0..<150 {
            let condition = RandomRows.condition(depth: 2, &generator)
            let filter = try CompiledFilter(metadata: condition, document: nil)
            var candidates = OrdinalSet.all(below: count)
            if generator.chance(0.4) { candidates.filter { _ in generator.chance(0.3) } }
            let expected = try rows.matches(filter, among: candidates, indexed: false)
            let found = try rows.matches(filter, among: candidates, indexed: true)
            try #require(found == expected, "\(Seeds.replay(seed)): \(condition)")
            let all = Double(try rows.matches(filter, among: .all(below: count), indexed: false).count) / Double(count)
            let estimate = try filter.arranged(for: rows).estimate
            try #require(
                estimate.lower <= all + 1e-9 && all <= estimate.upper + 1e-9 && estimate.lower <= estimate.expected
                    && estimate.expected <= estimate.upper, "\(Seeds.replay(seed)): \(condition), \(estimate), found \(all)")
        }
    }

    /// Every value that is there, and every special one, as the operand of every comparison.
    @Test func boundariesAreExact() throws {
        let values = RandomRows.special + [.integer(1), .integer(2), .float(1), .float(2.5), .float(0x1p53 + 2), .float(-0x1p63 - 2_048)]
        let rows = try IndexedRows((values + values).map { Metadata(["v": $0]) } + [Metadata([:])])
        for operand in values {
            let comparisons: [MetadataComparison] = [
                .equal(operand), .notEqual(operand), .less(operand), .lessOrEqual(operand), .greater(operand), .greaterOrEqual(operand),
                .isIn([operand]), .notIn([operand]), .isIn(Array(repeating: operand, count: 20)),
            ]
            for comparison in comparisons {
                let filter = try CompiledFilter(metadata: .compare(key: "v", comparison), document: nil)
                let all = OrdinalSet.all(below: rows.rowCount)
                let expected = try rows.matches(filter, among: all, indexed: false)
                #expect(try rows.matches(filter, among: all, indexed: true) == expected, "\(comparison)")
                let estimate = try filter.arranged(for: rows).estimate
                #expect(estimate.isExact && abs(estimate.expected * Double(rows.rowCount) - Double(expected.count)) < 1e-6, "\(comparison)")
            }
        }
    }

    @Test func longListsAreAnsweredByLookups() throws {
        var generator = SeededGenerator(seed: 7)
        let rows = try IndexedRows(RandomRows.rows(2_500, &generator))
        for key in ["shuffled", "unique", "few", "score", "ascending"] {
            let list = (0..<3_000).map { _ in RandomRows.scalar(&generator) }
            for comparison in [MetadataComparison.isIn(list), .notIn(list)] {
                let filter = try CompiledFilter(metadata: .compare(key: key, comparison), document: nil)
                let all = OrdinalSet.all(below: rows.rowCount)
                let expected = try rows.matches(filter, among: all, indexed: false)
                #expect(try rows.matches(filter, among: all, indexed: true) == expected)
                #expect(try filter.arranged(for: rows).estimate.cost == .lookup)
            }
        }
    }

    /// Sets of rows in every form, over more than two chunks of 65,536 rows, the last not full.
    @Test func manyRowsAreFoundInEveryForm() throws {
        var generator = SeededGenerator(seed: 11)
        let count = 140_001
        let rows = try IndexedRows((0..<count).map { (row: Int) -> Metadata in
            Metadata(["bit": .boolean(generator.chance(0.5)), "run": .integer(Int64(row / 50_000)), "some": .integer(Int64(generator.next() % 90))])
        })
        let all = OrdinalSet.all(below: count)
        for condition in [
            MetadataCondition.compare(key: "bit", .equal(.boolean(true))), .compare(key: "bit", .notEqual(.boolean(true))),
            .compare(key: "run", .greaterOrEqual(.integer(1))), .compare(key: "run", .equal(.integer(2))),
            .compare(key: "some", .less(.integer(3))), .compare(key: "some", .isIn([.integer(5), .integer(88)])),
        ] {
            let filter = try CompiledFilter(metadata: condition, document: nil)
            #expect(try rows.matches(filter, among: all, indexed: true) == rows.matches(filter, among: all, indexed: false), "\(condition)")
        }
    }

    @Test func statisticsTellWhatThereIs() throws {
        let rows = try IndexedRows((0..<1_000).map { (row: Int) -> Metadata in
            let number: Double = row < 10 ? .nan : Double(row % 7) - 3
            let identifier = row.isMultiple(of: 2) ? Int64(row) : -Int64(row)
            return Metadata(["n": .float(number), "id": .integer(identifier)])
        })
        let numbers = try #require(rows.columnLookup(of: "n")?.statistics(of: .float))
        #expect(numbers.rowCount == 1_000 && numbers.elementCount == 1_000 && numbers.distinctCount == 8)
        #expect(numbers.heavyValues.count == 8 && numbers.heavyValues[0].rowCount == 142 && numbers.heavyValues[7].rowCount == 10)
        let medians = numbers.quantiles.map { Double(bitPattern: $0) }
        #expect(medians.first == -3 && medians[8] == 0 && medians.last == 3)
        let identifiers = try #require(rows.columnLookup(of: "id")?.statistics(of: .integer))
        #expect(identifiers.distinctCount == 1_000 && identifiers.heavyValues.isEmpty)
        let bounds = identifiers.quantiles.map { Int64(bitPattern: $0) }
        #expect(bounds.first == -999 && bounds.last == 998 && bounds == bounds.sorted() && abs(bounds[8]) < 200)
        #expect(try rows.columnLookup(of: "n")?.statistics(of: .string) == nil && rows.columnLookup(of: "absent")?.statistics(of: .float) == nil)
    }

    /// Where no rows can be named, what is known of the values is better than a guess.
    @Test func statisticsEstimateWhatIsNotLookedUp() throws {
        var generator = SeededGenerator(seed: 5)
        let rows = try IndexedRows((0..<4_000).map { (row: Int) -> Metadata in
            let numbers = (0..<4).map { Int64(row * 4 + $0) << 20 }
            let day = row % 28 + 1
            let date = "2024-\(row < 1_000 ? "01" : "07")-\(day < 10 ? "0" : "")\(day)T00:00:\(row % 60 < 10 ? "0" : "")\(row % 60)Z"
            return Metadata([
                "marks": .integers(numbers), "date": .string(date), "name": .string("\(generator.chance(0.25) ? "b" : "a")\(row)"),
                "state": .string(row.isMultiple(of: 10) ? "new" : "old"),
            ])
        })
        func estimate(_ key: String, _ comparison: MetadataComparison) throws -> FilterEstimate {
            try CompiledFilter(metadata: .compare(key: key, comparison), document: nil).arranged(for: rows).estimate
        }
        // Each number is in one row, and the index knows only how many there are.
        let contained = try estimate("marks", .contains(.integer(400 << 20)))
        #expect(contained.cost == .scan && contained.expected == 1.0 / 4_000 && contained.upper == contained.expected)
        #expect(try estimate("marks", .notContains(.integer(400 << 20))).lower == 1 - 1.0 / 4_000)
        let summer = DateComparison(.greater, microseconds: 1_717_200_000_000_000)
        #expect(abs(try estimate("date", .date(summer)).expected - 0.75) < 0.25)
        #expect(abs(try estimate("name", .text(.prefix("a"))).expected - 0.75) < 0.25)
        #expect(try estimate("name", .text(.prefix("c"))).expected < 0.02)
        // Few values are tested all.
        let new = try estimate("state", .text(.like("n%")))
        #expect(new.isExact && new.expected == 0.1)
        #expect(try estimate("marks", .text(.prefix("a"))) == .nothing)
    }

    /// A value that no row repeats costs less than half of what it takes itself, and nothing where the values ascend.
    @Test func valuesThatDoNotRepeatTakeLittle() throws {
        let ascending = try IndexedRows((0..<4_096).map { Metadata(["k": .integer(Int64($0) * 1_000)]) })
        #expect(ascending.image.count < 4_096 / 2)
        var generator = SeededGenerator(seed: 1)
        let shuffled = try IndexedRows((0..<4_096).map { _ in Metadata(["k": .integer(Int64(bitPattern: generator.next()))]) })
        #expect(shuffled.image.count < 4_096 * 2)
        let arrays = try IndexedRows((0..<4_096).map { _ in Metadata(["k": .integers([Int64(bitPattern: generator.next())])]) })
        #expect(arrays.image.count < 2_048)
    }

    @Test func documentsComeLastAndCheapPartsFirst() throws {
        let rows = try IndexedRows((0..<1_000).map { Metadata(["a": .integer(Int64($0 % 2)), "b": .integer(Int64($0 % 100))]) })
        let a = MetadataCondition.compare(key: "a", .equal(.integer(0)))
        let document = try CompiledFilter(metadata: .all([.document(.contains("x")), a]), document: nil).arranged(for: rows).estimate
        #expect(document.cost == .documents && document.lower == 0 && document.upper == 0.5)
        let both = try CompiledFilter(metadata: .all([a, .compare(key: "b", .equal(.integer(4)))]), document: nil).arranged(for: rows).estimate
        #expect(both.expected == 0.005 && both.upper == 0.01 && both.lower == 0 && both.cost < .documents)
        let either = try CompiledFilter(metadata: .any([a, .not(a)]), document: nil).arranged(for: rows).estimate
        #expect(either.expected == 0.75 && either.lower == 0.5 && either.upper == 1)
    }
}
