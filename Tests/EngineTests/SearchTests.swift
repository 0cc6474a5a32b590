import Engine
import Filtering
import Foundation
import Segments
import Testing
import TextSearch
import VectorModel

/// The search API against cases worked out by hand.
@Suite struct SearchTests {
    @Test func withoutRankRecordsComeInTheOrderOfInsertionWithoutScores() async throws {
        let fixture = try await SearchFixture.line()
        #expect(try await fixture.shown(SearchRequest()) == ["a", "b", "c", "d", "e", "f"])
        #expect(try await fixture.shown(SearchRequest(limit: 2, offset: 3)) == ["d", "e"])
        #expect(try await fixture.shown(SearchRequest(limit: .max, offset: 5)) == ["f"])
        #expect(try await fixture.shown(SearchRequest(limit: 3, offset: 9)) == [])
        #expect(try await fixture.shown(SearchRequest(selector: RecordSelector(identifiers: ["e", "nobody", "b"]))) == ["b", "e"])
        let psalms = RecordSelector(metadata: .compare(key: "genre", .equal(.string("psalm"))))
        #expect(try await fixture.shown(SearchRequest(selector: psalms, rank: .value(2.5))) == ["a 2.5", "b 2.5", "e 2.5"])
        try await fixture.close()
    }

    @Test func aLeafFindsItsLimitAmongTheMatchingRecords() async throws {
        let fixture = try await SearchFixture.line()
        #expect(try await fixture.shown(SearchRequest(rank: .near(1.5, limit: 3))) == ["b 0.25", "c 0.25", "a 2.25"])
        let psalms = RecordSelector(metadata: .compare(key: "genre", .equal(.string("psalm"))))
        #expect(try await fixture.shown(SearchRequest(selector: psalms, rank: .near(3, limit: 2))) == ["e 1.0", "b 4.0"])
        let some = RecordSelector(identifiers: ["f", "a", "nobody"])
        #expect(try await fixture.shown(SearchRequest(selector: some, rank: .near(1))) == ["a 1.0", "f 16.0"])
        #expect(try await fixture.shown(SearchRequest(rank: .near(0, countsPositions: true), limit: 2, offset: 1)) == ["b 1.0", "c 2.0"])
        try await fixture.close()
    }

    @Test func aRecordNeedsEveryLeafThatHasNoDefault() async throws {
        let fixture = try await SearchFixture.line()
        // The first leaf finds a, b, c; the second e, f.
        let both = RankExpression.sum([.near(0, limit: 3), .near(5, limit: 2)])
        #expect(try await fixture.shown(SearchRequest(rank: both)) == [])
        let firstOnly = RankExpression.sum([.near(0, limit: 3), .near(5, limit: 2, missing: 100)])
        #expect(try await fixture.shown(SearchRequest(rank: firstOnly)) == ["a 100.0", "b 101.0", "c 104.0"])
        let either = RankExpression.sum([.near(0, limit: 3, missing: 50), .near(5, limit: 2, missing: 100)])
        #expect(try await fixture.shown(SearchRequest(rank: either)) == ["f 50.0", "e 51.0", "a 100.0", "b 101.0", "c 104.0"])
        try await fixture.close()
    }

    @Test func sparseLeavesAreOneMinusTheInnerProduct() async throws {
        let fixture = try await SearchFixture.line()
        let rank = try RankExpression.words([1, 5], [0.5, 2])
        #expect(try await fixture.shown(SearchRequest(rank: rank)) == ["c -3.0", "a -1.5", "b -1.0"])
        #expect(try await fixture.shown(SearchRequest(rank: try .words([1, 5], [0.5, 2], limit: 2))) == ["c -3.0", "a -1.5"])
        #expect(try await fixture.shown(SearchRequest(rank: try .words([9], [-1]))) == ["c 2.0", "d 2.0"])
        #expect(try await fixture.shown(SearchRequest(rank: try .words([], []))) == [])
        try await fixture.database.flush()
        #expect(try await fixture.shown(SearchRequest(rank: rank)) == ["c -3.0", "a -1.5", "b -1.0"])
        try await fixture.close()
    }

