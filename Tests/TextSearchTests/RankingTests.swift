import ByteCoding
import TestSupport
import Testing
import TextSearch
import VectorModel

/// Scores and answers of the term index, and of documents without one, against the formula.
@Suite struct RankingTests {
    static func image(_ documents: [String?], rowCount: Int? = nil, analysis: TextAnalysis = .plain) -> [UInt8] {
        var builder = TermIndexBuilder(analysis)
        for (row, document) in documents.enumerated() {
            if let document { Array(document.utf8).withUnsafeBytes { builder.add(row: row, document: $0) } }
        }
        return builder.finish(rowCount: rowCount ?? documents.count).withUnsafeBytes { Array($0) }
    }

    static func index(_ documents: [String?], analysis: TextAnalysis = .plain) throws -> TermIndex {
        try TermIndex(TextImage.copying(image(documents, analysis: analysis)), rowCount: documents.count)
    }

    static func unindexed(_ documents: [String?], _ query: TextQuery, living: OrdinalSet? = nil) -> UnindexedDocuments {
        var scan = UnindexedDocuments(query)
        for (row, document) in documents.enumerated() where living?.contains(row) ?? true {
            if let document { Array(document.utf8).withUnsafeBytes { scan.add(row: row, document: $0) } }
        }
        return scan
    }

    private static func expectEqual(_ found: [FoundRow], _ expected: [(row: Int, score: Double)], _ scores: [Double?], _ comment: Comment) {
        #expect(found.count == expected.count, comment)
        for (found, expected) in zip(found, expected) {
            // Rows whose scores differ in the last bits may change places.
            #expect(abs(found.score - expected.score) <= 1e-9 * expected.score, comment)
            #expect(scores[found.row].map { abs(found.score - $0) <= 1e-9 * $0 } == true, comment)
        }
        #expect(Set(found.map(\.row)).count == found.count, comment)
    }

    @Test func computedByHand() throws {
        let documents = ["hello there good man", "it is quite windy in london", "how is the weather today"]
        let query = try TextQuery("windy London", analysis: .plain)
        let index = try Self.index(documents)
        let scorer = BM25Scorer(query, statistics: index.statistics(for: query))
        let found = index.top(scorer, k: 10, order: UInt64.init) {}
        // Twice ln(1 + 2.5 / 1.5) · 2.2 / (1 + 1.2 · (0.25 + 0.75 · 6 / 5)).
        #expect(found.map(\.row) == [1] && abs(found[0].score - 1.813_297_779) < 1e-8)
        let both = try TextQuery("is is", analysis: .plain)
        let repeated = index.top(BM25Scorer(both, statistics: index.statistics(for: both)), k: 10, order: UInt64.init) {}
        // Twice ln(1 + 1.5 / 2.5) · 2.2 / (1 + 1.2 · (0.25 + 0.75 · length / 5)), the shorter document first.
        #expect(repeated.map(\.row) == [2, 1])
        #expect(abs(repeated[0].score - 0.940_007_258) < 1e-8 && abs(repeated[1].score - 0.868_914_272) < 1e-8)
    }

    @Test(arguments: Seeds.some(3))
    func randomTexts(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for (count, vocabulary) in [(0, 1), (1, 1), (40, 10), (700, 60), (1_500, 2_000)] {
            let documents = RandomTexts.documents(count, vocabulary: vocabulary, &generator)
            let index = try Self.index(documents)
            let accepted = OrdinalSet.random(documents.count, percent: [100, 50, 3].randomElement(using: &generator)!, &generator)
            for words in [0, 1, 2, 5, 20] {
                let text = RandomTexts.query(words, vocabulary: vocabulary, &generator)
                let query = try TextQuery(text, analysis: .plain)
                var reference = RankingReference(documents)
                (reference.k1, reference.b) = [(1.2, 0.75), (0, 0.5), (2, 0), (0.9, 1)].randomElement(using: &generator)!
                let scores = reference.scores(text)
                let parameters = try BM25Parameters(k1: reference.k1, b: reference.b)
                let scorer = BM25Scorer(query, statistics: index.statistics(for: query), parameters: parameters)
                let scan = Self.unindexed(documents, query)
                #expect(scan.statistics == index.statistics(for: query))
                for k in [0, 1, 10, 5_000] {
                    let comment: Comment = "\(count) rows, \(text), k \(k), \(Seeds.replay(seed))"
                    let found = index.top(scorer, k: k, order: UInt64.init) {}
                    Self.expectEqual(found, RankingReference.best(of: scores, k: k), scores, comment)
                    #expect(scan.top(scorer, k: k, order: UInt64.init) == found, comment)
                    let some = index.top(scorer, k: k, accepted: accepted, order: UInt64.init) {}
                    Self.expectEqual(some, RankingReference.best(of: scores, k: k) { accepted.contains($0) }, scores, comment)
                    #expect(scan.top(scorer, k: k, accepted: accepted, order: UInt64.init) == some, comment)
                    let half = found.count / 2
                    if half > 0 {
                        let least = found[half].score
                        // Another part has found as many that score so much, all of them newer.
                        var best = ScoredTopK(k: found.count)
                        for _ in found { best.offer(ScoredRow(score: least, part: 1, ordinal: 0, order: .max)) }
                        index.search(scorer, into: &best, order: { (row) throws(Never) in UInt64(row) }, shouldContinue: { () throws(Never) in })
                        #expect(best.sorted().filter { $0.part == 0 }.map(FoundRow.init) == found.filter { $0.score >= least }, comment)
                    }
                }
            }
        }
    }

