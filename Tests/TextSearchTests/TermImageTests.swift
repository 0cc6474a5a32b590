import TestSupport
import Testing
import TextSearch
import VectorModel

/// Images of term indexes that no builder wrote: refused, or searched without harm.
@Suite struct TermImageTests {
    private static func sample(_ rows: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: 17)
        let documents = RandomTexts.documents(rows, vocabulary: 12, &generator)
        return RankingTests.image(documents, analysis: TextAnalysis(stemming: .english, stopWords: ["x"]))
    }

    private static func expectHarmless(_ index: TermIndex, _ comment: Comment) throws {
        let query = try TextQuery("w0 w1 w2 w3 w7 w11 w0 unknown", analysis: index.analysis)
        var living = OrdinalSet.all(below: index.rowCount)
        for row in stride(from: 0, to: index.rowCount, by: 3) { living.remove(row) }
        let scorer = BM25Scorer(query, statistics: index.statistics(for: query, living: living))
        for k in [1, 5, 1_000] {
            let found = index.top(scorer, k: k, accepted: living, order: UInt64.init) {}
            #expect(found.allSatisfy { living.contains($0.row) && $0.score.isFinite } && found.count <= min(k, index.rowCount), comment)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score }, comment)
        }
    }

    @Test func everyBitAndEveryLength() throws {
        let bytes = Self.sample(20)
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                if let index = try? TermIndex(TextImage.copying(damaged), rowCount: 20) {
                    // Another analysis, term, or row cannot be told from what was written.
                    #expect(offset >= 64)
                    try Self.expectHarmless(index, "byte \(offset), bit \(bit)")
                }
            }
        }
        for length in bytes.indices {
            #expect(throws: TextImageDamage.self) { try TermIndex(TextImage.copying(Array(bytes.prefix(length))), rowCount: 20) }
        }
        #expect(throws: TextImageDamage.self) { try TermIndex(TextImage.copying(bytes + [0]), rowCount: 20) }
        #expect(throws: TextImageDamage.self) { try TermIndex(TextImage.copying(bytes), rowCount: 21) }
    }

    @Test(arguments: Seeds.some(3))
    func randomDamage(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.sample(400)
        for _ in 0..<500 {
            let damaged = bytes.damaged(&generator)
            if let index = try? TermIndex(TextImage.copying(damaged), rowCount: 400) { try Self.expectHarmless(index, "\(Seeds.replay(seed))") }
        }
    }
}
