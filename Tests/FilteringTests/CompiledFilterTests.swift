import ByteCoding
import ColumnStore
import Filtering
import Testing
import TestSupport
import VectorModel

/// Rows in memory for filters to look at.
final class SampleRows: FilterableRows {
    let metadataColumns = MetadataColumns()
    private var entries: [UnsafeBufferPointer<MetadataEntry>] = []
    private let arena = ByteArena()
    private var documents: [UnsafeRawBufferPointer?] = []
    let metadatas: [Metadata]
    let texts: [String?]

    init(_ rows: [(Metadata, String?)]) {
        metadatas = rows.map(\.0)
        texts = rows.map(\.1)
        for (metadata, text) in rows {
            entries.append(metadataColumns.encode(metadata))
            documents.append(text.map { text in
                let bytes = Array(text.utf8)
                return UnsafeRawBufferPointer(start: bytes.withUnsafeBytes { arena.copy($0) }, count: bytes.count)
            })
        }
    }

    var rowCount: Int { entries.count }

    func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? { metadataColumns.strings.find(string) }

    func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        let number = metadataColumns.keys.find(key)
        candidates.filter { row in entries[row].first { $0.key == number }.map(accepts) ?? keepsMissing }
    }

    func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer? { documents[row] }

    func matches(_ metadata: MetadataCondition? = nil, _ document: DocumentCondition? = nil) throws -> [Int] {
        var candidates = OrdinalSet.all(below: rowCount)
        try CompiledFilter(metadata: metadata, document: document).apply(to: &candidates, of: self)
        var rows: [Int] = []
        candidates.forEach { rows.append($0); return true }
        return rows
    }
}

@Suite struct CompiledFilterTests {
    private let rows = SampleRows([
        (Metadata(["n": .integer(1), "s": .string("a"), "b": .boolean(true)]), "The quick brown fox"),
        (Metadata(["n": .float(1.0), "s": .string("b"), "b": .boolean(false)]), "the lazy dog"),
        (Metadata(["n": .float(1.5), "tags": .strings(["x", "y"])]), nil),
        (Metadata(["n": .integer(9_007_199_254_740_993), "tags": .integers([1, 2])]), "ünïcode DOG"),
        (Metadata(["n": .string("1"), "tags": .floats([1.0])]), ""),
        (Metadata([:]), "fox fox"),
    ])

    private func compare(_ key: String, _ comparison: MetadataComparison) throws -> [Int] { try rows.matches(.compare(key: key, comparison)) }

    @Test func numbersCompareByValueAcrossKindsAndWithNothingElse() throws {
        #expect(try compare("n", .equal(.integer(1))) == [0, 1])
        #expect(try compare("n", .equal(.float(1))) == [0, 1])
        #expect(try compare("n", .equal(.float(1.5))) == [2])
        #expect(try compare("n", .equal(.string("1"))) == [4])
        #expect(try compare("b", .equal(.integer(1))) == [])
        #expect(try compare("n", .greater(.integer(1))) == [2, 3])
        #expect(try compare("n", .greaterOrEqual(.float(1.5))) == [2, 3])
        #expect(try compare("n", .less(.float(1.5))) == [0, 1])
        #expect(try compare("n", .lessOrEqual(.integer(1))) == [0, 1])
    }

    @Test func largeIntegersAreNotRoundedToFloats() throws {
        #expect(try compare("n", .equal(.float(9_007_199_254_740_992))) == [])
        #expect(try compare("n", .greater(.float(9_007_199_254_740_992))) == [3])
        #expect(try compare("n", .less(.float(1e300))) == [0, 1, 2, 3])
        #expect(try compare("n", .greater(.float(-1e300))) == [0, 1, 2, 3])
    }

    @Test func negatedFormsAreComplementsAndMatchMissingKeys() throws {
        #expect(try compare("n", .notEqual(.integer(1))) == [2, 3, 4, 5])
        #expect(try compare("s", .notIn([.string("a")])) == [1, 2, 3, 4, 5])
        #expect(try compare("absent", .notEqual(.integer(1))) == [0, 1, 2, 3, 4, 5])
        #expect(try compare("absent", .equal(.integer(1))) == [])
        #expect(try compare("tags", .notContains(.string("x"))) == [0, 1, 3, 4, 5])
    }

    @Test func inTakesFewAndManyOperands() throws {
        #expect(try compare("n", .isIn([.integer(1), .float(1.5)])) == [0, 1, 2])
        let many = (0..<50).map { MetadataValue.float(Double($0) / 2) } + [.string("1"), .string("zz")]
        #expect(try compare("n", .isIn(many)) == [0, 1, 2, 4])
        #expect(try compare("n", .notIn(many)) == [3, 5])
        #expect(try compare("n", .isIn([])) == [])
        #expect(try compare("b", .isIn([.boolean(false)])) == [1])
    }

    @Test func containsTestsMembershipOfArraysOnly() throws {
        #expect(try compare("tags", .contains(.string("y"))) == [2])
        #expect(try compare("tags", .contains(.integer(2))) == [3])
        #expect(try compare("tags", .contains(.integer(1))) == [3])
        #expect(try compare("tags", .contains(.float(1))) == [4])
        #expect(try compare("s", .contains(.string("a"))) == [])
    }

