import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

/// The part of the `where` language that Chroma answers with 400.
@Suite struct FilterExtensionTests {
    private static let k1 = MetadataCondition.compare(key: "k", .equal(.integer(1)))
    private static let a1 = MetadataCondition.compare(key: "a", .equal(.integer(1)))
    private static let mayDay: Int64 = 1_714_521_600_000_000

    private static func date(_ order: DateComparison.Order, _ microseconds: Int64 = mayDay) -> MetadataCondition {
        .compare(key: "k", .date(DateComparison(order, microseconds: microseconds)))
    }

    private static func text(_ comparison: TextComparison) -> MetadataCondition { .compare(key: "k", .text(comparison)) }

    static let junctions: [(String, MetadataCondition)] = [
        (#"{"k":{"$gt":1,"$lt":5}}"#, .all([.compare(key: "k", .greater(.integer(1))), .compare(key: "k", .less(.integer(5)))])),
        (#"{"a":1,"k":{"$gt":1,"$ne":5}}"#,
            .all([a1, .all([.compare(key: "k", .greater(.integer(1))), .compare(key: "k", .notEqual(.integer(5)))])])),
        (#"{"$and":[{"a":1}],"k":1}"#, .all([a1, k1])),
        (#"{"$or":[{"a":1},{"k":1}],"$and":[{"a":1},{"k":1}]}"#, .all([.any([a1, k1]), .all([a1, k1])])),
        (#"{"$not":{"k":1}}"#, .not(k1)),
        (#"{"$not":{"a":1,"k":1}}"#, .not(.all([a1, k1]))),
        (#"{"$not":{"$or":[{"a":1},{"$not":{"k":1}}]},"k":1}"#, .all([.not(.any([a1, .not(k1)])), k1])),
        (#"{"k":{"$not":1}}"#, .not(k1)),
        (#"{"k":{"$not":{"$not":{"$in":[1]}}}}"#, .not(.not(.compare(key: "k", .isIn([.integer(1)]))))),
    ]

    static let operators: [(String, MetadataCondition)] = [
        (#"{"k":{"$exists":true}}"#, .compare(key: "k", .exists)),
        (#"{"k":{"$exists":false}}"#, .compare(key: "k", .missing)),
        (#"{"k":{"$is_null":true}}"#, .compare(key: "k", .missing)),
        (#"{"k":{"$is_null":false}}"#, .compare(key: "k", .exists)),
        (#"{"k":{"$like":"a%_\\%"}}"#, text(.like("a%_\\%"))),
        (#"{"k":{"$prefix":""}}"#, text(.prefix(""))),
        (#"{"k":{"$substring":"ü"}}"#, text(.substring("ü"))),
        (#"{"k":{"$regex":"a+"}}"#, text(.matches(pattern: "a+"))),
        (#"{"k":{"$not_regex":"a+"}}"#, .not(text(.matches(pattern: "a+")))),
        (#"{"k":{"$between":[1,2.5]}}"#, .all([.compare(key: "k", .greaterOrEqual(.integer(1))), .compare(key: "k", .lessOrEqual(.float(2.5)))])),
        (#"{"k":{"$between":["2024-05-01","1970-01-01T00:00:00.5Z"]}}"#, .all([date(.greaterOrEqual), date(.lessOrEqual, 500_000)])),
        (#"{"k":{"$between":[{"$date":"2024-05-01"},"2024-05-01"]}}"#, .all([date(.greaterOrEqual), date(.lessOrEqual)])),
    ]

    static let dates: [(String, MetadataCondition)] = [
        (#"{"k":{"$gt":"2024-05-01"}}"#, date(.greater)),
        (#"{"k":{"$gte":"2024-05-01T02:00+02:00"}}"#, date(.greaterOrEqual)),
        (#"{"k":{"$lt":{"$date":"2024-05-01"}}}"#, date(.less)),
        (#"{"k":{"$lte":"2024-05-01 00:00:00Z"}}"#, date(.lessOrEqual)),
        (#"{"k":{"$eq":{"$date":"2024-05-01"}}}"#, date(.equal)),
        (#"{"k":{"$ne":{"$date":"2024-05-01"}}}"#, .not(date(.equal))),
        // Chroma takes a string under these as a string.
        (#"{"k":{"$eq":"2024-05-01"}}"#, .compare(key: "k", .equal(.string("2024-05-01")))),
        (#"{"k":"2024-05-01"}"#, .compare(key: "k", .equal(.string("2024-05-01")))),
    ]

    static let keys: [(String, MetadataCondition)] = [
        (##"{"#id":"x"}"##, .compare(key: "#id", .equal(.string("x")))),
        (##"{"#id":{"$in":["x","y"]},"k":1}"##, .all([.compare(key: "#id", .isIn([.string("x"), .string("y")])), k1])),
        (##"{"#id":{"$prefix":"x"}}"##, .compare(key: "#id", .text(.prefix("x")))),
        (##"{"#document":{"$contains":"x","$not_contains":"y"}}"##, .all([.document(.contains("x")), .document(.notContains("y"))])),
        (##"{"#document":{"$not":{"$regex":"x"}}}"##, .not(.document(.matches(pattern: "x")))),
        (##"{"#document":{"$substring":"x"}}"##, .document(.contains("x"))),
        (##"{"#document":{"$prefix":"x.y"}}"##, .document(.matches(pattern: #"\Ax\.y"#))),
        (##"{"#document":{"$like":"x%_."}}"##, .document(.matches(pattern: #"(?s)\Ax.*.\.\z"#))),
        (##"{"#document":{"$exists":true}}"##, .document(.contains(""))),
        (##"{"#document":{"$exists":false}}"##, .document(.notContains(""))),
        (##"{"#document":{"$is_null":true}}"##, .document(.notContains(""))),
        (##"{"#document":{"$is_null":false}}"##, .document(.contains(""))),
    ]

    @Test(arguments: junctions + operators + dates + keys)
    func itMeansTheCondition(text: String, expected: MetadataCondition) throws {
        for dialect in Wire.all { #expect(try FilterDecodingTests.condition(text, dialect) == expected) }
        let deletion = try Wire.decoder().delete(RequestBody(#"{"where":\#(text)}"#))
        #expect(deletion.selector.metadata == expected)
    }

    @Test(arguments: [
        (#"{"k":{"$gt":"x"}}"#, "the operand of $gt is neither a number nor an ISO-8601 date"),
        (#"{"k":{"$lte":{"$date":"2024-02-30"}}}"#, "the operand of $lte is neither a number nor an ISO-8601 date"),
        (#"{"k":{"$gt":{"$date":5}}}"#, "the operand of $gt is neither a number nor an ISO-8601 date"),
        (#"{"k":{"$gt":{"$date":"2024-01-01","x":1}}}"#, "the operand of $gt is neither a number nor an ISO-8601 date"),
        (#"{"k":{"$eq":{}}}"#, "the operand of $eq is no ISO-8601 date"),
        (#"{"k":{"$ne":{"$date":"soon"}}}"#, "the operand of $ne is no ISO-8601 date"),
        (#"{"k":{"$exists":1}}"#, "the operand of $exists must be true or false"),
        (#"{"k":{"$is_null":null}}"#, "the operand of $is_null must be true or false"),
        (#"{"k":{"$like":5}}"#, "the operand of $like must be a string"),
        (#"{"k":{"$regex":null}}"#, "the operand of $regex must be a string"),
        (##"{"#document":{"$prefix":[]}}"##, "the operand of $prefix must be a string"),
        (#"{"k":{"$between":5}}"#, "the operand of $between must be a list of two numbers or two dates"),
        (#"{"k":{"$between":[1,2,3]}}"#, "the operand of $between must be a list of two numbers or two dates"),
        (#"{"k":{"$between":[1,"2024-01-01"]}}"#, "the operand of $between must be two numbers or two ISO-8601 dates"),
        (#"{"k":{"$between":[true,false]}}"#, "the operand of $between must be two numbers or two ISO-8601 dates"),
    ])
    func aWrongOperandIsNamed(text: String, problem: String) {
        #expect(Wire.failure { _ = try FilterDecodingTests.condition(text) } == "400 InvalidArgumentError: Invalid where clause: " + problem)
    }

    @Test func badPatternsAreRefused() async throws {
        let long = String(repeating: "a", count: Limits.standard.patternBytes + 1)
        for name in ["$like", "$prefix", "$substring", "$regex", "$not_regex"] {
            #expect(Wire.failure { _ = try FilterDecodingTests.condition(#"{"k":{"\#(name)":"\#(long)"}}"#) }
                == "400 InvalidArgumentError: Invalid where clause: the operand of \(name) has more than 16384 bytes")
        }
        let ending = "400 InvalidArgumentError: Validation error: where: the pattern ends with a backslash that escapes nothing"
        #expect(Wire.failure { _ = try FilterDecodingTests.condition(##"{"#document":{"$like":"a\\"}}"##) } == ending)
    }

    @Test func complementsAreBoundedLikeOtherNesting() throws {
        func clause(_ depth: Int) -> String { String(repeating: #"{"$not":"#, count: depth) + #"{"k":1}"# + String(repeating: "}", count: depth) }
        func underKey(_ depth: Int) -> String {
            #"{"k":"# + String(repeating: #"{"$not":"#, count: depth) + "1" + String(repeating: "}", count: depth + 1)
        }
        for text in [clause(63), underKey(63)] { _ = try FilterDecodingTests.condition(text) }
        for text in [clause(64), underKey(65), clause(10_000), underKey(10_000), ##"{"#document":\##(String(underKey(80).dropFirst(5)))"##] {
            #expect(Wire.failure { _ = try FilterDecodingTests.condition(text) }.hasPrefix("400 InvalidArgumentError: "))
        }
    }

    @Test func everyConditionCounts() throws {
        let most = Limits.standard.filterConditions
        func keys(_ count: Int) -> String { "{" + (0..<count).map { #""k\#($0)":{"$gt":1}"# }.joined(separator: ",") + "}" }
        func operators(_ count: Int) -> String { #"{"k":{"# + (0..<count).map { _ in #""$gt":1"# }.joined(separator: ",") + "}}" }
        for text in [keys(most), operators(most)] { _ = try FilterDecodingTests.condition(text) }
        for text in [keys(most + 1), operators(most + 1)] {
            #expect(Wire.failure { _ = try FilterDecodingTests.condition(text) }
                == "400 InvalidArgumentError: Invalid where clause: more than \(most) conditions")
        }
    }
}
