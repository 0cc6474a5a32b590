import Filtering
import TestSupport
import Testing
import TextSearch
import VectorModel

/// Rows found through trigrams against the documents themselves: no matching row is ever lost, none is certain that does not match.
@Suite struct DocumentTrigramsTests {
    static func index(_ documents: [String?], rowCount: Int? = nil) throws -> TrigramIndex {
        var builder = TrigramIndexBuilder()
        for (row, document) in documents.enumerated() {
            if let document { Array(document.utf8).withUnsafeBytes { builder.add(row: row, document: $0) } }
        }
        let rows = rowCount ?? documents.count
        return try TrigramIndex(TextImage(builder.finish(rowCount: rows)), rowCount: rows)
    }

    /// What the condition means, from the documents alone: for each whether it matches.
    static func accepted(_ condition: DocumentCondition, _ documents: [String?]) throws -> [Bool] {
        switch condition {
        case .all(let parts):
            let parts = try parts.map { try accepted($0, documents) }
            return documents.indices.map { row in parts.allSatisfy { $0[row] } }
        case .any(let parts):
            let parts = try parts.map { try accepted($0, documents) }
            return documents.indices.map { row in parts.contains { $0[row] } }
        case .contains(let text): return documents.map { $0.map { contains($0, text) } ?? false }
        case .notContains(let text): return try accepted(.contains(text), documents).map { !$0 }
        case .matches(let pattern):
            let expression = try RegularExpression(pattern)
            return documents.map { document in document.map { Array($0.utf8).withUnsafeBytes { expression.matches($0) } } ?? false }
        case .notMatches(let pattern): return try accepted(.matches(pattern: pattern), documents).map { !$0 }
        }
    }

    private static func contains(_ document: String, _ text: String) -> Bool {
        let (document, text) = (Array(document.utf8), Array(text.utf8))
        return document.count >= text.count && (0...document.count - text.count).contains { document[$0..<$0 + text.count].elementsEqual(text) }
    }

    /// - Returns: how many rows had to be looked at.
    @discardableResult
    static func expectSound(_ condition: DocumentCondition, _ documents: [String?], _ index: TrigramIndex, _ comment: Comment) throws -> Int {
        let trigrams = DocumentTrigrams(condition)
        let found = trigrams.rows(in: index)
        let estimate = trigrams.estimate(in: index)
        var matching = 0
        for (row, matches) in try accepted(condition, documents).enumerated() {
            if matches {
                matching += 1
                #expect(found.possible.contains(row), "row \(row) is lost: \(comment)")
            } else {
                #expect(!found.certain.contains(row), "row \(row) is wrongly certain: \(comment)")
            }
        }
        #expect(estimate.lower <= matching && matching <= estimate.upper, "\(estimate), \(matching) match: \(comment)")
        #expect((estimate.lower...estimate.upper).contains(estimate.expected), comment)
        return found.undecided.count
    }

    // MARK: Patterns

    static let texts = [
        "", "a", "ab", "abc", "abcd", "The Lord is my shepherd", "the LORD is", "hello world", "HELLO", "hello\nworld", "foo(bar)", "a.b*c",
        "λόγος", "ΛΌΓΟΣ",
        "straße", "ſtraße", "\u{212A}elvin", "kelvin", "KELVIN", "aaaaaaaaaaaaaaaa", "abababab", "foobar", "foobaz", "barfoo", "2024-01-31",
        "id=42;", "x{2}", "x{,3}",
        "a{02}", "日本語のテキスト", "日本", "tab\there", "new\nline", "]x-", "a-z", "\\E", "a|b", "^$", "e\u{301}", "é", "😀😁", "quick brown fox",
        "quick  fox", "I", "ı", "i\u{307}",
        "abcabcabcabc", "xyz\u{7F}", "100%", "under_score", "C:\\path", "[[:alpha:]]", "0123456789", "deadbeef", "DEADBEEF", "caféteria", "naïve",
    ]

