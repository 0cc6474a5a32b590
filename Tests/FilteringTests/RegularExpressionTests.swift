import Filtering
import Testing
import VectorModel

@Suite struct RegularExpressionTests {
    static func matches(_ pattern: String, _ text: String) throws -> Bool {
        let expression = try RegularExpression(pattern)
        return Array(text.utf8).withUnsafeBytes { expression.matches($0) }
    }

    @Test(arguments: [
        ("lo.d", "The Lord is my shepherd", false), ("Lo.d", "The Lord is my shepherd", true), ("(?i)lo.d", "The Lord", true),
        ("^The", "The Lord", true), ("^Lord", "The Lord", false), ("d$", "The Lord", true), ("", "", true), ("x*", "", true), ("a", "", false),
        ("h.llo", "hällo", true), ("h..llo", "hällo", false), ("[α-ω]+", "λόγος", true), (#"\bis\b"#, "this", false), (#"\d{3}"#, "psalm 119", true),
    ])
    func findsAnywhereByCharacter(pattern: String, text: String, expected: Bool) throws {
        #expect(try Self.matches(pattern, text) == expected)
    }

    @Test(arguments: ["(", "[a", "a**b(", "(?=x)", #"(a)\1"#, "*", "a{2,1}"])
    func refusesWhatIsNotRE2(pattern: String) {
        let error = #expect(throws: RequestError.self) { _ = try RegularExpression(pattern) }
        #expect(error?.description.hasPrefix("The regular expression is not valid: ") == true)
    }

    @Test func refusesTooLongPatterns() {
        let pattern = String(repeating: "a", count: Limits.standard.patternBytes + 1)
        #expect(throws: RequestError.self) { _ = try RegularExpression(pattern) }
    }

    @Test func refusesProgramsThatNeedTooMuchMemory() {
        var limits = Limits()
        limits.patternProgramBytes = 16 * 1024
        #expect(throws: RequestError.self) { _ = try RegularExpression("(([a-z]{100}){10})[α-ω]{500}", limits: limits) }
    }

    @Test func hostilePatternsStayLinear() throws {
        #expect(try Self.matches("(a*)*b", String(repeating: "a", count: 100_000)) == false)
        #expect(try Self.matches("(a|aa)+$", String(repeating: "a", count: 100_000) + "b") == false)
    }

    @Test func anyBytesAreText() throws {
        let expression = try RegularExpression("b")
        #expect(([0xFF, 0x00, 0x62] as [UInt8]).withUnsafeBytes { expression.matches($0) })
        #expect(!([0xFF, 0x00, 0xFE] as [UInt8]).withUnsafeBytes { expression.matches($0) })
    }
}
