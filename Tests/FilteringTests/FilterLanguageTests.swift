import Filtering
import Testing
import TestSupport
import VectorModel

/// The comparisons of text, dates, ids and existence, and complements.
@Suite struct FilterLanguageTests {
    private let rows = SampleRows([
        PlainRecord(
            identifier: "alpha", metadata: Metadata(["s": .string("The Lord"), "when": .string("2024-05-31T12:30:15+02:00")]), document: "one"),
        PlainRecord(identifier: "beta", metadata: Metadata(["s": .string("lord 100%"), "when": .string("2024-05-31")]), document: nil),
        PlainRecord(identifier: "gamma", metadata: Metadata(["s": .strings(["The Lord"]), "when": .string("soon")]), document: "two"),
        PlainRecord(identifier: "δ", metadata: Metadata(["s": .integer(7), "when": .integer(0)]), document: ""),
        PlainRecord(identifier: "2024-06-01", metadata: nil, document: nil),
    ])

    private func text(_ comparison: TextComparison) throws -> [Int] { try rows.matches(.compare(key: "s", .text(comparison))) }
    private func identifier(_ comparison: MetadataComparison) throws -> [Int] {
        try rows.matches(.compare(key: MetadataCondition.identifierKey, comparison))
    }

    @Test func textIsAskedOfSingleStringsOnly() throws {
        #expect(try text(.prefix("The")) == [0])
        #expect(try text(.prefix("")) == [0, 1])
        #expect(try text(.substring("ord")) == [0, 1])
        #expect(try text(.matches(pattern: "^(?i)L")) == [1])
        #expect(try text(.like("%ord")) == [0])
        #expect(try text(.like("%\\%")) == [1])
        #expect(try text(.like("____ ____")) == [1])
    }

    @Test func complementsHoldForEveryOtherRecord() throws {
        #expect(try rows.matches(.not(.compare(key: "s", .text(.substring("ord"))))) == [2, 3, 4])
        #expect(try rows.matches(.not(.any([.compare(key: "s", .exists), .document(.contains("one"))]))) == [4])
        #expect(try rows.matches(.not(.not(.compare(key: "s", .equal(.integer(7)))))) == [3])
        #expect(try rows.matches(.not(.all([]))) == [])
    }

    @Test func existenceIsAskedOfEveryKind() throws {
        #expect(try rows.matches(.compare(key: "s", .exists)) == [0, 1, 2, 3])
        #expect(try rows.matches(.compare(key: "s", .missing)) == [4])
        #expect(try rows.matches(.compare(key: "absent", .exists)) == [])
        #expect(try rows.matches(.compare(key: "absent", .missing)) == [0, 1, 2, 3, 4])
    }

    @Test func datesCompareAsMoments() throws {
        let noon = try #require(DateText.microseconds("2024-05-31T10:30:15Z"))
        func when(_ order: DateComparison.Order) throws -> [Int] {
            try rows.matches(.compare(key: "when", .date(DateComparison(order, microseconds: noon))))
        }
        #expect(try when(.equal) == [0])
        #expect(try when(.less) == [1])
        #expect(try when(.lessOrEqual) == [0, 1])
        #expect(try when(.greater) == [])
        #expect(try when(.greaterOrEqual) == [0])
    }

    @Test func theIdentifierIsAStringThatEveryRecordHas() throws {
        #expect(try identifier(.equal(.string("beta"))) == [1])
        #expect(try identifier(.notEqual(.string("beta"))) == [0, 2, 3, 4])
        #expect(try identifier(.isIn([.string("δ"), .integer(1), .string("nobody"), .string("alpha")])) == [0, 3])
        #expect(try identifier(.notIn([.string("δ")])) == [0, 1, 2, 4])
        #expect(try identifier(.equal(.integer(7))) == [])
        #expect(try identifier(.greater(.integer(7))) == [])
        #expect(try identifier(.contains(.string("alpha"))) == [])
        #expect(try identifier(.notContains(.string("alpha"))) == [0, 1, 2, 3, 4])
        #expect(try identifier(.exists) == [0, 1, 2, 3, 4])
        #expect(try identifier(.missing) == [])
        #expect(try identifier(.text(.substring("a"))) == [0, 1, 2])
        #expect(try identifier(.text(.like("_"))) == [3])
        #expect(try identifier(.date(DateComparison(.greater, microseconds: 0))) == [4])
    }