    static let patterns = [
        "", "a", "ab", "abc", "abcd", "hello", "(?i)hello", "(?i)HeLLo wORLD", "h(?i)ELLO", "(?i:hel)lo", "(?-i)hello", "(?i)kelvin",
        "(?i)strasse|straße", "(?i)λόγος", "lo.d", "Lo.d",
        "^The", "shepherd$", "^$", "\\Ahello", "world\\z", "\\bfoo\\b", "\\Bbar", "foo|bar|baz", "foo(bar|baz)", "(foo|bar)(foo|baz)",
        "(|foo)bar", "(foo|)", "foo||bar", "|", "(a|b|)c",
        "(?:abc)+", "(abc)*", "(abc)?d", "(abc){2}", "(abc){2,}", "(abc){0}", "(abc){0,2}x?", "(abc){3,4}", "(abc){5}", "abc{2}", "abc{0}d",
        "abc{0,1}d", "ab{1}c", "a{3}", "a{10}", "a{17}",
        "x\\{2}", "x{,3}", "a{02}", "hel+o", "hel*o", "hell?o", "hel+?o", "hel*?o", "quick.*fox", "quick.+fox", "quick +fox",
        "quick\\s+(brown\\s+)?fox", "[abc]bc", "[a-c]bcd",
        "[^a]bc", "[[:alpha:]]bc", "[[:digit:]]{4}-[[:digit:]]{2}", "\\d{4}-\\d\\d", "\\D+42", "\\w+_\\w+", "\\W", "\\pL+", "\\p{Greek}+",
        "\\P{Greek}", "\\p{^Greek}a", "[\\p{Han}x]本語",
        "日本", "日.語", "[日月]本語", "テキ(スト)?", "\\x61bc", "\\x{65e5}本", "\\Qa.b*c\\E", "\\Qfoo(\\Ebar", "\\Qab\\E+", "\\Qabc", "a\\Q\\Ebc", "\\Q\\E",
        "\\Qa|b\\E", "(\\Qabc\\E)", "\\Q\\E\\Qab\\E",
        "foo\\(bar\\)", "a\\.b\\*c", "\\\\", "\\^\\$", "\\|", "C:\\\\path", "[]x-]+", "[x\\]]-", "[a-]z", "[-a]-z", "[^]]x-", "tab\\there",
        "new\\nline", "\\n", "(?s)hello.world", "(?m)^world$", "hello\\nworld",
        "(?P<word>hello) world", "(?P<a1>foo)(?P<b_2>bar)", "((((hello))))", "(a*)*b", "(a+)+$", "(a|aa)+$", "(x+x+)+y", "(.*a){5}",
        "(.*)(.*)(.*)abc", "é", "e\\x{301}", "[éè]teria", "caf.teria", "na[ïi]ve", "😀.",
        "[😀😁]{2}", "(?i)deadbeef", "(?i)[a-f]{8}", "(?i)[k]elvin", "(?i)[ſx]traße", "(?i)straße",
        "dead|beef|cafe|food|hell|worl|quic|brow|abcd|shep|lord|path|unde|scor|line|here|tab|new|foo",
        "(abc|abd|abe|abf)(a|b|c|d)(cab|bca)", "(a|b|c|d|e)(a|b|c|d|e)(a|b|c|d|e)(a|b|c|d|e)", "h[a-z]l{1,3}o w[^x]rld", "(?i)i", "(?U)hel+o",
        "(?i)(?-i:hello)|WORLD", "(?i)foo|(?-i)BAR|baz", "\\C+abc", "^", "$",
        "\\b", "x?y?z?", "(?:)", "()", "()abc()", "a()b()c", "[a]", "[a][b][c]", "(?i)[a][b][c]d", "\\-", "a\\-z", "100%", "\\%", "[\\d]5",
        "[\\d-]", "[\\w.]b", "[^\\x00-\\x{10FFFF}]", "(abc|\\d)cab", "\\t", "[\\t]here", "[\\n]line",
    ]

    private static let textsIndex = Result { try index(texts.map { Optional($0) } + [nil]) }

    @Test(arguments: patterns)
    func patternsLoseNothing(pattern: String) throws {
        let documents = Self.texts.map { Optional($0) } + [nil]
        let index = try Self.textsIndex.get()
        try Self.expectSound(.matches(pattern: pattern), documents, index, "\(pattern)")
        try Self.expectSound(.notMatches(pattern: pattern), documents, index, "not \(pattern)")
        try Self.expectSound(.contains(pattern), documents, index, "contains \(pattern)")
        try Self.expectSound(.notContains(pattern), documents, index, "not contains \(pattern)")
    }

    /// That patterns are understood at all: how many documents must be looked at.
    @Test(arguments: [
        ("shepherd", 1), ("quick.*fox", 2), ("(?i)kelvin", 3), ("foo(bar|baz)", 2), ("(?i)deadbeef", 2), ("\\Qa.b*c\\E", 1), ("hel+o", 2),
        ("(?P<word>hello) world", 1), ("hello\\nworld", 1), ("日.語", 1), ("[日月]本語", 1),
        ("foobar|barfoo|naïve", 3), ("^under_score$", 1), ("(abc){3,4}", 1), ("[0-9]+-01-31", 1), ("(?:hello){1}", 2),
    ])
    func patternsNarrow(pattern: String, most: Int) throws {
        let documents = Self.texts.map { Optional($0) } + [nil]
        let looked = try Self.expectSound(.matches(pattern: pattern), documents, try Self.textsIndex.get(), "\(pattern)")
        #expect(looked <= most)
    }

