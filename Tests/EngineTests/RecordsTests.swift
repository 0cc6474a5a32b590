import Engine
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

@Suite struct RecordsTests {
    private func withCollection(
        metric: Metric = .l2, _ body: (VectorDatabase, CollectionIdentifier) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let made = try await engine.createCollection(
            CollectionCreation(name: "records", index: IndexConfiguration(metric: metric)), tenant: "default_tenant", database: "default_database")
        try await body(engine, made.collection.identifier)
        try await engine.close()
    }

    private func batch(_ identifiers: [String], _ vectors: [[Float]]) throws -> RecordBatch {
        try RecordBatch(
            identifiers: identifiers, embeddings: EmbeddingColumn(dimension: vectors[0].count, values: vectors.flatMap { $0 }),
            documents: identifiers.map { "document \($0)" }, metadatas: identifiers.map { Metadata(["name": .string($0)]) })
    }

    @Test func theFirstVectorFixesTheDimension() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a"], [[1, 2, 3]]), as: .add, to: collection)
            #expect(try engine.collection(collection).dimension == 3)
            await #expect(throws: RequestError(.dimensionMismatch(expected: 3, got: 2, inQuery: false))) {
                try await engine.write(self.batch(["b"], [[1, 2]]), as: .upsert, to: collection)
            }
            await #expect(throws: RequestError(.dimensionMismatch(expected: 3, got: 1, inQuery: true))) {
                try await engine.query(QueryRequest(vectors: [1], dimension: 1, k: 1), in: collection)
            }
            #expect(try engine.count(of: collection) == 1)
        }
    }

    @Test func getAnswersInTheOrderAskedAndOtherwiseOfInsertion() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a", "b", "c"], [[1], [2], [3]]), as: .add, to: collection)
            try await engine.write(batch(["a"], [[9]]), as: .upsert, to: collection)
            func identifiers(_ request: GetRequest) async throws -> [String] {
                try await engine.get(request, from: collection).records.map(\.identifier)
            }
            #expect(try await identifiers(GetRequest()) == ["a", "b", "c"])
            #expect(try await identifiers(GetRequest(selector: RecordSelector(identifiers: ["c", "nope", "a", "c"]))) == ["c", "a"])
            #expect(try await identifiers(GetRequest(limit: 1, offset: 1)) == ["b"])
            #expect(try await identifiers(GetRequest(limit: 0)) == [])
            #expect(try await identifiers(GetRequest(offset: 7)) == [])
            #expect(try await identifiers(GetRequest(limit: .max, offset: 2)) == ["c"])
        }
    }

    @Test func deleteCountsWhatExistedAndNeedsASelector() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a", "b", "c", "d"], [[1], [2], [3], [4]]), as: .add, to: collection)
            #expect(try await engine.delete(DeleteRequest(selector: RecordSelector()), from: collection).count == 0)
            #expect(try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: ["a", "x"])), from: collection).identifiers == ["a"])
            let condition = MetadataCondition.compare(key: "name", .notEqual(.string("d")))
            let limited = DeleteRequest(selector: RecordSelector(metadata: condition), limit: 1)
            #expect(try await engine.delete(limited, from: collection).identifiers == ["b"])
            #expect(try engine.count(of: collection) == 2)
        }
    }

    @Test func aLimitedDeleteTakesTheOldestWhateverTheOrderAsked() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a", "b", "c"], [[1], [2], [3]]), as: .add, to: collection)
            let selector = RecordSelector(identifiers: ["c", "b"], metadata: .compare(key: "name", .notEqual(.string("z"))))
            #expect(try await engine.delete(DeleteRequest(selector: selector, limit: 1), from: collection).identifiers == ["b"])
        }
    }

    @Test func aSearchWithoutResultsStillChecksItsQuestion() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a"], [[1, 2]]), as: .add, to: collection)
            #expect(try await engine.query(QueryRequest(vectors: [], dimension: 0, k: 5), in: collection).hits.isEmpty)
            await #expect(throws: RequestError(.dimensionMismatch(expected: 2, got: 1, inQuery: true))) {
                try await engine.query(QueryRequest(vectors: [1], dimension: 1, k: 0), in: collection)
            }
            let faulty = QueryRequest(vectors: [], dimension: 0, k: 0, selector: RecordSelector(document: .matches(pattern: "(")))
            await #expect(throws: RequestError.self) { try await engine.query(faulty, in: collection) }
        }
    }

    @Test func aSearchReturnsTheNearestMatches() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a", "b", "c"], [[0, 0], [1, 0], [0, 3]]), as: .add, to: collection)
            let all = try await engine.query(QueryRequest(vectors: [0, 0, 0, 2], dimension: 2, k: 2), in: collection)
            #expect(all.hits.map { $0.map(\.record.identifier) } == [["a", "b"], ["c", "a"]])
            #expect(all.hits[1].map(\.distance) == [1, 4])
            let some = QueryRequest(
                vectors: [0, 0], dimension: 2, k: 5, selector: RecordSelector(identifiers: ["c", "b"], document: .notContains("document b")))
            #expect(try await engine.query(some, in: collection).hits[0].map(\.record.identifier) == ["c"])
            #expect(try await engine.query(QueryRequest(vectors: [0, 0], dimension: 2, k: 0), in: collection).hits[0].isEmpty)
        }
    }

    @Test func aSearchAmongIdentifiersNeedsThemToExistUnlessConditionsChooseAmongThem() async throws {
        try await withCollection { engine, collection in
            func found(_ selector: RecordSelector) async throws -> [String] {
                try await engine.query(QueryRequest(vectors: [0], dimension: 1, k: 5, selector: selector), in: collection).hits[0].map(\.record.identifier)
            }
            #expect(try await found(RecordSelector(identifiers: ["nope"])) == [])
            try await engine.write(batch(["a", "b"], [[2], [1]]), as: .add, to: collection)
            #expect(try await found(RecordSelector(identifiers: ["a", "b", "a"])) == ["b", "a"])
            await #expect(throws: RequestError(.recordNotFound("nope"))) { try await found(RecordSelector(identifiers: ["a", "nope", "never"])) }
            let named = MetadataCondition.compare(key: "name", .equal(.string("a")))
            #expect(try await found(RecordSelector(identifiers: ["nope", "a", "b"], metadata: named)) == ["a"])
            _ = try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: ["a"])), from: collection)
            await #expect(throws: RequestError(.recordNotFound("a"))) { try await found(RecordSelector(identifiers: ["a"])) }
        }
    }

    @Test func recordsWithoutVectorsAreKeptAndNeverFoundByASearch() async throws {
        try await withCollection { engine, collection in
            try await engine.write(RecordBatch(identifiers: ["text"], documents: ["only text"]), as: .add, to: collection)
            #expect(try await engine.query(QueryRequest(vectors: [1], dimension: 1, k: 3), in: collection).hits[0].isEmpty)
            try await engine.write(batch(["v"], [[1]]), as: .add, to: collection)
            #expect(try await engine.query(QueryRequest(vectors: [1], dimension: 1, k: 3), in: collection).hits[0].map(\.record.identifier) == ["v"])
            #expect(try await engine.get(GetRequest(), from: collection).records.map(\.document) == ["only text", "document v"])
        }
    }

    @Test func batchesOutsideTheirBoundsAreRefusedWhole() throws {
        #expect(throws: RequestError.self) { try RecordBatch(identifiers: ["a", ""]) }
        #expect(throws: RequestError(.duplicateIdentifiers(["a"]))) { try RecordBatch(identifiers: ["a", "b", "a"]) }
        #expect(throws: RequestError.self) { try RecordBatch(identifiers: ["a"], documents: ["x", "y"]) }
        #expect(throws: RequestError.self) { try RecordBatch(identifiers: ["a"], embeddings: EmbeddingColumn(dimension: 2, values: [1, .nan])) }
        var limits = Limits()
        limits.batchRows = 1
        limits.documentBytes = 3
        limits.dimension = 1
        #expect(throws: RequestError(.batchTooLarge(rows: 2, limit: 1))) { try RecordBatch(identifiers: ["a", "b"], limits: limits) }
        #expect(throws: RequestError.self) { try RecordBatch(identifiers: ["a"], documents: ["long"], limits: limits) }
        #expect(throws: RequestError.self) {
            try RecordBatch(identifiers: ["a"], embeddings: EmbeddingColumn(dimension: 2, values: [1, 2]), limits: limits)
        }
    }

    @Test func aVectorOfNoNumbersFitsOnlyACollectionWithoutADimension() async throws {
        try await withCollection { engine, collection in
            let request = QueryRequest(vectors: [], dimension: 0, queryCount: 2, k: 3)
            #expect(try await engine.query(request, in: collection).hits.map(\.count) == [0, 0])
            try await engine.write(batch(["a"], [[1, 2]]), as: .add, to: collection)
            await #expect(throws: RequestError(.dimensionMismatch(expected: 2, got: 0, inQuery: true))) {
                try await engine.query(request, in: collection)
            }
            await #expect(throws: RequestError.self) {
                try await engine.query(QueryRequest(vectors: [1], dimension: 2, queryCount: 1, k: 3), in: collection)
            }
        }
    }

    @Test func aSearchPastItsDeadlineIsEnded() async throws {
        try await withCollection { engine, collection in
            try await engine.write(batch(["a"], [[1]]), as: .add, to: collection)
            await #expect(throws: RequestError(.deadlineExceeded)) {
                try await engine.query(QueryRequest(vectors: [1], dimension: 1, k: 1, deadline: .now - .seconds(1)), in: collection)
            }
        }
    }

    @Test func moreRequestsThanTheQueueHoldsAreRefused() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open {
            $0.searchThreads = 1
            $0.searchQueueLimit = 2
        }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do throws(RequestError) {
                        try await engine.runOnWorker { () throws(RequestError) in
                            let end = ContinuousClock.now + .milliseconds(20)
                            while ContinuousClock.now < end {}
                        }
                        return true
                    } catch {
                        guard case .overloaded = error.reason else { return true }
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
        try await engine.close()
        await #expect(throws: RequestError(.shuttingDown)) { try await engine.runOnWorker { () throws(RequestError) in } }
    }
}