    @Test func fusionOfRanks() async throws {
        let fixture = try await SearchFixture.line()
        // Dense from 0: a, b, c, d …; sparse: c, a, b. Position 0 is the best.
        func term(_ weight: Double, _ leaf: RankExpression) -> RankExpression { .quotient(.value(weight), .sum([.value(60), leaf])) }
        let fusion = RankExpression.product([
            .value(-1),
            .sum([term(0.75, .near(0, countsPositions: true)), term(0.25, try .words([1, 5], [0.5, 2], countsPositions: true))]),
        ])
        let hits = try await fixture.search(SearchRequest(rank: fusion))
        let expected = [
            ("a", -(0.75 / 60 + 0.25 / 61)), ("b", -(0.75 / 61 + 0.25 / 62)), ("c", -(0.75 / 62 + 0.25 / 60)),
        ]
        #expect(hits.map(\.record.identifier) == expected.sorted { $0.1 < $1.1 }.map(\.0))
        for (hit, (_, score)) in zip(hits, expected.sorted(by: { $0.1 < $1.1 })) {
            #expect(abs(try #require(hit.score) - score) < 1e-15)
        }
        try await fixture.close()
    }

    @Test func arithmeticHasTheRulesOfFloatingPoint() async throws {
        let fixture = try await SearchFixture.line()
        func shown(_ rank: RankExpression) async throws -> [String] {
            try await fixture.shown(SearchRequest(selector: RecordSelector(identifiers: ["a", "b", "c"]), rank: rank))
        }
        // Distances from 0: 0, 1, 4.
        let distance = RankExpression.near(0)
        #expect(try await shown(.quotient(.value(1), distance)) == ["c 0.25", "b 1.0", "a inf"])
        #expect(try await shown(.logarithm(distance)).first == "a -inf")
        #expect(try await shown(.quotient(distance, distance)) == ["b 1.0", "c 1.0", "a nan"])
        #expect(try await shown(.logarithm(.difference(distance, .value(2)))) == ["c 0.6931471805599453", "a nan", "b nan"])
        #expect(try await shown(.minimum([.quotient(distance, distance), .value(0.5)])) == ["a 0.5", "b 0.5", "c 0.5"])
        #expect(try await shown(.maximum([.value(1), distance])) == ["a 1.0", "b 1.0", "c 4.0"])
        #expect(try await shown(.absolute(.difference(distance, .value(2)))) == ["b 1.0", "a 2.0", "c 2.0"])
        #expect(try await shown(.exponential(.product([.value(-1), distance, distance]))).last == "a 1.0")
        try await fixture.close()
    }

    @Test func aBatchIsAnsweredFromOneState() async throws {
        let fixture = try await SearchFixture.line()
        let batch = SearchBatch([SearchRequest(rank: .near(0, limit: 1)), SearchRequest(limit: 2), SearchRequest(rank: .value(1), limit: 1)])
        let result = try await fixture.database.search(batch, in: fixture.collection)
        #expect(result.answers.map { $0.map(\.record.identifier) } == [["a"], ["a", "b"], ["a"]])
        #expect(try await fixture.database.search(SearchBatch([]), in: fixture.collection).answers.isEmpty)
        try await fixture.close()
    }

    @Test func onlyTheFieldsAskedForAreRead() async throws {
        let fixture = try await SearchFixture.line()
        try await fixture.database.flush()
        let hit = try #require(try await fixture.search(SearchRequest(rank: .near(0), limit: 1, fields: [.document])).first)
        #expect(hit.record.document == "document a" && hit.record.metadata == nil)
        #expect(hit.record.withVector { $0 == nil })
        try await fixture.close()
    }

    @Test func anEmptyCollectionAnswersNothing() async throws {
        let fixture = try await SearchFixture()
        #expect(try await fixture.shown(SearchRequest()) == [])
        #expect(try await fixture.shown(SearchRequest(rank: .sum([.near(1), try .words([1], [1])]))) == [])
        try await fixture.close()
    }

