import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Filters over a segment against the same filters over a memtable of the same rows.
@Suite struct SegmentFilterTests {
    @Test(arguments: Seeds.some(6))
    func filtersFindWhatTheyFindInAMemtable(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var rows = sampleRows(SampleShape(rows: Int.random(in: 1...600, using: &generator), dimension: nil), &generator)
        if generator.chance(percent: 50) {
            // A key that every row has, of one kind.
            for row in rows.indices {
                rows[row].metadata = (rows[row].metadata ?? Metadata([:])).merged(with: Metadata(["kind": .integer(Int64(row % 7))]))
            }
        }
        let table = Memtable(metric: .l2)
        for row in rows {
            let parts = RecordParts(document: row.document, uri: row.uri, metadata: row.metadata)
            table.append(row.identifier, parts, insertionKey: row.insertionKey, sequence: SequenceNumber(row.sequence))
        }
        let inMemory = table.reader()
        try withSegmentDirectory { directory in
            let cursor = try openSample(rows, as: .sample(dimension: nil), in: directory).cursor()
            for _ in 0..<300 {
                let condition = randomCondition(&generator, depth: 2)
                let filter = try CompiledFilter(metadata: condition, document: nil)
                var expected = randomCandidates(rows.count, &generator)
                var found = expected
                try filter.apply(to: &expected, of: inMemory)
                try filter.apply(to: &found, of: cursor)
                try #require(found == expected, "\(Seeds.replay(seed)): \(condition)")
            }
            for pattern in ["word", "number 1", "", "absent"] {
                let filter = try CompiledFilter(metadata: nil, document: .any([.contains(pattern), .matches(pattern: pattern + "[0-9]+$")]))
                var (expected, found) = (OrdinalSet.all(below: rows.count), OrdinalSet.all(below: rows.count))
                try filter.apply(to: &expected, of: inMemory)
                try filter.apply(to: &found, of: cursor)
                #expect(found == expected, "\(Seeds.replay(seed)): \(pattern)")
            }
        }
    }

    /// Both against the plainest evaluation, with every kind of condition.
    @Test(arguments: Seeds.some(6))
    func memtableAndSegmentAgreeWithAPlainEvaluation(_ seed: UInt64) throws {
        var random = RandomFilters(seed: seed)
        let identifiers = (0..<Int.random(in: 1...400, using: &random.generator)).map { "id\($0)" }
        let records = identifiers.map { random.record($0) }
        let table = Memtable(metric: .l2)
        for (row, record) in records.enumerated() {
            let parts = RecordParts(document: record.document, metadata: record.metadata)
            table.append(record.identifier, parts, insertionKey: UInt64(row + 1), sequence: SequenceNumber(UInt64(row + 1)))
        }
        let rows = records.enumerated().map { row, record in
            SampleRow(
                identifier: record.identifier, vector: nil, document: record.document, uri: nil, metadata: record.metadata,
                insertionKey: UInt64(row + 1), sequence: UInt64(row + 1))
        }
        let inMemory = table.reader()
        try withSegmentDirectory { directory in
            let cursor = try openSample(rows, as: .sample(dimension: nil), in: directory).cursor()
            for _ in 0..<200 {
                let condition = random.condition(depth: 3, identifiers: identifiers)
                let filter = try CompiledFilter(metadata: condition, document: nil)
                var inTable = randomCandidates(records.count, &random.generator)
                var expected = inTable
                var inSegment = inTable
                expected.filter { PlainFilter.holds(condition, records[$0]) }
                try filter.apply(to: &inTable, of: inMemory)
                try filter.apply(to: &inSegment, of: cursor)
                try #require(inTable == expected, "\(Seeds.replay(seed)): \(condition)")
                try #require(inSegment == expected, "\(Seeds.replay(seed)): \(condition)")
            }
        }
    }

    private func randomCandidates(_ bound: Int, _ generator: inout SeededGenerator) -> OrdinalSet {
        var candidates = OrdinalSet.all(below: bound)
        let share = [0.01, 0.5, 1][Int(generator.next() % 3)]
        candidates.filter { _ in generator.chance(share) }
        return candidates
    }

    private func randomCondition(_ generator: inout SeededGenerator, depth: Int) -> MetadataCondition {
        if depth > 0, generator.chance(percent: 30) {
            let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in randomCondition(&generator, depth: depth - 1) }
            return generator.chance(percent: 50) ? .all(parts) : .any(parts)
        }
        let key = generator.chance(percent: 30) ? "kind" : generator.chance(percent: 5) ? "absent" : "key\(generator.next() % 20)"
        return .compare(key: key, randomComparison(&generator))
    }

    private func randomComparison(_ generator: inout SeededGenerator) -> MetadataComparison {
        func scalar(_ generator: inout SeededGenerator) -> MetadataValue {
            while true {
                switch sampleValue(&generator) {
                case .strings, .integers, .floats, .booleans, .sparse: continue
                case let value: return value
                }
            }
        }
        let value = scalar(&generator)
        return switch generator.next() % 10 {
        case 0: .equal(value)
        case 1: .notEqual(value)
        case 2: .less(value)
        case 3: .lessOrEqual(value)
        case 4: .greater(value)
        case 5: .greaterOrEqual(value)
        case 6: .isIn((0..<12).map { _ in scalar(&generator) })
        case 7: .notIn([value, scalar(&generator)])
        case 8: .contains(value)
        default: .notContains(value)
        }
    }
}
