import Durability
import Engine
import FileIO
import Filtering
import FoundationEssentials
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

/// Records that are gone by themselves, by a clock that the test sets.
@Suite struct ExpiryTests {
    private final class Clock: Sendable {
        private let seconds = Atomic<UInt64>(1_000)

        func set(_ second: UInt64) { seconds.store(second, ordering: .relaxed) }

        @Sendable func now() -> LogTimestamp { LogTimestamp(milliseconds: seconds.load(ordering: .relaxed) * 1_000 + 7) }
    }

    private let clock = Clock()
    private let disk = SimulatedFileSystem(seed: 1)

    private func open(_ disk: (any FileSystem)? = nil) throws -> VectorDatabase {
        var configuration = SteppedLife.configuration()
        configuration.makeIdentifier = CollectionIdentifier.random
        configuration.log.clock = clock.now
        configuration.storage.memtableBytes = 1 << 20
        return try VectorDatabase.open(configuration, fileSystem: disk ?? self.disk)
    }

    private func batch(_ identifiers: [String], expiring: MetadataValue?, _ number: Float = 1) throws -> RecordBatch {
        try RecordBatch(
            identifiers: identifiers, embeddings: EmbeddingColumn(dimension: 2, values: identifiers.flatMap { _ in [number, 0] }),
            metadatas: identifiers.map { _ in
                Metadata(fields: [MetadataField(key: "n", value: .float(Double(number)))]
                    + (expiring.map { [MetadataField(key: "lyrica:expires_at", value: $0)] } ?? []))
            })
    }

    private func identifiers(_ database: VectorDatabase, _ collection: CollectionIdentifier) async throws -> [String] {
        try await database.get(GetRequest(), from: collection).records.map(\.identifier)
    }

    @Test func everyWayOfReadingForgetsThemAtOneMoment() async throws {
        let database = try open()
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["for ever", "text"], expiring: nil), as: .add, to: collection)
        try await database.write(batch(["text"], expiring: .string("0")), as: .upsert, to: collection)
        try await database.write(batch(["early"], expiring: .integer(1_010)), as: .add, to: collection)
        try await database.flush()
        try await database.write(batch(["late"], expiring: .float(1_019.5)), as: .add, to: collection)
        for (second, expected) in [
            (1_009, ["for ever", "text", "early", "late"]), (1_010, ["for ever", "text", "late"]), (1_019, ["for ever", "text", "late"]),
            (1_020, ["for ever", "text"]), (1_005, ["for ever", "text", "early", "late"]),
        ] {
            clock.set(UInt64(second))
            #expect(try await identifiers(database, collection) == expected, "\(second)")
            #expect(try database.count(of: collection) == expected.count)
            let hits = try await database.query(QueryRequest(vectors: [1, 0], dimension: 2, k: 10), in: collection).hits[0]
            #expect(Set(hits.map(\.record.identifier)) == Set(expected), "\(second)")
            let asked = GetRequest(selector: RecordSelector(identifiers: ["early", "late"]))
            #expect(try await database.get(asked, from: collection).records.map(\.identifier) == expected.filter { ["early", "late"].contains($0) })
        }
        clock.set(1_015)
        let everything = DeleteRequest(selector: RecordSelector(metadata: .compare(key: "n", .greater(.integer(0)))))
        #expect(try await database.delete(everything, from: collection).identifiers == ["for ever", "text", "late"])
        try await database.close()
    }

    /// To a write an expired record is none; a replay of the log, whenever that is, comes to the same.
    @Test func writesFindThemAbsentAlsoOnReplay() async throws {
        let database = try open()
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["added", "updated", "upserted", "deleted"], expiring: .integer(1_010)), as: .add, to: collection)
        try await database.flush()
        clock.set(1_010)
        try await database.write(batch(["added"], expiring: nil, 2), as: .add, to: collection)
        try await database.write(batch(["updated"], expiring: nil, 3), as: .update, to: collection)
        let onlyVector = try RecordBatch(identifiers: ["upserted"], embeddings: EmbeddingColumn(dimension: 2, values: [4, 0]))
        try await database.write(onlyVector, as: .upsert, to: collection)
        #expect(try await database.delete(DeleteRequest(selector: RecordSelector(identifiers: ["deleted"])), from: collection).count == 0)
        let lines = try await contents(of: database)
        #expect(try await identifiers(database, collection) == ["added", "upserted"])
        #expect(try await database.get(GetRequest(), from: collection).records.map { $0.metadata?["n"] } == [.float(2), nil])
        // Neither the past nor the future changes what was written.
        for second in [1_000, 5_000] as [UInt64] {
            clock.set(second)
            let again = try open(disk.afterPowerLoss())
            let found = try await contents(of: again)
            #expect(found.filter { !$0.hasPrefix("deleted") } == lines.filter { !$0.hasPrefix("deleted") }, "\(second)")
        }
        try await database.close()
    }

    @Test func theirSpaceComesBack() async throws {
        let database = try open()
        let collection = try await database.makeCollection("records")
        try await database.write(batch((0..<400).map { "id\($0)" }, expiring: .integer(1_010)), as: .add, to: collection)
        try await database.write(batch(["stays"], expiring: nil), as: .add, to: collection)
        try await database.flush()
        database.stepMaintenance()
        func bytes() -> Int { disk.paths.filter { $0.hasSuffix(".segment") }.reduce(0) { $0 + disk.contents($1).count } }
        let before = bytes()
        clock.set(2_000)
        database.stepMaintenance()
        try await database.flush()
        database.stepMaintenance()
        database.stepMaintenance()
        #expect(bytes() < before / 2)
        clock.set(1_000)
        // They were deleted: the clock's going back does not bring them back.
        #expect(try await identifiers(database, collection) == ["stays"])
        try await database.close()
        #expect(try DatabaseVerifier(directory: "data", fileSystem: disk).run().findings.isEmpty)
    }

    @Test func aCollectionGivesItsRecordsALifetime() async throws {
        let database = try open()
        let creation = CollectionCreation(name: "short", metadata: Metadata(["lyrica:ttl_seconds": .integer(10)]))
        let collection = try await database.createCollection(creation, tenant: "default_tenant", database: "default_database").collection.identifier
        try await database.write(batch(["own"], expiring: .integer(1_100)), as: .add, to: collection)
        try await database.write(RecordBatch(identifiers: ["plain", "again"]), as: .add, to: collection)
        let plain = GetRequest(selector: RecordSelector(identifiers: ["plain"]))
        #expect(try await database.get(plain, from: collection).records.first?.metadata == Metadata(["lyrica:expires_at": .integer(1_010)]))
        clock.set(1_005)
        try await database.write(RecordBatch(identifiers: ["again"]), as: .upsert, to: collection)
        let read = try await database.get(GetRequest(selector: RecordSelector(identifiers: ["new"])), from: collection, at: nil)
        _ = try await database.commit(
            ConditionalCommit(
                token: read.token, reads: [.init(asked: ["new"], hasConditions: false, found: [])],
                changes: [.write(RecordBatch(identifiers: ["new"]), .add)]),
            to: collection)
        clock.set(1_010)
        #expect(try await identifiers(database, collection) == ["own", "again", "new"])
        clock.set(1_015)
        #expect(try await identifiers(database, collection) == ["own"])
        // A transaction finds an expired record absent, and may add it.
        let gone = try await database.get(plain, from: collection, at: nil)
        #expect(gone.result.records.isEmpty)
        try await database.close()
    }
}
