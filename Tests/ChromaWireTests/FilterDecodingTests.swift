import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

@Suite struct FilterDecodingTests {
    static func condition(_ text: String, _ dialect: Dialect = Wire.current) throws -> MetadataCondition? {
        try Wire.decoder(dialect).get(RequestBody(#"{"where":\#(text)}"#)).request.selector.metadata
    }

    static func document(_ text: String, _ dialect: Dialect = Wire.current) throws -> DocumentCondition? {
        try Wire.decoder(dialect).get(RequestBody(#"{"where_document":\#(text)}"#)).request.selector.document
    }

    static let table: [(String, MetadataCondition)] = [
        (#"{"k":1}"#, .compare(key: "k", .equal(.integer(1)))),
        (#"{"k":1.0}"#, .compare(key: "k", .equal(.float(1)))),
        (#"{"k":"x"}"#, .compare(key: "k", .equal(.string("x")))),
        (#"{"k":true}"#, .compare(key: "k", .equal(.boolean(true)))),
        (#"{"k":{"$ne":"x"}}"#, .compare(key: "k", .notEqual(.string("x")))),
        (#"{"k":{"$gt":1}}"#, .compare(key: "k", .greater(.integer(1)))),
        (#"{"k":{"$gte":1.5}}"#, .compare(key: "k", .greaterOrEqual(.float(1.5)))),
        (#"{"k":{"$lt":-1}}"#, .compare(key: "k", .less(.integer(-1)))),
        (#"{"k":{"$lte":-1000000000000000000000000000000}}"#, .compare(key: "k", .lessOrEqual(.float(-1e30)))),
        (#"{"k":{"$in":["a","b"]}}"#, .compare(key: "k", .isIn([.string("a"), .string("b")]))),
        (#"{"k":{"$nin":[1.5]}}"#, .compare(key: "k", .notIn([.float(1.5)]))),
        (#"{"k":{"$contains":1}}"#, .compare(key: "k", .contains(.integer(1)))),
        (#"{"k":{"$not_contains":"x"}}"#, .compare(key: "k", .notContains(.string("x")))),
        (#"{"$and":[]}"#, .all([])),
        (#"{"$or":[]}"#, .any([])),
        (#"{"$or":[{"a":1},{"b":2}]}"#, .any([.compare(key: "a", .equal(.integer(1))), .compare(key: "b", .equal(.integer(2)))])),
        (#"{"a":1,"b":2}"#, .all([.compare(key: "a", .equal(.integer(1))), .compare(key: "b", .equal(.integer(2)))])),
    ]

    @Test(arguments: table)
    func whereMeansTheCondition(text: String, expected: MetadataCondition) throws {
        #expect(try Self.condition(text) == expected)
    }

    @Test(arguments: [
        "{}", "[]", "5", #""x""#, #"{"k":null}"#, #"{"k":[1]}"#, #"{"k":{}}"#, #"{"k":{"$eq":null}}"#, #"{"k":{"$eq":[1]}}"#,
        #"{"k":{"$eq":9223372036854775808}}"#, #"{"k":{"$gt":true}}"#, #"{"k":{"$in":[]}}"#, #"{"k":{"$in":[1,2.5]}}"#,
        #"{"k":{"$in":[1,"x"]}}"#, #"{"k":{"$in":1}}"#, #"{"k":{"$bogus":1}}"#, #"{"$contains":"x"}"#,
        #"{"$and":{"k":1}}"#, #"{"$and":[{"k":1},{}]}"#, #"{"$and":[{"k":1}],"k":[]}"#, #"{"$not":{}}"#, #"{"$not":[{"k":1}]}"#, #"{"$not":1}"#,
        #"{"k":{"$not":null}}"#, #"{"k":{"$not":{}}}"#, #"{"k":{"$gt":1,"$bogus":2}}"#, #"{"k":{"$gt":null}}"#, #"{"k":{"$in":[{"$date":"2024-01-01"}]}}"#,
    ])
    func malformedWhereIsRefused(text: String) {
        #expect(Wire.failure { _ = try Self.condition(text) } == "400 InvalidArgumentError: Invalid where clause")
    }

    @Test func documentConditions() throws {
        #expect(try Self.document(#"{"$contains":"a"}"#) == .contains("a"))
        #expect(try Self.document(#"{"$not_regex":"a+"}"#) == .notMatches(pattern: "a+"))
        #expect(try Self.document(#"{"$and":[{"$regex":"x"},{"$not_contains":""}]}"#) == .all([.matches(pattern: "x"), .notContains("")]))
        for text in ["{}", #"{"$eq":"x"}"#, #"{"$contains":1}"#, #"{"$contains":"a","$regex":"b"}"#, #"{"$and":[{}]}"#, #"{"k":{"$contains":"x"}}"#] {
            #expect(Wire.failure { _ = try Self.document(text) } == "400 InvalidArgumentError: Invalid where document clause")
        }
    }

    @Test func documentUnderWhere() throws {
        let onMetadata = MetadataCondition.compare(key: "k", .equal(.integer(1)))
        #expect(try Self.condition(##"{"#document":{"$regex":"x"}}"##) == .document(.matches(pattern: "x")))
        #expect(try Self.condition(##"{"$and":[{"k":1},{"#document":{"$contains":"x"}}]}"##) == .all([onMetadata, .document(.contains("x"))]))
        #expect(try Self.condition(##"{"$or":[{"k":1},{"#document":{"$contains":"x"}}]}"##) == .any([onMetadata, .document(.contains("x"))]))
    }

    @Test func otherComparisonsUnderTheDocumentKey() throws {
        #expect(try Self.condition(##"{"#document":true}"##) == .compare(key: "#document", .equal(.boolean(true))))
        #expect(try Self.condition(##"{"#document":{"$ne":1}}"##) == .compare(key: "#document", .notEqual(.integer(1))))
        for text in [##"{"#document":"x"}"##, ##"{"#document":{"$eq":"x"}}"##, ##"{"#document":{"$nin":["x"]}}"##] {
            #expect(Wire.failure { _ = try Self.condition(text) }.hasPrefix("400 InvalidArgumentError: Cannot filter using metadata key '#document'"))
        }
        for text in ["null", "[]", "{}", #"{"$contains":1}"#, #"{"$regex":1}"#, #"{"$and":[]}"#] {
            #expect(Wire.failure { _ = try Self.condition(##"{"#document":\##(text)}"##) } == "400 InvalidArgumentError: Invalid where clause")
        }
    }

    @Test func integersAfterAFloatAreFloats() throws {
        #expect(try Self.condition(#"{"k":{"$in":[2.5,1]}}"#) == .compare(key: "k", .isIn([.float(2.5), .float(1)])))
        #expect(try Self.condition(#"{"k":{"$nin":[1.5,9223372036854775808]}}"#) == .compare(key: "k", .notIn([.float(1.5), .float(9_223_372_036_854_775_808)])))
        for list in ["[1,2.5]", "[1.5,true]", #"[1.5,"x"]"#] {
            #expect(Wire.failure { _ = try Self.condition(#"{"k":{"$in":\#(list)}}"#) } == "400 InvalidArgumentError: Invalid where clause")
        }
    }

    @Test func bothFiltersStayApart() throws {
        let body = RequestBody(##"{"where":{"#document":{"$contains":"x"}},"where_document":{"$contains":"y"}}"##)
        let selector = try Wire.decoder().get(body).request.selector
        #expect(selector.metadata == .document(.contains("x")))
        #expect(selector.document == .contains("y"))
    }

    @Test func version1TakesTheEmptyFilter() throws {
        #expect(try Self.condition("{}", Wire.representation) == nil)
        #expect(try Self.document("{}", Wire.named) == nil)
        #expect(Wire.failure { _ = try Self.condition(#"{"k":{"$bogus":1}}"#, Wire.named) }
            == "400 InvalidArgumentError: Expected where operator to be one of $gt, $gte, $lt, $lte, $ne, $eq, $in, $nin, got $bogus")
        #expect(Wire.failure { _ = try Self.condition(#"{"k":{"$bogus":1}}"#, Wire.representation) }.hasPrefix("500 ValueError: Expected where operator"))
    }

    @Test(arguments: [64, 65, 200, 10_000, 1_000_000])
    func deepFiltersAreRefusedNotFollowed(depth: Int) {
        let text = String(repeating: #"{"$and":["#, count: depth) + #"{"k":1}"# + String(repeating: "]}", count: depth)
        #expect(Wire.failure { _ = try Self.condition(text) }.hasPrefix("400 InvalidArgumentError: "))
        let documents = String(repeating: #"{"$or":["#, count: depth) + #"{"$contains":"x"}"# + String(repeating: "]}", count: depth)
        #expect(Wire.failure { _ = try Self.document(documents) }.hasPrefix("400 InvalidArgumentError: "))
    }

    @Test func sixtyThreeLevelsAreRead() throws {
        let text = String(repeating: #"{"$and":["#, count: 63) + #"{"k":1}"# + String(repeating: "]}", count: 63)
        #expect(try Self.condition(text) == .compare(key: "k", .equal(.integer(1))))
    }
}
