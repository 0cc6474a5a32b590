import Engine
import Filtering
import Testing
import VectorModel

@Suite struct CatalogTests {
    private let tenant = "default_tenant"
    private let database = "default_database"

    @Test func aNewDirectoryHasTheDefaults() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        #expect(try engine.tenant(named: tenant).name == tenant)
        #expect(try engine.database(named: database, tenant: tenant).identifier == .zero)
        #expect(engine.collections(tenant: tenant, database: database).isEmpty)
        try await engine.close()
    }

    @Test func collectionsAreFoundByNameAndIdentifierAndSurviveAReopening() async throws {
        let directory = try TemporaryDirectory()
        var engine = try directory.open()
        let metadata = Metadata(["model": .string("m"), "dimension": .integer(384)])
        let made = try await engine.createCollection(
            CollectionCreation(name: "lyrics", metadata: metadata, index: IndexConfiguration(metric: .cosine, M: 24), wireConfiguration: Array("{}".utf8)),
            tenant: tenant, database: database)
        #expect(made.created)
        try await engine.changeCollection(made.collection.identifier, CollectionChange(name: "songs", metadata: Metadata(["a": .boolean(true)])))
        try await engine.createTenant(named: "other")
        try await engine.createDatabase(named: "db", tenant: "other")
        try await engine.close()
        engine = try directory.open()
        let found = try engine.collection(named: "songs", tenant: tenant, database: database)
        #expect(found.identifier == made.collection.identifier && found.index.M == 24 && found.index.metric == .cosine)
        #expect(found.metadata == Metadata(["a": .boolean(true)]) && found.wireConfiguration == Array("{}".utf8))
        #expect(try engine.collection(found.identifier).name == "songs")
        #expect(engine.databases(tenant: "other").map(\.name) == ["db"])
        #expect(throws: RequestError(.collectionNotFound(name: "lyrics"))) {
            try engine.collection(named: "lyrics", tenant: tenant, database: database)
        }
        try await engine.close()
    }

    /// Clients of Chroma's distributed server wait for a higher version after writing, and go on when it comes.
    @Test func theVersionGrowsWithEveryChangeAndNeverFalls() async throws {
        let directory = try TemporaryDirectory()
        var engine = try directory.open()
        let made = try await engine.createCollection(CollectionCreation(name: "versions"), tenant: tenant, database: database).collection
        #expect(made.version == 0)
        var last = made.version
        func expectGrowth(_ change: String) throws {
            let version = try engine.collection(made.identifier).version
            #expect(version > last, "\(change)")
            last = version
        }
        try await engine.write(RecordBatch(identifiers: ["a"], documents: ["x"]), as: .add, to: made.identifier)
        try expectGrowth("records")
        try await engine.changeCollection(made.identifier, CollectionChange(name: "renamed"))
        try expectGrowth("a name")
        _ = try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: ["a"])), from: made.identifier)
        try expectGrowth("a deletion")
        try await engine.flush()
        #expect(try engine.collection(made.identifier).version == last, "the same records in another place")
        try await engine.close()
        engine = try directory.open()
        #expect(try engine.collection(made.identifier).version == last)
        // Later changes of others do not count, and a new collection begins anew wherever the log stands.
        let other = try await engine.createCollection(CollectionCreation(name: "other"), tenant: tenant, database: database).collection
        #expect(other.version == 0)
        #expect(try engine.collection(made.identifier).version == last)
        let fork = try await engine.fork(made.identifier, named: "fork")
        #expect(fork.version == 0)
        try await engine.write(RecordBatch(identifiers: ["b"], documents: ["y"]), as: .add, to: fork.identifier)
        #expect(try engine.collection(fork.identifier).version > 0)
        #expect(try engine.collection(made.identifier).version == last)
        try await engine.close()
    }

    @Test func theKeysOfRecordsAreDescribedAndSurviveAReopening() async throws {
        let directory = try TemporaryDirectory()
        var engine = try directory.open()
        let made = try await engine.createCollection(CollectionCreation(name: "keys"), tenant: tenant, database: database).collection
        #expect(made.metadataKeys.isEmpty)
        let metadatas = [Metadata(["k": .integer(1)]), Metadata(["k": .string("x")])]
        try await engine.write(RecordBatch(identifiers: ["a", "b"], metadatas: metadatas), as: .add, to: made.identifier)
        // What changes nothing adds no key.
        try await engine.write(RecordBatch(identifiers: ["a"], metadatas: [Metadata(["added": .integer(1)])]), as: .add, to: made.identifier)
        try await engine.write(RecordBatch(identifiers: ["none"], metadatas: [Metadata(["updated": .integer(1)])]), as: .update, to: made.identifier)
        _ = try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: ["a", "b"])), from: made.identifier)
        let expected = [MetadataKey(name: "k", kinds: [.integer, .string])]
        #expect(try engine.collection(made.identifier).metadataKeys == expected)
        #expect(engine.collections(tenant: tenant, database: database).map(\.metadataKeys) == [expected])
        try await engine.close()
        engine = try directory.open()
        #expect(try engine.collection(made.identifier).metadataKeys == expected)
        try await engine.close()
    }

    @Test func conflictsAndMissingThingsAreNamed() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let first = try await engine.createCollection(CollectionCreation(name: "a"), tenant: tenant, database: database)
        _ = try await engine.createCollection(CollectionCreation(name: "b"), tenant: tenant, database: database)
        await #expect(throws: RequestError(.collectionExists("a"))) {
            try await engine.createCollection(CollectionCreation(name: "a"), tenant: tenant, database: database)
        }
        let again = try await engine.createCollection(CollectionCreation(name: "a", getIfExists: true), tenant: tenant, database: database)
        #expect(!again.created && again.collection.identifier == first.collection.identifier)
        await #expect(throws: RequestError(.collectionExists("b"))) {
            try await engine.changeCollection(first.collection.identifier, CollectionChange(name: "b"))
        }
        await #expect(throws: RequestError(.tenantExists(tenant))) { try await engine.createTenant(named: tenant) }
        await #expect(throws: RequestError(.tenantNotFound("nobody"))) { try await engine.createDatabase(named: "d", tenant: "nobody") }
        await #expect(throws: RequestError(.databaseNotFound("d", tenant: tenant))) { try await engine.deleteDatabase(named: "d", tenant: tenant) }
        await #expect(throws: RequestError(.resetDisabled)) { try await engine.reset() }
        try await engine.deleteCollection(named: "a", tenant: tenant, database: database)
        await #expect(throws: RequestError(.collectionIdentifierNotFound(first.collection.identifier))) {
            try await engine.write(RecordBatch(identifiers: ["x"]), as: .add, to: first.collection.identifier)
        }
        #expect(engine.collections(tenant: tenant, database: database).map(\.name) == ["b"])
        try await engine.close()
    }

    @Test func namesAreBounded() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let long = String(repeating: "x", count: 1_025)
        await #expect(throws: RequestError.self) { try await engine.createTenant(named: long) }
        await #expect(throws: RequestError.self) { try await engine.createDatabase(named: long, tenant: tenant) }
        await #expect(throws: RequestError.self) {
            try await engine.createCollection(CollectionCreation(name: long), tenant: tenant, database: database)
        }
        try await engine.close()
    }

    @Test func manyRequestsMayCreateTheSameCollection() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let identifiers = try await withThrowingTaskGroup(of: CollectionIdentifier.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await engine.createCollection(
                        CollectionCreation(name: "shared", getIfExists: true), tenant: "default_tenant", database: "default_database"
                    ).collection.identifier
                }
            }
            return try await group.reduce(into: Set<CollectionIdentifier>()) { $0.insert($1) }
        }
        #expect(identifiers.count == 1)
        #expect(engine.collectionCount(tenant: tenant, database: database) == 1)
        try await engine.close()
    }

    @Test func resetLeavesOnlyTheDefaults() async throws {
        let directory = try TemporaryDirectory()
        var engine = try directory.open { $0.allowReset = true }
        try await engine.createTenant(named: "other")
        _ = try await engine.createCollection(CollectionCreation(name: "a"), tenant: tenant, database: database)
        try await engine.reset()
        #expect(engine.collectionCount(tenant: tenant, database: database) == 0)
        #expect(throws: RequestError.self) { try engine.tenant(named: "other") }
        try await engine.close()
        engine = try directory.open()
        #expect(engine.collectionCount(tenant: tenant, database: database) == 0)
        try await engine.close()
    }

    @Test func aSecondOpeningIsToldWhoHoldsTheDirectory() async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        do {
            _ = try directory.open()
            Issue.record("a locked directory was opened")
        } catch {
            #expect("\(error)".contains("in use by process"))
        }
        try await engine.close()
    }
}
