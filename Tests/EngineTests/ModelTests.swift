import Engine
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Random operations against a plain list of records and an exact scan, with restarts in between.
@Suite struct ModelTests {
    private struct Record: Equatable {
        var vector: [Float]
        var document: String?
        var number: Int64
    }

    private struct Model {
        var records: [(String, Record)] = []

        func place(_ identifier: String) -> Int? { records.firstIndex { $0.0 == identifier } }
    }

    @Test(arguments: Seeds.some(8))
    func theEngineAgreesWithAListOfRecords(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let metric = Metric.allCases.randomElement(using: &generator)!
        var engine = try directory.open(frequentMaintenance)
        let collection = try await engine.createCollection(
            CollectionCreation(name: "model", index: IndexConfiguration(metric: metric)), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        var model = Model()
        for _ in 0..<150 {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<5: try await write(engine, collection, &model, &generator)
            case 5: try await delete(engine, collection, &model, &generator)
            case 6..<9: try await search(engine, collection, model, metric, &generator, seed)
            case 9..<11: try await engine.flush()
            default:
                try await engine.close()
                engine = try directory.open(frequentMaintenance)
            }
            #expect(try engine.count(of: collection) == model.records.count, "\(Seeds.replay(seed))")
        }
        let all = try await engine.get(GetRequest(), from: collection).records
        #expect(all.map(\.identifier) == model.records.map(\.0), "\(Seeds.replay(seed))")
        #expect(all.map { read($0) } == model.records.map(\.1), "\(Seeds.replay(seed))")
        try await engine.close()
    }

    /// Segments are merged as soon as there are three.
    private func frequentMaintenance(_ configuration: inout VectorDatabase.Configuration) {
        configuration.storage.segmentsPerTier = 3
    }

    private func read(_ record: RecordView) -> Record {
        guard case .integer(let number)? = record.metadata?["n"] else { return Record(vector: [], number: -1) }
        return Record(vector: record.withVector { $0.map(Array.init) ?? [] }, document: record.document, number: number)
    }

    private func write(
        _ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: inout Model, _ generator: inout SeededGenerator
    ) async throws {
        let kind: WriteKind = [.add, .update, .upsert].randomElement(using: &generator)!
        let identifiers = Set((0..<Int.random(in: 1...20, using: &generator)).map { _ in "id\(Int.random(in: 0..<60, using: &generator))" }).sorted()
        let records = identifiers.map { _ in
            Record(
                vector: generator.vector(4), document: generator.chance(0.7) ? "d\(generator.next() % 10)" : nil,
                number: Int64(generator.next() % 4))
        }
        try await engine.write(
            RecordBatch(
                identifiers: identifiers, embeddings: EmbeddingColumn(dimension: 4, values: records.flatMap(\.vector)),
                documents: records.map(\.document), metadatas: records.map { Metadata(["n": .integer($0.number)]) }), as: kind, to: collection)
        for (identifier, record) in zip(identifiers, records) {
            if let place = model.place(identifier) {
                guard kind != .add else { continue }
                let document = record.document ?? model.records[place].1.document
                model.records[place].1 = Record(vector: record.vector, document: document, number: record.number)
            } else if kind != .update {
                model.records.append((identifier, record))
            }
        }
    }

    private func delete(
        _ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: inout Model, _ generator: inout SeededGenerator
    ) async throws {
        let number = Int64(generator.next() % 4)
        let limit = generator.chance(0.5) ? Int.random(in: 0...5, using: &generator) : nil
        let selector = RecordSelector(metadata: .compare(key: "n", .equal(.integer(number))))
        let deleted = try await engine.delete(DeleteRequest(selector: selector, limit: limit), from: collection)
        let expected = model.records.filter { $0.1.number == number }.map(\.0).prefix(limit ?? .max)
        #expect(deleted.identifiers == Array(expected))
        model.records.removeAll { expected.contains($0.0) }
    }

    private func search(
        _ engine: VectorDatabase, _ collection: CollectionIdentifier, _ model: Model, _ metric: Metric, _ generator: inout SeededGenerator,
        _ seed: UInt64
    ) async throws {
        let query = generator.vector(4)
        let number = generator.chance(0.5) ? Int64(generator.next() % 4) : nil
        let k = Int.random(in: 1...12, using: &generator)
        let selector = RecordSelector(metadata: number.map { .compare(key: "n", .equal(.integer($0))) })
        // Before the first vector any dimension may be asked for.
        let hits = try await engine.query(QueryRequest(vectors: query, dimension: 4, k: k, selector: selector), in: collection).hits[0]
        let expected = model.records.enumerated().filter { number == nil || $0.element.1.number == number }
            .map { (distance: distance(query, $0.element.1.vector, metric), order: $0.offset, identifier: $0.element.0) }
            .sorted { ($0.distance, $0.order) < ($1.distance, $1.order) }.prefix(k)
        #expect(hits.map(\.record.identifier) == expected.map(\.identifier), "\(Seeds.replay(seed))")
        #expect(hits.map(\.distance) == expected.map(\.distance), "\(Seeds.replay(seed))")
    }

    /// In double precision and then rounded, which is what the engine promises to the last digit.
    private func distance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Float {
        var (squares, dot, aa, bb) = (0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(a, b).map({ (Double($0), Double($1)) }) {
            squares += (x - y) * (x - y)
            dot += x * y
            aa += x * x
            bb += y * y
        }
        switch metric {
        case .l2: return Float(squares)
        case .innerProduct: return Float(1 - dot)
        case .cosine: return Float(1 - dot / (aa.squareRoot() * bb.squareRoot()))
        }
    }

    /// Readers see whole batches only, and never fewer rows than before, while writers add.
    @Test func readersSeeWholeBatches() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let collection = try await engine.createCollection(
            CollectionCreation(name: "batches"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for round in 0..<25 {
                        let identifiers = (0..<10).map { "\(writer)-\(round)-\($0)" }
                        try await engine.write(
                            RecordBatch(
                                identifiers: identifiers, embeddings: EmbeddingColumn(dimension: 2, values: [Float](repeating: 1, count: 20))),
                            as: .add, to: collection)
                        let found = try await engine.get(GetRequest(selector: RecordSelector(identifiers: identifiers)), from: collection)
                        #expect(found.records.count == 10)
                    }
                }
            }
            group.addTask {
                var last = 0
                for _ in 0..<200 {
                    let count = try engine.count(of: collection)
                    #expect(count.isMultiple(of: 10) && count >= last)
                    last = count
                    let records = try await engine.get(GetRequest(), from: collection).records
                    #expect(records.count.isMultiple(of: 10))
                }
            }
            try await group.waitForAll()
        }
        #expect(try engine.count(of: collection) == 1_000)
        try await engine.close()
    }
}
