import Testing
import TextSearch
import VectorModel

/// What texts become terms.
@Suite struct TextAnalysisTests {
    private static func terms(_ text: String, _ analysis: TextAnalysis = .plain) throws -> [String] {
        try TextQuery(text, analysis: analysis).terms.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("The Lord is my shepherd", ["the", "lord", "is", "my", "shepherd"]), ("", []), (" .,;- ", []), ("snake_case x2 3.14", ["snake", "case",
        "x2", "3", "14"]),
        ("don't 'quoted' rock'n'roll dogs' it’s", ["don't", "quoted", "rock'n'roll", "dogs", "it's"]), ("ΛΌΓΟΣ λόγος", ["λογοσ"]),
        ("Straße STRASSE", ["strasse"]),
        ("café cafe\u{301} CAFÉ cafe", ["cafe"]), ("ＡＢＣ ﬁn", ["abc", "fin"]), ("日本語 テキスト です", ["日", "本", "語", "テキスト", "て", "す"]),
        ("한국어 텍스트", ["한국어", "텍스트"]),
        ("soft\u{AD}hyphen", ["softhyphen"]), ("a\u{0}b\nc", ["a", "b", "c"]), ("naïve 😀 ok", ["naive", "ok"]), ("\u{301}x", ["x"]),
    ] as [(String, [String])])
    func words(text: String, expected: [String]) throws {
        #expect(try Self.terms(text) == expected)
    }

    @Test func aLanguageSaysHowItsTextsAreAnalysed() throws {
        #expect(DocumentLanguage.any.analysis == .plain && DocumentLanguage(.english).analysis == .english)
        #expect(DocumentLanguage(.english, keepsStopWords: true).analysis == TextAnalysis(stemming: .english))
        // Of other languages there is no list to leave out.
        #expect(DocumentLanguage(.german, keepsStopWords: true) == DocumentLanguage(.german) && !DocumentLanguage(.german).hasStopWords)
        let languages = [nil] + StemmingLanguage.allCases.map { $0 }
        let checksums = Set(languages.map { DocumentLanguage($0).analysis.checksum } + [DocumentLanguage(.english, keepsStopWords: true).analysis.checksum])
        #expect(checksums.count == languages.count + 1 && !checksums.contains(0))
    }

    @Test func marksAreKeptWhereTheyCount() throws {
        let analysis = TextAnalysis(stemming: nil, removesDiacritics: false)
        #expect(try Self.terms("café cafe\u{301} cafe です", analysis) == ["café", "cafe", "で", "す"])
    }

    @Test func stopWordsAndStemming() throws {
        #expect(try Self.terms("The runners were running quickly to the churches", .english) == ["runner", "run", "quick", "church"])
        #expect(try Self.terms("The THE the", .english).isEmpty)
        #expect(try Self.terms("Häuser Haus", TextAnalysis(stemming: .german)) == ["haus"])
        #expect(try Self.terms("der Über die", TextAnalysis(stemming: nil, stopWords: ["DER", "über"])) == ["die"])
    }

    @Test(arguments: StemmingLanguage.allCases)
    func everyLanguageHasItsStemmer(language: StemmingLanguage) throws {
        #expect(try !Self.terms("words été слова λόγος", TextAnalysis(stemming: language)).isEmpty)
    }

    @Test func ofLongWordsTheBeginningCounts() throws {
        #expect(try Self.terms(String(repeating: "a", count: 1_000)) == [String(repeating: "a", count: 255)])
        #expect(try Self.terms(String(repeating: "日本", count: 1)).count == 2)
        #expect(try Self.terms(String(repeating: "я", count: 1_000)) == [String(repeating: "я", count: 127)])
        #expect(try Self.terms(String(repeating: "\u{FDFA}", count: 200)).allSatisfy { $0.utf8.count <= 255 })
    }

    @Test func queriesAreBounded() {
        let words = (0..<1_025).map { "w\($0)" }
        #expect(throws: Never.self) { try TextQuery(words.dropLast().joined(separator: " "), analysis: .plain) }
        let error = #expect(throws: RequestError.self) { try TextQuery(words.joined(separator: " "), analysis: .plain) }
        #expect(error?.description.hasPrefix("query: ") == true && error?.description.contains("1024") == true)
    }

    @Test(arguments: [(-1, 0.5), (.nan, 0.5), (.infinity, 0.5), (1.2, -0.1), (1.2, 1.1), (1.2, .nan)] as [(Double, Double)])
    func constantsAreBounded(k1: Double, b: Double) {
        #expect(throws: RequestError.self) { try BM25Parameters(k1: k1, b: b) }
    }
}
