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
    private var identifiers: [UnsafeRawBufferPointer] = []
    private var rowsByIdentifier: [String: Int] = [:]

    convenience init(_ rows: [(Metadata, String?)]) {
        self.init(rows.enumerated().map { PlainRecord(identifier: "row \($0)", metadata: $1.0, document: $1.1) })
    }

    init(_ records: [PlainRecord]) {
        for (row, record) in records.enumerated() {
            let (metadata, text) = (record.metadata ?? Metadata([:]), record.document)
            rowsByIdentifier[record.identifier] = row
            let identifier = Array(record.identifier.utf8)
            identifiers.append(UnsafeRawBufferPointer(start: identifier.withUnsafeBytes { arena.copy($0) }, count: identifier.count))
            entries.append(metadataColumns.encode(metadata))
            documents.append(text.map { text in
                let bytes = Array(text.utf8)
                return UnsafeRawBufferPointer(start: bytes.withUnsafeBytes { arena.copy($0) }, count: bytes.count)
            })
        }
    }

    var rowCount: Int { entries.count }

    func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? { metadataColumns.strings.find(string) }

    func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer { metadataColumns.strings.bytes(of: number) }

    func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer { identifiers[row] }

    func row(of identifier: String) throws(Corruption) -> Int? { rowsByIdentifier[identifier] }

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

    @Test func aSparseVectorMatchesNoComparison() throws {
        let rows = SampleRows([
            (Metadata(["v": .sparse(try SparseVector(indices: [1], values: [1], labels: ["a"]))]), nil),
            (Metadata(["v": .integer(1)]), nil), (Metadata(["v": .string("a")]), nil),
        ])
        let same = MetadataValue.sparse(try SparseVector(indices: [1], values: [1], labels: ["a"]))
        for value in [MetadataValue.integer(1), .float(1), .string("a"), .boolean(true), same] {
            for comparison in [
                MetadataComparison.equal(value), .less(value), .lessOrEqual(value), .greater(value), .greaterOrEqual(value), .isIn([value]),
                .isIn(Array(repeating: value, count: 20)), .contains(value),
            ] {
                #expect(try !rows.matches(.compare(key: "v", comparison)).contains(0), "\(comparison)")
            }
            // Complements hold of it, as they do of a row without the key.
            for comparison in [MetadataComparison.notEqual(value), .notIn([value]), .notContains(value)] {
                #expect(try rows.matches(.compare(key: "v", comparison)).contains(0), "\(comparison)")
            }
        }
    }

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
        var random = RandomFilters(seed: seed)
        let identifiers = (0..<200).map { "id\($0)" } + ["1970-01-01"]
        let records = identifiers.map { random.record($0) }
        let rows = SampleRows(records)
        for _ in 0..<60 {
            let condition = random.condition(depth: 3, identifiers: identifiers)
            let expected = records.indices.filter { PlainFilter.holds(condition, records[$0]) }
            #expect(try rows.matches(condition) == expected, "\(Seeds.replay(seed)) \(condition)")
        }
    }
}
