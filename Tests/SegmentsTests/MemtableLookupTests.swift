import Filtering
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

/// Filters of a memtable's rows with a lookup of some of them, against the plainest evaluation.
@Suite struct MemtableLookupTests {
    private struct Rows {
        let table = Memtable(metric: .l2, lookupRowsMin: 100)
        private(set) var records: [PlainRecord] = []
        var random: RandomFilters

        init(seed: UInt64) { random = RandomFilters(seed: seed) }

        /// Some rows are new versions of others.
        mutating func append(_ count: Int) {
            for _ in 0..<count {
                let record = random.record("id\(random.generator.next() % 500)")
                records.append(record)
                table.append(
                    record.identifier, RecordParts(document: record.document, metadata: record.metadata), insertionKey: UInt64(records.count),
                    sequence: SequenceNumber(UInt64(records.count)))
            }
        }

        mutating func check(_ reader: MemtableRows, _ comment: Comment) throws {
            for _ in 0..<100 {
                let condition = random.condition(depth: 3, identifiers: records.map(\.identifier))
                // Ids are looked up: of rows of one id the newest is meant.
                guard !condition.namesIdentifiers else { continue }
                let filter = try CompiledFilter(metadata: condition, document: nil)
                var expected = OrdinalSet(bound: reader.rowCount)
                for row in 0..<reader.rowCount where random.generator.chance(percent: 90) { expected.insert(row) }
                var found = expected
                expected.filter { PlainFilter.holds(condition, records[$0]) }
                let arranged = try filter.arranged(for: reader)
                let bounds = try arranged.bounds(of: found, in: reader)
                try arranged.apply(to: &found, of: reader)
                try #require(found == expected, "\(comment): \(condition)")
                var outside = bounds.certain
                outside.subtract(expected)
                var missed = expected
                missed.subtract(bounds.possible)
                try #require(outside.isEmpty && missed.isEmpty, "\(comment): \(condition)")
                var everything = OrdinalSet.all(below: reader.rowCount)
                try arranged.apply(to: &everything, of: reader)
                let share = Double(everything.count) / Double(reader.rowCount)
                try #require(arranged.estimate.lower <= share + 1e-9 && share <= arranged.estimate.upper + 1e-9, "\(comment): \(condition)")
            }
        }
    }

    @Test(arguments: Seeds.some(6))
    func filtersFindTheSameWhateverPartOfTheRowsIsIndexed(_ seed: UInt64) throws {
        var rows = Rows(seed: seed)
        rows.append(Int.random(in: 1...400, using: &rows.random.generator))
        let first = rows.table.reader()
        first.buildLookup {}
        #expect(first.lookup?.rowCount == first.rowCount)
        try rows.check(first, "\(Seeds.replay(seed)), all")
        rows.append(Int.random(in: 1...400, using: &rows.random.generator))
        let second = rows.table.reader()
        #expect(second.lookup?.rowCount == first.rowCount)
        try rows.check(second, "\(Seeds.replay(seed)), the first")
        second.buildLookup {}
        #expect(second.lookup?.rowCount == second.rowCount)
        try rows.check(second, "\(Seeds.replay(seed)), all again")
        // Whoever reads an earlier moment has rows that the new lookup goes beyond.
        #expect(first.lookup == nil)
        try rows.check(first, "\(Seeds.replay(seed)), an earlier moment")
        first.buildLookup {}
        #expect(second.lookup?.rowCount == second.rowCount, "a lookup of fewer rows takes no other's place")
    }

    @Test func itIsWantedOnceWhenEnoughRowsAreNew() {
        var rows = Rows(seed: 1)
        rows.append(99)
        #expect(!rows.table.reader().wantLookup())
        rows.append(1)
        let reader = rows.table.reader()
        #expect(reader.wantLookup())
        #expect(!reader.wantLookup(), "somebody is at it")
        reader.buildLookup {}
        #expect(!reader.wantLookup())
        rows.append(300)
        rows.table.reader().buildLookup {}
        rows.append(199)
        #expect(!rows.table.reader().wantLookup(), "not half as many as there are in it")
        rows.append(1)
        #expect(rows.table.reader().wantLookup())
    }

    /// A memtable with one writer, and what it has published.
    private final class Growing: Sendable {
        let table = Memtable(metric: .l2)
        private let published: Mutex<MemtableRows>

        init() { published = Mutex(table.reader()) }

        var newest: MemtableRows { published.withLock { $0 } }
        func publish() { published.withLock { $0 = table.reader() } }
    }

    /// One writes, one makes lookups, two filter what there is: by a number that grows with the rows, so that the answer is known.
    @Test func lookupsAreMadeWhileManyThreadsWriteAndFilter() async throws {
        let growing = Growing()
        let rowCount = 4_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for row in 0..<rowCount {
                    let parts = RecordParts(document: "number \(row).", metadata: Metadata(["row": .integer(Int64(row)), "key\(row / 500)": .boolean(true)]))
                    growing.table.append("id\(row)", parts, insertionKey: UInt64(row + 1), sequence: SequenceNumber(UInt64(row + 1)))
                    guard row.isMultiple(of: 50) else { continue }
                    growing.publish()
                    await Task.yield()
                }
                growing.publish()
            }
            group.addTask {
                while growing.newest.rowCount < rowCount {
                    growing.newest.buildLookup {}
                    await Task.yield()
                }
            }
            for bound in [700, 3_000] {
                group.addTask {
                    let below = try CompiledFilter(metadata: .compare(key: "row", .less(.integer(Int64(bound)))), document: .contains("number"))
                    let late = try CompiledFilter(metadata: .compare(key: "key7", .exists), document: .notContains("number 39"))
                    var seen = 0
                    while seen < rowCount {
                        let rows = growing.newest
                        seen = rows.rowCount
                        var (found, others) = (OrdinalSet.all(below: seen), OrdinalSet.all(below: seen))
                        try below.apply(to: &found, of: rows)
                        try late.apply(to: &others, of: rows)
                        try #require(found.count == min(bound, seen) && others.count == min(400, max(0, seen - 3_500)), "\(seen) rows")
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aBuildThatIsToldToStopLeavesNone() {
        struct Stop: Error {}
        var rows = Rows(seed: 2)
        rows.append(100)
        #expect(throws: Stop.self) { try rows.table.reader().buildLookup { () throws(Stop) in throw Stop() } }
        #expect(rows.table.reader().lookup == nil)
    }
}

extension MetadataCondition {
    fileprivate var namesIdentifiers: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.namesIdentifiers)
        case .not(let condition): condition.namesIdentifiers
        case .compare(let key, _): key == MetadataCondition.identifierKey
        case .document: false
        }
    }
}
