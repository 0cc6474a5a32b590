import Durability
import Engine
import FileIO
import Segments
import Testing
import TestSupport
import VectorModel

/// A disk that fills up under load: writes are refused and leave no trace, reads go on, and after space returns writes do too.
@Suite struct FullDiskTests {
    private func batch(_ identifier: String, _ text: String) throws -> RecordBatch {
        try RecordBatch(
            identifiers: [identifier], embeddings: EmbeddingColumn(dimension: 64, values: [Float](repeating: 1, count: 64)), documents: [text])
    }

    private func open(_ directory: TemporaryDirectory, on disk: FullDisk) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: directory.path)
        configuration.log.fileBytes = 16 << 10
        configuration.searchThreads = 2
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    private func contents(_ engine: VectorDatabase, _ collection: CollectionIdentifier) async throws -> [String: String] {
        let records = try await engine.get(GetRequest(), from: collection).records
        return Dictionary(uniqueKeysWithValues: records.map { ($0.identifier, $0.document ?? "") })
    }

    @Test(arguments: Seeds.some(6))
    func refusedWritesLeaveNoTrace(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let disk = FullDisk()
        var engine = try open(directory, on: disk)
        let collection = try await engine.createCollection(
            CollectionCreation(name: "records"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        var model: [String: String] = [:]
        var refused = 0
        for round in 0..<12 {
            if round.isMultiple(of: 3) { disk.free() } else { disk.fill() }
            let database = engine
            let writes = (0..<Int.random(in: 1...40, using: &generator)).map { ("id\(Int.random(in: 0..<30, using: &generator))-\($0)", "\(round)") }
            let outcomes = try await withThrowingTaskGroup(of: (String, String, Bool).self) { group in
                for (identifier, text) in writes {
                    let batch = try batch(identifier, text)
                    group.addTask {
                        do throws(RequestError) {
                            try await database.write(batch, as: .upsert, to: collection)
                            return (identifier, text, true)
                        } catch {
                            guard case .outOfSpace = error.reason else { throw error }
                            return (identifier, text, false)
                        }
                    }
                }
                return try await group.reduce(into: [(String, String, Bool)]()) { $0.append($1) }
            }
            for (identifier, text, isWritten) in outcomes where isWritten { model[identifier] = text }
            refused += outcomes.count { !$0.2 }
            #expect(try await contents(engine, collection) == model, "\(Seeds.replay(seed)) round \(round)")
            #expect(try engine.count(of: collection) == model.count)
        }
        #expect(refused > 0, "the disk was never full: the test tests nothing; \(Seeds.replay(seed))")
        disk.free()
        try await engine.write(batch("last", "after space returned"), as: .add, to: collection)
        model["last"] = "after space returned"
        try await engine.close()
        engine = try open(directory, on: disk)
        #expect(try await contents(engine, collection) == model, "\(Seeds.replay(seed))")
        try await engine.close()
    }

    @Test func aRefusedDeletionOfACollectionLeavesItUsable() async throws {
        let directory = try TemporaryDirectory()
        let disk = FullDisk()
        let engine = try open(directory, on: disk)
        let collection = try await engine.createCollection(
            CollectionCreation(name: "kept"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        disk.fill()
        // Use up what the log has prepared.
        var isFull = false
        for round in 0..<1_000 where !isFull {
            let batch = try batch("r\(round)", String(repeating: "x", count: 500))
            do throws(RequestError) {
                try await engine.write(batch, as: .add, to: collection)
            } catch {
                isFull = true
            }
        }
        #expect(isFull)
        await #expect(throws: RequestError.self) {
            for round in 0..<500 {
                _ = try await engine.createCollection(CollectionCreation(name: "more\(round)"), tenant: "default_tenant", database: "default_database")
            }
        }
        await #expect(throws: RequestError.self) {
            try await engine.deleteCollection(named: "kept", tenant: "default_tenant", database: "default_database")
        }
        let before = try engine.count(of: collection)
        disk.free()
        try await engine.write(batch("again", "x"), as: .add, to: collection)
        #expect(try engine.count(of: collection) == before + 1)
        try await engine.close()
    }
}
