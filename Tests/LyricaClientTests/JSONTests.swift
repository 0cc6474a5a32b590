import LyricaClient
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test func readsEveryKindAndWritesItBack() throws {
        let text = #"{"a":[1,-2,1.5,1e-07,true,false,null],"b":{"c":"é\n\"\\\u0001"},"a2":""}"#
        #expect(try JSONParser.parse(text).jsonText == text)
        #expect(try JSONParser.parse(" [ 1 , { \"k\" : [ ] } ] \n").jsonText == #"[1,{"k":[]}]"#)
    }

    @Test func keepsIntegersApartFromFloats() throws {
        #expect(try JSONParser.parse("1") == .integer(1))
        #expect(try JSONParser.parse("1.0") == .number(1))
        #expect(try JSONParser.parse("9223372036854775807") == .integer(.max))
        #expect(try JSONParser.parse("-9223372036854775808") == .integer(.min))
        #expect(try JSONParser.parse("9223372036854775808") == .number(0x1p63))
    }

    @Test func readsEscapesAndSurrogatePairs() throws {
        #expect(try JSONParser.parse(#""\u00e9\ud83d\ude00\/\b\f\r\t""#) == .string("é😀/\u{8}\u{C}\r\t"))
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "1e400", "\"\u{1}\"", #""\x""#,
        #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, #""\u12g4""#, "1 2", "[1]]", "\"abc", "-Inf", "Infinit", "{\"a\":1",
    ]) func refuses(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(text) }
    }

    @Test func refusesInvalidUTF8() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func boundsNesting() throws {
        let deepest = JSONParser.depthMax
        _ = try JSONParser.parse(String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest) )
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test func refusesEveryTruncation() throws {
        let whole = Array(#"{"id":"a\u00e9","v":[1.5e-3,-2,NaN],"m":{"k":true,"n":null}}"#.utf8)
        _ = try JSONParser.parse(whole)
        for length in 0..<whole.count {
            #expect(throws: JSONSyntaxError.self, "cut to \(length) bytes") { try JSONParser.parse(Array(whole[..<length])) }
        }
    }

    @Test(arguments: [21, 22] as [UInt64]) func numbersAreReadLikeTheStandardLibraryDoes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
            let small = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
            for text in [value.description, small.description, "\(Double.random(in: -1...1, using: &generator))"] {
                guard let expected = Double(text), expected.isFinite else { continue }
                #expect(try JSONParser.parse(text).number == expected, "\(text)")
            }
        }
    }

    @Test func readsPythonsNonFiniteNumbers() throws {
        let values = try #require(JSONParser.parse("[NaN,Infinity,-Infinity]").array)
        #expect(values[0].number?.isNaN == true)
        #expect(values[1...] == [.number(.infinity), .number(-.infinity)])
    }
}
