import Durability
import Engine
import FileIO
import Segments
import TestSupport
import Testing
import VectorModel

/// Changes that are taken back for want of space, between flushes and merges: rarer in random lives than it would take to rely on them.
@Suite struct SimulationWithdrawalTests {
    private func open(_ disk: SimulatedFileSystem) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: "data")
        configuration.execution = .stepped
        configuration.searchThreads = 1
        configuration.log = LogOptions(fileBytes: 4096, clock: { LogTimestamp(milliseconds: 1) })
        configuration.storage.segmentsPerTier = 2
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    private func write(
        _ identifier: String, documentBytes: Int = 1, to collection: CollectionIdentifier, _ database: VectorDatabase
    ) throws -> SequenceNumber? {
        let batch = try RecordBatch(
            identifiers: [identifier], embeddings: EmbeddingColumn(dimension: 2, values: [1, 2]),
            documents: [(0..<documentBytes).map { "\($0 % 7)" }.joined()])
        return try database.accept(batch, as: .add, to: collection)
    }

    /// Only files of the log are preallocated: the log has no room, and segments have.
    private func fillLog(_ disk: SimulatedFileSystem) {
        disk.configure { $0.faults = [SimulatedFault(.preallocate, .outOfSpace, times: 1_000)] }
    }

    /// Writes a record too large for what is left of the log's file.
    private func acceptWithoutRoom(
        _ identifier: String, _ collection: CollectionIdentifier, _ database: VectorDatabase
    ) throws -> SequenceNumber {
        try #require(try write(identifier, documentBytes: 900_000, to: collection, database))
    }

    /// A withdrawal makes the memtable anew. Were the published state left with the old one, the next flush would not find it there, a second
    /// withdrawal would bring rows back into memory that are in a segment, and a merge would remove a segment that the next manifest names.
    @Test func withdrawalsFlushesAndMergesLoseNothing() async throws {
        let disk = SimulatedFileSystem(seed: 1)
        var database = try open(disk)
        let collection = try await database.createCollection(
            CollectionCreation(name: "withdrawals"), tenant: World.tenant, database: World.database
        ).collection.identifier
        for identifier in ["a", "b"] {
            let number = try #require(try write(identifier, to: collection, database))
            try await database.settle(through: number, of: collection)
            if identifier == "a" { try await database.flush() }
        }

        fillLog(disk)
        let withdrawn = try acceptWithoutRoom("c", collection, database)
        try await database.flush()
        #expect(throws: LogError.self) { try database.outcome(of: withdrawn)?.get() }
        let again = try acceptWithoutRoom("d", collection, database)
        await #expect(throws: RequestError.self) { try await database.settle(through: again, of: collection) }
        disk.configure { $0.faults = [] }

        database.stepMaintenance()
        let number = try #require(try write("e", to: collection, database))
        try await database.settle(through: number, of: collection)
        try await database.flush()
        #expect(try await database.get(GetRequest(), from: collection).records.map(\.identifier) == ["a", "b", "e"])
        try await database.close()

        database = try open(disk)
        #expect(database.storageReport.isHealthy, "\(database.storageReport)")
        #expect(try await database.get(GetRequest(), from: collection).records.map(\.identifier) == ["a", "b", "e"])
    }
}