    @Test func shortTextsAreDecidedByTheIndexAlone() throws {
        let documents = Self.texts.map { Optional($0) } + [nil, "aab", "b", "ba", "bb", "", "abb"]
        let index = try Self.index(documents)
        for text in ["", "a", "b", "ab", "ba", "bb", "aa", "abc", "bc", "c", "é", "zz", "語"] {
            #expect(try Self.expectSound(.contains(text), documents, index, "\(text)") == 0)
            #expect(try Self.expectSound(.notContains(text), documents, index, "\(text)") == 0)
        }
    }

    @Test(arguments: [
        String(repeating: "(", count: 900) + "abc" + String(repeating: ")", count: 900), String(repeating: "(?i)", count: 1_000) + "abc",
        String(repeating: "\\Q\\E", count: 1_000) + "abc", String(repeating: "[ab]", count: 1_000), String(repeating: "(?i:ab)", count: 1_000),
        String(repeating: "abcdefgh", count: 1_000), String(repeating: "(abc|def)", count: 500), String(repeating: "abcd|", count: 2_000),
        "((((a{9}){9}){3})x{2}){2}", String(repeating: "(abc){4}", count: 300), String(repeating: "(?:a|bc)?", count: 500),
    ])
    func enormousPatternsAreReadQuickly(pattern: String) throws {
        let query = TrigramQuery(matching: pattern)
        let index = try Self.index(["abc", "abcdefgh", nil])
        #expect(index.estimate(query).upper >= index.rows(query).count)
    }

    // MARK: Random

    private static let alphabet = ["a", "b", "c", "A", "B", " ", ".", "é", "日", "k", "K"]

    private static func text(_ count: Int, _ generator: inout SeededGenerator) -> String {
        (0..<count).map { _ in alphabet.randomElement(using: &generator)! }.joined()
    }

    private static let pieces = [
        "[ab]", "[^a]", "[a-c]", "[é日]", ".", "\\w", "\\s", "[[:upper:]]", "\\Qa.b\\E", "\\x61", "^", "$", "\\b",
    ]

    private static func pattern(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 4), using: &generator) {
        case 0, 1: return text(Int.random(in: 1...4, using: &generator), &generator)
        case 2: return pieces.randomElement(using: &generator)!
        case 3: return text(1, &generator) + ["*", "+", "?", "{2}", "{1,3}", "{0,1}", "{2,}", "*?", "+?"].randomElement(using: &generator)!
        case 4, 5: return pattern(depth - 1, &generator) + pattern(depth - 1, &generator)
        case 6: return "(" + pattern(depth - 1, &generator) + "|" + pattern(depth - 1, &generator) + ")"
        case 7: return "(?:" + pattern(depth - 1, &generator) + ")" + ["*", "+", "?", "{2}", "{2,3}", "{3,}", "{5}"].randomElement(using: &generator)!
        case 8: return "(?i:" + pattern(depth - 1, &generator) + ")"
        case _: return pattern(depth - 1, &generator) + "|" + pattern(depth - 1, &generator)
        }
    }

    private static func condition(_ depth: Int, _ generator: inout SeededGenerator) -> DocumentCondition {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: .contains(text(Int.random(in: 0...6, using: &generator), &generator))
        case 1: .notContains(text(Int.random(in: 0...6, using: &generator), &generator))
        case 2: .matches(pattern: pattern(3, &generator))
        case 3: .notMatches(pattern: pattern(3, &generator))
        case 4: .all((0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(depth - 1, &generator) })
        case _: .any((0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(depth - 1, &generator) })
        }
    }

    @Test(arguments: Seeds.some(4))
    func randomConditionsLoseNothing(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let documents = (0..<60).map { _ in
                generator.chance(percent: 10) ? nil : Self.text(Int.random(in: 0...14, using: &generator), &generator)
            }
            let index = try Self.index(documents)
            for _ in 0..<60 {
                let condition = Self.condition(2, &generator)
                // A random pattern may be none: `a**`, `$*`.
                do { try Self.expectSound(condition, documents, index, "\(condition), \(Seeds.replay(seed))") } catch is RequestError { continue }
            }
        }
    }
}