    @Test func documentsAreMatchedByBytesAndCase() throws {
        #expect(try rows.matches(nil, .contains("fox")) == [0, 5])
        #expect(try rows.matches(nil, .contains("the")) == [1])
        #expect(try rows.matches(nil, .contains("ïc")) == [3])
        #expect(try rows.matches(nil, .contains("")) == [0, 1, 3, 4, 5])
        #expect(try rows.matches(nil, .notContains("fox")) == [1, 2, 3, 4])
        #expect(try rows.matches(nil, .matches(pattern: "^fox|dog$")) == [1, 5])
        #expect(try rows.matches(nil, .notMatches(pattern: "(?i)dog")) == [0, 2, 4, 5])
        #expect(try rows.matches(nil, .any([.contains("lazy"), .all([.contains("fox"), .contains("quick")])])) == [0, 1])
    }

    @Test func conditionsNest() throws {
        let condition = MetadataCondition.any([
            .all([.compare(key: "n", .equal(.integer(1))), .compare(key: "b", .equal(.boolean(false)))]),
            .document(.contains("DOG")), .all([.compare(key: "tags", .contains(.string("x"))), .any([])]),
        ])
        #expect(try rows.matches(condition) == [1, 3])
        #expect(try rows.matches(.all([])) == [0, 1, 2, 3, 4, 5])
        #expect(try rows.matches(.any([])) == [])
        #expect(try rows.matches(.compare(key: "n", .equal(.integer(1))), .contains("quick")) == [0])
    }

    @Test func anInvalidPatternIsRefused() {
        #expect(throws: RequestError.self) { try self.rows.matches(nil, .matches(pattern: "(")) }
    }

    /// Random trees over random rows against the plainest possible evaluation.
    @Test(arguments: Seeds.some(40))
    func agreesWithAPlainEvaluation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let rows = SampleRows((0..<200).map { _ in (randomMetadata(&generator), nil) })
        for _ in 0..<20 {
            let condition = randomCondition(&generator, depth: 3)
            let expected = rows.metadatas.indices.filter { holds(condition, rows.metadatas[$0]) }
            #expect(try rows.matches(condition) == expected, "\(Seeds.replay(seed)) \(condition)")
        }
    }

    private func randomScalar(_ generator: inout SeededGenerator) -> MetadataValue {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .integer(Int64.random(in: -3...3, using: &generator))
        case 1: .float(Double(Int.random(in: -6...6, using: &generator)) / 2)
        case 2: .string(["a", "b", "c"].randomElement(using: &generator)!)
        default: .boolean(Bool.random(using: &generator))
        }
    }

    private func randomMetadata(_ generator: inout SeededGenerator) -> Metadata {
        Metadata(
            fields: ["k", "l", "m"].filter { _ in generator.chance(0.7) }.map { key in
                if generator.chance(0.2) {
                    return MetadataField(key: key, value: .integers((0..<3).map { _ in Int64.random(in: -3...3, using: &generator) }))
                }
                return MetadataField(key: key, value: randomScalar(&generator))
            })
    }

    private func randomCondition(_ generator: inout SeededGenerator, depth: Int) -> MetadataCondition {
        if depth > 0, generator.chance(0.5) {
            let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in randomCondition(&generator, depth: depth - 1) }
            return generator.chance(0.5) ? .all(parts) : .any(parts)
        }
        let operand = randomScalar(&generator)
        let list = (0..<Int.random(in: 0...12, using: &generator)).map { _ in randomScalar(&generator) }
        let comparisons: [MetadataComparison] = [
            .equal(operand), .notEqual(operand), .less(operand), .lessOrEqual(operand), .greater(operand), .greaterOrEqual(operand),
            .isIn(list), .notIn(list), .contains(operand), .notContains(operand),
        ]
        return .compare(key: ["k", "l", "m", "absent"].randomElement(using: &generator)!, comparisons.randomElement(using: &generator)!)
    }

    private func holds(_ condition: MetadataCondition, _ metadata: Metadata) -> Bool {
        switch condition {
        case .all(let parts): return parts.allSatisfy { holds($0, metadata) }
        case .any(let parts): return parts.contains { holds($0, metadata) }
        case .document: return false
        case .compare(let key, let comparison):
            let value = metadata[key]
            switch comparison {
            case .equal(let operand): return value.map { equal($0, operand) } ?? false
            case .notEqual(let operand): return !(value.map { equal($0, operand) } ?? false)
            case .less(let operand): return order(value, operand) { $0 < $1 }
            case .lessOrEqual(let operand): return order(value, operand) { $0 <= $1 }
            case .greater(let operand): return order(value, operand) { $0 > $1 }
            case .greaterOrEqual(let operand): return order(value, operand) { $0 >= $1 }
            case .isIn(let list): return value.map { value in list.contains { equal(value, $0) } } ?? false
            case .notIn(let list): return !(value.map { value in list.contains { equal(value, $0) } } ?? false)
            case .contains(let operand): return contains(value, operand)
            case .notContains(let operand): return !contains(value, operand)
            }
        }
    }

    private func number(_ value: MetadataValue?) -> Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .float(let float): float
        default: nil
        }
    }

    private func equal(_ left: MetadataValue, _ right: MetadataValue) -> Bool {
        if let left = number(left), let right = number(right) { return left == right }
        return left == right
    }

    private func order(_ left: MetadataValue?, _ right: MetadataValue, _ holds: (Double, Double) -> Bool) -> Bool {
        guard let left = number(left), let right = number(right) else { return false }
        return holds(left, right)
    }

    private func contains(_ value: MetadataValue?, _ operand: MetadataValue) -> Bool {
        guard case .integers(let elements) = value, case .integer(let integer) = operand else { return false }
        return elements.contains(integer)
    }
}
