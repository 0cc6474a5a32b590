import Durability
import Engine
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Random records and conditions against a plain evaluation of a list of records, through every state that a collection's rows can be in.
@Suite struct FilterModelTests {
    private struct Model {
        var records: [PlainRecord] = []
        var random: RandomFilters
        let seed: UInt64

        func matching(_ condition: MetadataCondition) -> [PlainRecord] { records.filter { PlainFilter.holds(condition, $0) } }

        mutating func condition() -> MetadataCondition {
            random.condition(depth: Int(random.generator.next() % 4), identifiers: records.isEmpty ? ["x"] : records.map(\.identifier))
        }
    }

    @Test(arguments: Seeds.some(4))
    func filtersFindWhatAPlainEvaluationFinds(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        var engine = try directory.open { ($0.storage.segmentsPerTier, $0.storage.lookupRowsMin, $0.log.fileBytes) = (2, 1, 1 << 16) }
        let collection = try await engine.createCollection(
            CollectionCreation(name: "filters"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        var model = Model(random: RandomFilters(seed: seed), seed: seed)
        for round in 0..<6 {
            try await write(engine, collection, &model)
            try await compare(engine, collection, &model)
            // The filters above have asked for a lookup of the memtable; what is written now is not in it.
            try await write(engine, collection, &model)
            try await compare(engine, collection, &model)
            try await delete(engine, collection, &model)
            // Sealed now; merged with what was there before, sooner or later.
            try await engine.flush()
            try await compare(engine, collection, &model)
            guard round.isMultiple(of: 2) else { continue }
            try await engine.close()
            engine = try directory.open { ($0.storage.segmentsPerTier, $0.storage.lookupRowsMin, $0.log.fileBytes) = (2, 1, 1 << 16) }
            try await compare(engine, collection, &model)
        }
        try await engine.close()
    }

    /// Adds some records and replaces others.
    private func write(_ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: inout Model) async throws {
        let identifiers = Set((0..<80).map { _ in "id\(model.random.generator.next() % 300)" }).sorted()
        let records = identifiers.map { model.random.record($0) }
        // An update keeps what is not given, so what is replaced goes first.
        _ = try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: identifiers)), from: collection)
        model.records.removeAll { Set(identifiers).contains($0.identifier) }
        try await engine.write(
            RecordBatch(
                identifiers: identifiers,
                embeddings: EmbeddingColumn(dimension: 2, values: identifiers.flatMap { _ in model.random.generator.vector(2) }),
                documents: records.map(\.document), metadatas: records.map(\.metadata)), as: .add, to: collection)
        model.records += records
    }

    private func delete(_ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: inout Model) async throws {
        // Few of them, so that enough is left.
        let condition = MetadataCondition.all([model.condition(), .compare(key: MetadataCondition.identifierKey, .text(.like("%7")))])
        let deleted = try await engine.delete(DeleteRequest(selector: RecordSelector(metadata: condition)), from: collection).identifiers
        let expected = model.matching(condition).map(\.identifier)
        #expect(deleted == expected, "\(Seeds.replay(model.seed)): \(condition)")
        model.records.removeAll { Set(expected).contains($0.identifier) }
    }

    private func compare(_ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: inout Model) async throws {
        for _ in 0..<60 {
            let condition = model.condition()
            let expected = model.matching(condition).map(\.identifier)
            let selector = RecordSelector(metadata: condition)
            let found = try await engine.get(GetRequest(selector: selector, fields: []), from: collection).records.map(\.identifier)
            try #require(found == expected, "\(Seeds.replay(model.seed)): \(condition)")
            let query = QueryRequest(vectors: model.random.generator.vector(2), dimension: 2, k: 5, selector: selector, fields: [])
            let hits = try await engine.query(query, in: collection).hits[0].map(\.record.identifier)
            try #require(hits.count == min(5, expected.count) && Set(hits).isSubset(of: expected), "\(Seeds.replay(model.seed)): \(condition)")
        }
    }
}