    @Test(arguments: Seeds.some(3))
    func scoresDoNotDependOnPartsOrDeletedRows(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parts = [300, 1, 900, 200].map { RandomTexts.documents($0, vocabulary: 120, &generator) }
        let living = parts.map { OrdinalSet.random($0.count, percent: [95, 100, 20, 60].randomElement(using: &generator)!, &generator) }
        var survivors: [String?] = []
        for (documents, living) in zip(parts, living) { survivors += documents.indices.filter(living.contains).map { documents[$0] } }
        let whole = try Self.index(survivors)
        let indexes = try parts.dropLast().map { try Self.index($0) }
        for words in [1, 3, 10] {
            let query = try TextQuery(RandomTexts.query(words, vocabulary: 120, &generator), analysis: .plain)
            let scan = Self.unindexed(parts[3], query, living: living[3])
            var sum = scan.statistics
            for (part, index) in indexes.enumerated() { sum += index.statistics(for: query, living: living[part]) }
            #expect(sum == whole.statistics(for: query), "\(Seeds.replay(seed))")
            let scorer = BM25Scorer(query, statistics: sum)
            let expected = whole.top(scorer, k: 50, order: UInt64.init) {}
            var found: [Double] = scan.top(scorer, k: 50, order: UInt64.init).map(\.score)
            for (part, index) in indexes.enumerated() {
                found += index.top(scorer, k: 50, accepted: living[part], order: UInt64.init) {}.map(\.score)
            }
            #expect(Array(found.sorted(by: >).prefix(50)) == expected.map(\.score), "\(Seeds.replay(seed))")
        }
    }

    @Test func tiesAreBrokenByTheGivenOrder() throws {
        let documents = [String?](repeating: "same words", count: 1_000)
        let index = try Self.index(documents)
        let query = try TextQuery("words same", analysis: .plain)
        let scorer = BM25Scorer(query, statistics: index.statistics(for: query))
        #expect(index.top(scorer, k: 5, order: UInt64.init) {}.map(\.row) == [0, 1, 2, 3, 4])
        #expect(index.top(scorer, k: 3, order: { UInt64(1_000 - $0) }) {}.map(\.row) == [999, 998, 997])
    }

    @Test func aSearchEndsWhenToldTo() throws {
        struct Stop: Error {}
        let index = try Self.index([String?](repeating: "same words", count: 1_000))
        let query = try TextQuery("words", analysis: .plain)
        let scorer = BM25Scorer(query, statistics: index.statistics(for: query))
        var asked = 0
        #expect(throws: Stop.self) {
            _ = try index.top(scorer, k: 5, order: UInt64.init) { () throws(Stop) in
                asked += 1
                if asked == 2 { throw Stop() }
            }
        }
    }

    @Test func anImageKeepsItsAnalysis() throws {
        for analysis in [TextAnalysis.plain, .english, TextAnalysis(stemming: .greek, stopWords: ["και", "the"], removesDiacritics: false)] {
            let index = try Self.index(["The runners run", nil, "λόγοι"], analysis: analysis)
            #expect(index.analysis == analysis && index.rowCount == 3)
            #expect(Self.image(["a b", "b c"], analysis: analysis) == Self.image(["a b", "b c"], analysis: analysis))
        }
        let index = try Self.index(["The runners run", nil, "running"], analysis: .english)
        let query = try TextQuery("RUN", analysis: .english)
        #expect(index.top(BM25Scorer(query, statistics: index.statistics(for: query)), k: 5, order: UInt64.init) {}.count == 2)
    }

    @Test func anyBytesAreADocument() throws {
        var generator = SeededGenerator(seed: 3)
        var builder = TermIndexBuilder(.english)
        for row in 0..<300 {
            let bytes = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
                generator.chance(percent: 50) ? UInt8.random(in: 0...255, using: &generator) : UInt8.random(in: 0x80...0xF4, using: &generator)
            }
            bytes.withUnsafeBytes { builder.add(row: row, document: $0) }
        }
        let image = builder.finish(rowCount: 300)
        #expect(try TermIndex(TextImage(image), rowCount: 300).termCount > 0)
    }
}

extension OrdinalSet {
    static func random(_ bound: Int, percent: Int, _ generator: inout SeededGenerator) -> OrdinalSet {
        var set = OrdinalSet(bound: bound)
        for row in 0..<bound where generator.chance(percent: percent) { set.insert(row) }
        return set
    }
}