    @Test(arguments: PlainFilter.dates.keys.sorted())
    func datesAreReadToTheLetter(text: String) {
        #expect(DateText.microseconds(text) == PlainFilter.dates[text]!)
    }

    @Test func aLongTextIsNoDate() {
        #expect(DateText.microseconds("2024-01-01T00:00:00." + String(repeating: "0", count: 100)) == nil)
        #expect(DateText.microseconds("") == nil)
    }

    @Test func badPatternsAreRefused() {
        for comparison in [TextComparison.like("a\\"), .matches(pattern: "("), .matches(pattern: String(repeating: "a", count: 20_000)),
            .like(String(repeating: "a", count: 20_000))] {
            #expect(throws: RequestError.self) { _ = try self.text(comparison) }
        }
        #expect(throws: RequestError.invalid("where", "the pattern ends with a backslash that escapes nothing")) { _ = try self.text(.like("\\")) }
    }

    @Test func manyPatternsShareTheMemoryOfAFew() throws {
        // A program of some hundred kilobytes is fine alone, and a thousand of them are not.
        let large = MetadataCondition.compare(key: "s", .text(.matches(pattern: "[a-zäöü]{900}")))
        _ = try CompiledFilter(metadata: .not(large), document: nil)
        #expect(throws: RequestError.self) { _ = try CompiledFilter(metadata: .any(Array(repeating: large, count: 4_000)), document: nil) }
        let small = (0..<4_000).map { MetadataCondition.compare(key: "s", .text(.like("%word \($0)_"))) }
        #expect(try rows.matches(.any(small)) == [])
    }

    /// Every ASCII character, and some others, stand for themselves.
    @Test func whatIsNoWildcardIsLiteral() throws {
        for value in (0..<128) + [0xE9, 0x65E5, 0x1F600] {
            let character = String(Unicode.Scalar(UInt32(value))!)
            let sample = SampleRows([PlainRecord(identifier: "x", metadata: Metadata(["s": .string("a" + character)]), document: "a" + character)])
            let escaped = ["%", "_", "\\"].contains(character) ? "\\" + character : character
            #expect(try sample.matches(.compare(key: "s", .text(.like("a" + escaped)))) == [0], "\(value)")
            #expect(try sample.matches(nil, .matches(pattern: LikePattern.regularExpression(prefix: "a" + character))) == [0], "\(value)")
            #expect(try sample.matches(.compare(key: "s", .text(.like("b" + escaped)))) == [], "\(value)")
        }
    }

    @Test func anEvaluationCanBeStopped() throws {
        let many = SampleRows((0..<5_000).map { PlainRecord(identifier: "\($0)", metadata: Metadata(["s": .string("text \($0)")]), document: nil) })
        let onIdentifier = MetadataCondition.compare(key: MetadataCondition.identifierKey, .text(.like("%9")))
        for condition in [MetadataCondition.compare(key: "s", .text(.substring("9"))), onIdentifier] {
            let filter = try CompiledFilter(metadata: condition, document: nil)
            var asked = 0
            var candidates = OrdinalSet.all(below: many.rowCount)
            #expect(throws: RequestError(.cancelled)) {
                try filter.apply(to: &candidates, of: many) { () throws(RequestError) in
                    asked += 1
                    if asked == 3 { throw RequestError(.cancelled) }
                }
            }
            #expect(asked == 3)
        }
    }
}