    @Test func wordsAreOneMinusTheScoreOfBM25() async throws {
        let fixture = try await SearchFixture()
        let texts = ["river song", "song song of songs", "the river", "stone"]
        let vectors = EmbeddingColumn(dimension: 1, values: [0, 1, 2, 3])
        let batch = try RecordBatch(identifiers: ["a", "b", "c", "d"], embeddings: vectors, documents: texts)
        try await fixture.database.write(batch, as: .add, to: fixture.collection)
        // Four documents of 2, 4, 2 and 1 words; "river" stands in two of them, "song" in two.
        func share(_ occurrences: Double, length: Double, in documents: Double = 2, of all: Double = 4, average: Double = 9.0 / 4) -> Double {
            log(1 + (all - documents + 0.5) / (documents + 0.5)) * occurrences * 2.2 / (occurrences + 1.2 * (0.25 + 0.75 * length / average))
        }
        let expected = [
            ("a", 1 - share(1, length: 2) - share(1, length: 2)), ("b", 1 - share(2, length: 4)), ("c", 1 - share(1, length: 2)),
        ]
        let query = WordQuery("river song")
        let rank = RankExpression.leaf(RankLeaf(.words(query, .standard)))
        for state in ["memtable", "segment", "segment with a dead row"] {
            switch state {
            case "segment": try await fixture.database.flush()
            case "segment with a dead row":
                let more = try RecordBatch(identifiers: ["e"], embeddings: EmbeddingColumn(dimension: 1, values: [9]), documents: ["river river"])
                try await fixture.database.write(more, as: .add, to: fixture.collection)
                _ = try await fixture.database.delete(DeleteRequest(selector: RecordSelector(identifiers: ["e"])), from: fixture.collection)
            default: break
            }
            let hits = try await fixture.search(SearchRequest(rank: rank))
            #expect(hits.map(\.record.identifier) == ["a", "c", "b"].sorted { left, right in
                expected.first { $0.0 == left }!.1 < expected.first { $0.0 == right }!.1
            }, "\(state)")
            for hit in hits {
                let score = try #require(expected.first { $0.0 == hit.record.identifier }).1
                #expect(abs(try #require(hit.score) - score) < 1e-6, "\(state)")
            }
        }
        // A filter changes no score, and words are fused with vectors.
        let some = RecordSelector(identifiers: ["b", "c", "d"])
        let fused = RankExpression.sum([.leaf(RankLeaf(.words(query, .standard), limit: 1, missing: 0)), .near(3)])
        let hits = try await fixture.search(SearchRequest(selector: some, rank: fused))
        #expect(hits.map(\.record.identifier) == ["d", "c", "b"])
        let best = [1 - share(1, length: 2), 1 - share(2, length: 4)].min()!
        #expect(hits.contains { abs($0.score! - best - 1) < 1e-6 || abs($0.score! - best - 4) < 1e-6 })
        try await fixture.close()
    }

    @Test func whatIsTooLargeOrWrongIsRefused() async throws {
        let fixture = try await SearchFixture.line {
            $0.limits.rankDepth = 3
            $0.limits.rankNodes = 5
            $0.limits.rankLeaves = 2
            $0.limits.resultCount = 50
            $0.limits.totalResultCount = 10
            $0.limits.searches = 2
        }
        func refusal(_ rank: RankExpression) async -> String { await fixture.refusal(SearchRequest(rank: rank)) }
        #expect(await refusal(.absolute(.absolute(.absolute(.near(0))))).contains("deeper than 3"))
        #expect(await refusal(.sum(Array(repeating: .value(1), count: 5))).contains("more than 5 operators"))
        #expect(await refusal(.sum([.near(0), .near(1), .near(2)])).contains("more than 2 leaves"))
        #expect(await refusal(.sum([.near(0), .near(1)])).contains("more than 10 records"))
        #expect(await refusal(.near(0, limit: 51)).contains("from 1 to 50"))
        #expect(await refusal(.near(0, limit: 0)).contains("from 1 to 50"))
        #expect(await refusal(.near(.nan)).contains("NaN"))
        #expect(await refusal(.near(0, missing: .infinity)).contains("not finite"))
        #expect(await refusal(.value(.nan)).contains("not finite"))
        #expect(await refusal(.sum([])).contains("empty list"))
        #expect(await refusal(.leaf(RankLeaf(.dense([1, 2], SearchOverrides())))).contains("dimension of 1, got 2"))
        #expect(await fixture.refusal(SearchRequest(limit: -1)).contains("negative"))
        #expect(await fixture.refusal(SearchRequest(grouping: SearchGrouping(by: [], keep: 1, .smallest, of: [.score]))).contains("group_by.keys"))
        await #expect(throws: RequestError.self) {
            try await fixture.database.search(SearchBatch(Array(repeating: SearchRequest(limit: 1), count: 3)), in: fixture.collection)
        }
        await #expect(throws: RequestError.self) {
            try await fixture.database.search(SearchBatch(Array(repeating: SearchRequest(), count: 2)), in: fixture.collection)
        }
        try await fixture.close()
    }

    @Test func aDeadlineThatHasPassedEndsASearch() async throws {
        let fixture = try await SearchFixture.line()
        let batch = SearchBatch([SearchRequest(rank: .near(0))], deadline: .now)
        await #expect(throws: RequestError(.deadlineExceeded)) { try await fixture.database.search(batch, in: fixture.collection) }
        try await fixture.close()
    }
}
