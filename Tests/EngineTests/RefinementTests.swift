import Engine
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// What a query may ask for beyond the nearest records.
@Suite struct RefinementTests {
    /// Records on a line: the distance of "p7" from 0 is 49. Those below 10 lie in a segment, the others in memory.
    private func withLine(_ body: (VectorDatabase, CollectionIdentifier) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let collection = try await engine.createCollection(
            CollectionCreation(name: "line"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        for range in [0..<10, 10..<20] {
            try await engine.write(
                RecordBatch(
                    identifiers: range.map { "p\($0)" }, embeddings: EmbeddingColumn(dimension: 1, values: range.map { Float($0) }),
                    documents: range.map { "document \($0)" },
                    metadatas: range.map { number in
                        guard !number.isMultiple(of: 5) else { return nil }
                        return Metadata(["third": number < 10 ? .integer(Int64(number / 3)) : .float(Double(number / 3))])
                    }),
                as: .add, to: collection)
            if range.lowerBound == 0 { try await engine.flush() }
        }
        try await body(engine, collection)
        try await engine.close()
    }

    private func ids(_ result: QueryResult) -> [[String]] { result.hits.map { $0.map(\.record.identifier) } }

    private func query(_ vectors: [Float], k: Int, _ refinement: QueryRefinement, _ selector: RecordSelector = .init()) -> QueryRequest {
        var request = QueryRequest(vectors: vectors, dimension: vectors.isEmpty ? 0 : 1, k: k, selector: selector, fields: [.document])
        request.refinement = refinement
        return request
    }

    @Test func onlyWhatIsNearEnough() async throws {
        try await withLine { engine, collection in
            let found = try await engine.query(query([0, 15], k: 4, QueryRefinement(maxDistance: 4)), in: collection)
            #expect(ids(found) == [["p0", "p1", "p2"], ["p15", "p14", "p16", "p13"]])
            #expect(try await ids(engine.query(query([100], k: 4, QueryRefinement(maxDistance: 4)), in: collection)) == [[]])
            #expect(try await ids(engine.query(query([1], k: 4, QueryRefinement(maxDistance: 0)), in: collection)) == [["p1"]])
        }
    }

    @Test func storedRecordsAsExamples() async throws {
        try await withLine { engine, collection in
            let near = try await engine.query(query([], k: 2, QueryRefinement(examples: .each(["p5", "p19", "p5"]))), in: collection)
            #expect(ids(near) == [["p4", "p6"], ["p18", "p17"], ["p4", "p6"]])
            #expect(near.hits[0].map(\.distance) == [1, 1] && near.hits[0][0].record.document == "document 4")
            // The example itself need not match.
            let others = RecordSelector(document: .notContains("document 5"))
            #expect(try await ids(engine.query(query([], k: 1, QueryRefinement(examples: .each(["p5"])), others), in: collection)) == [["p4"]])
            // Twice the mean of 6 and 8 less that of 1 and 3 is 12.
            let liked = QueryRefinement(examples: .recommend(positive: ["p6", "p8"], negative: ["p1", "p3"]))
            #expect(try await ids(engine.query(query([], k: 3, liked), in: collection)) == [["p12", "p11", "p13"]])
            let positive = QueryRefinement(examples: .recommend(positive: ["p6", "p8"], negative: []))
            #expect(try await ids(engine.query(query([], k: 3, positive), in: collection)) == [["p7", "p5", "p9"]])
        }
    }

    @Test func examplesMustBeThereWithAVector() async throws {
        try await withLine { engine, collection in
            await #expect(throws: RequestError(.recordNotFound("nobody"))) {
                try await engine.query(query([], k: 1, QueryRefinement(examples: .each(["nobody"]))), in: collection)
            }
            try await engine.write(RecordBatch(identifiers: ["bare"], documents: ["x"]), as: .add, to: collection)
            await #expect(throws: RequestError.invalid("query_ids", "the record [bare] has no embedding")) {
                try await engine.query(query([], k: 1, QueryRefinement(examples: .each(["bare"]))), in: collection)
            }
            await #expect(throws: RequestError.invalid("recommend.positive", "needs at least one id")) {
                try await engine.query(query([], k: 1, QueryRefinement(examples: .recommend(positive: [], negative: ["p1"]))), in: collection)
            }
            await #expect(throws: RequestError.self) {
                try await engine.query(query([1], k: 1, QueryRefinement(examples: .each(["p1"]))), in: collection)
            }
        }
    }

    /// Swift's strings are equal when they look so; ids are not.
    @Test func onlyTheExampleItselfIsLeftOut() async throws {
        try await withLine { engine, collection in
            let ids = ["e\u{301}", "\u{E9}"]
            for (identifier, place) in zip(ids, [Float(50), 51]) {
                try await engine.write(
                    RecordBatch(identifiers: [identifier], embeddings: EmbeddingColumn(dimension: 1, values: [place])), as: .add, to: collection)
            }
            let found = try await engine.query(query([], k: 1, QueryRefinement(examples: .each([ids[0]]))), in: collection).hits[0]
            #expect(found.map { Array($0.record.identifier.utf8) } == [Array(ids[1].utf8)])
        }
    }

    @Test func manyLongExamplesAreRefused() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let collection = try await engine.createCollection(
            CollectionCreation(name: "wide"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        let batch = try RecordBatch(identifiers: ["a"], embeddings: EmbeddingColumn(dimension: 30_000, values: Array(repeating: 1, count: 30_000)))
        try await engine.write(batch, as: .add, to: collection)
        let examples = QueryRefinement(examples: .each(Array(repeating: "a", count: 3_000)))
        await #expect(throws: RequestError.invalid("query_ids", "means 90000000 numbers of vectors; the limit is 67108864")) {
            try await engine.query(query([], k: 1, examples), in: collection)
        }
        try await engine.close()
    }

    @Test func soManyOfEachGroup() async throws {
        try await withLine { engine, collection in
            func grouped(_ limit: Int, k: Int, at place: Float = 0, maxDistance: Float? = nil) async throws -> [String] {
                let refinement = QueryRefinement(maxDistance: maxDistance, groups: .init(key: "third", limit: limit))
                return try await ids(engine.query(query([place], k: k, refinement), in: collection))[0]
            }
            // 0, 5, 10 and 15 have no group, which is one; 9 and 11 are both of the third, an integer and a float.
            #expect(try await grouped(1, k: 6) == ["p0", "p1", "p3", "p6", "p9", "p12"])
            #expect(try await grouped(2, k: 5) == ["p0", "p1", "p2", "p3", "p4"])
            #expect(try await grouped(1, k: 100) == ["p0", "p1", "p3", "p6", "p9", "p12", "p16", "p18"])
            #expect(try await grouped(1, k: 3, maxDistance: 9) == ["p0", "p1", "p3"])
            #expect(try await grouped(1, k: 0) == [])
            let refinement = QueryRefinement(groups: .init(key: "third", limit: 1))
            let winner = try await engine.query(query([0], k: 1, refinement), in: collection).hits[0][0].record
            #expect(winner.document == "document 0")
        }
    }

    @Test func manyOfOneGroupAreSearchedPast() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let collection = try await engine.createCollection(
            CollectionCreation(name: "groups"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        try await engine.write(
            RecordBatch(
                identifiers: (0..<3_000).map { "\($0)" }, embeddings: EmbeddingColumn(dimension: 1, values: (0..<3_000).map { Float($0) }),
                metadatas: (0..<3_000).map { Metadata(["g": .string($0 < 2_990 ? "large" : "small \($0)")]) }), as: .add, to: collection)
        let refinement = QueryRefinement(groups: .init(key: "g", limit: 2))
        let found = try await engine.query(query([0, 2_999], k: 5, refinement), in: collection)
        #expect(ids(found) == [["0", "1", "2990", "2991", "2992"], ["2999", "2998", "2997", "2996", "2995"]])
        try await engine.close()
    }

    @Test func diverseAnswers() async throws {
        try await withLine { engine, collection in
            func diverse(_ lambda: Double, k: Int, candidates: Int = 20) async throws -> [String] {
                let refinement = QueryRefinement(diversity: .init(lambda: lambda, candidates: candidates))
                return try await ids(engine.query(query([0], k: k, refinement), in: collection))[0]
            }
            #expect(try await diverse(1, k: 4) == ["p0", "p1", "p2", "p3"])
            // After the nearest the one farthest from it, then the one between them.
            #expect(try await diverse(0, k: 3) == ["p0", "p19", "p9"])
            #expect(try await diverse(0, k: 2, candidates: 5) == ["p0", "p4"])
            // With half the weight each, being as far from the query as from what was taken costs nothing: of equals the nearest.
            #expect(try await diverse(0.5, k: 2) == ["p0", "p1"])
            let all = try await diverse(0.5, k: 30)
            #expect(all.count == 20)
        }
    }

    @Test func refinementsAreBounded() async throws {
        try await withLine { engine, collection in
            let diversity = QueryRefinement.Diversity(lambda: 0.5, candidates: 10)
            for refinement in [
                QueryRefinement(groups: .init(key: "third", limit: 0)),
                QueryRefinement(groups: .init(key: "third", limit: 1), diversity: diversity),
                QueryRefinement(diversity: .init(lambda: 1.5, candidates: 10)), QueryRefinement(diversity: .init(lambda: .nan, candidates: 10)),
                QueryRefinement(diversity: .init(lambda: 0.5, candidates: 0)), QueryRefinement(diversity: .init(lambda: 0.5, candidates: 4_097)),
                QueryRefinement(maxDistance: .nan),
            ] {
                await #expect(throws: RequestError.self, "\(refinement)") { try await engine.query(query([0], k: 1, refinement), in: collection) }
            }
            await #expect(throws: RequestError.self) {
                try await engine.query(query([0], k: 5_000, QueryRefinement(diversity: diversity)), in: collection)
            }
        }
    }

    /// Groups, limits of distance and diversity against a plain computation over all distances.
    @Test(arguments: Seeds.some(6))
    func agreesWithAPlainComputation(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let metric = Metric.allCases[Int(seed % 3)]
        let collection = try await engine.createCollection(
            CollectionCreation(name: "random", index: IndexConfiguration(metric: metric)), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        let vectors = (0..<150).map { _ in generator.vector(3) }
        let groups = vectors.map { _ in Int64.random(in: 0..<5, using: &generator) }
        try await engine.write(
            RecordBatch(
                identifiers: vectors.indices.map { "\($0)" }, embeddings: EmbeddingColumn(dimension: 3, values: vectors.flatMap(\.self)),
                metadatas: groups.map { Metadata(["g": .integer($0)]) }), as: .add, to: collection)
        for _ in 0..<20 {
            let (target, k) = (generator.vector(3), Int.random(in: 1...30, using: &generator))
            let nearest = vectors.indices.map { (index: $0, distance: exactDistance(target, vectors[$0], metric)) }
                .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
            func found(_ refinement: QueryRefinement) async throws -> [Int] {
                var request = QueryRequest(vectors: target, dimension: 3, k: k)
                request.refinement = refinement
                return try await engine.query(request, in: collection).hits[0].map { Int($0.record.identifier) ?? -1 }
            }
            let most = nearest[Int.random(in: 0..<150, using: &generator)].distance
            #expect(try await found(QueryRefinement(maxDistance: most)) == nearest.filter { $0.distance <= most }.prefix(k).map(\.index))
            let limit = Int.random(in: 1...4, using: &generator)
            var sizes: [Int64: Int] = [:]
            let grouped = nearest.filter { sizes[groups[$0.index], default: 0] += 1; return sizes[groups[$0.index], default: 0] <= limit }
            let byGroup = try await found(QueryRefinement(groups: .init(key: "g", limit: limit)))
            #expect(byGroup == grouped.prefix(k).map(\.index), "\(Seeds.replay(seed))")
            let lambda = Double.random(in: 0...1, using: &generator)
            let expected = diverse(Array(nearest.prefix(max(40, k))), k, lambda) { Double(exactDistance(vectors[$0], vectors[$1], metric)) }
            let diverse = try await found(QueryRefinement(diversity: .init(lambda: lambda, candidates: 40)))
            #expect(diverse == expected, "\(Seeds.replay(seed))")
        }
        try await engine.close()
    }

    private func diverse(
        _ candidates: [(index: Int, distance: Float)], _ k: Int, _ lambda: Double, _ distance: (Int, Int) -> Double
    ) -> [Int] {
        var (rest, taken) = (candidates, [Int]())
        while taken.count < k, !rest.isEmpty {
            let costs = rest.map { candidate in
                lambda * Double(candidate.distance) - (taken.isEmpty ? 0 : (1 - lambda) * taken.map { distance(candidate.index, $0) }.min()!)
            }
            let best = costs.indices.min { costs[$0] < costs[$1] }!
            taken.append(rest.remove(at: best).index)
        }
        return taken
    }
}
