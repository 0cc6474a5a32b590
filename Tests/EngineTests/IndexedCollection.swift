import Durability
import Engine
import FileIO
import Filtering
import Segments
import TestSupport
import Testing
import VectorModel

/// A collection on a simulated disk whose segments get indexes, and the records that it should have. Everything happens when the test says so.
final class IndexedCollection {
    let identifier: CollectionIdentifier
    let configuration: IndexConfiguration
    let dimension: Int
    private let shape: VectorShape
    private(set) var disk: SimulatedFileSystem
    private(set) var database: VectorDatabase
    private(set) var records: [String: [Float]] = [:]
    var generator: SeededGenerator
    private let change: (inout VectorDatabase.Configuration) -> Void
    /// What records have besides `even`.
    var metadata: (_ number: Int, _ vector: [Float]) -> Metadata = { _, _ in Metadata([:]) }

    init(
        _ configuration: IndexConfiguration, dimension: Int = 12, shape: VectorShape = .clusters, seed: UInt64 = 1,
        _ change: @escaping (inout VectorDatabase.Configuration) -> Void = { _ in }
    ) async throws {
        (self.configuration, self.dimension, self.shape, self.change) = (configuration, dimension, shape, change)
        generator = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed)
        database = try Self.open(disk, change)
        identifier = try await database.createCollection(
            CollectionCreation(name: "indexed", index: configuration), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
    }

    private static func open(
        _ disk: SimulatedFileSystem, _ change: (inout VectorDatabase.Configuration) -> Void
    ) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: "data")
        configuration.execution = .stepped
        configuration.searchThreads = 1
        configuration.searchCosts = .indexesAreFree
        configuration.log.fileBytes = 1 << 16
        (configuration.storage.indexRowsMin, configuration.storage.indexThreads) = (64, 1)
        (configuration.storage.settleMilliseconds, configuration.storage.indexDelayMilliseconds) = (0, 0)
        change(&configuration)
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    // MARK: Writing

    func vector() -> [Float] { shape.vector(dimension, &generator) }

    func write(_ identifiers: [String]) async throws {
        let vectors = identifiers.map { _ in vector() }
        let batch = try RecordBatch(
            identifiers: identifiers, embeddings: EmbeddingColumn(dimension: dimension, values: vectors.flatMap(\.self)),
            documents: identifiers.map { "number \($0)." },
            metadatas: zip(identifiers, vectors).map { identifier, vector in
                let number = Int(identifier) ?? 0
                return Metadata(["even": .boolean(number.isMultiple(of: 2))]).merged(with: metadata(number, vector))
            })
        try await database.write(batch, as: .upsert, to: identifier)
        for (identifier, vector) in zip(identifiers, vectors) {
            records[identifier] = configuration.element == .float16 ? vector.map { Float(Float16($0)) } : vector
        }
    }

    func delete(_ identifiers: [String]) async throws {
        _ = try await database.delete(DeleteRequest(selector: RecordSelector(identifiers: identifiers)), from: identifier)
        for identifier in identifiers { records[identifier] = nil }
    }

    /// Everything is written to segments, merged and indexed.
    func settle() async throws {
        try await database.flush()
        for _ in 0..<3 { database.stepMaintenance() }
    }

    func close() async throws { try await database.close() }

    /// Opens the database again, after `damage` was done to the disk.
    func reopen(_ damage: (SimulatedFileSystem) -> Void = { _ in }) async throws {
        try await database.close()
        disk = disk.afterProcessDeath()
        damage(disk)
        database = try Self.open(disk, change)
    }

    /// The database on a disk that nobody writes to.
    static func openReadOnly(_ disk: SimulatedFileSystem) throws -> VectorDatabase {
        try open(disk) { $0.isReadOnly = true }
    }

    /// As `reopen`, but the machine loses its power instead.
    func losePower() throws {
        disk = disk.afterPowerLoss()
        database = try Self.open(disk, change)
    }

    var indexFiles: [String] { disk.paths.filter { $0.hasSuffix(".hnsw") || $0.hasSuffix(".ivf") } }

    // MARK: Searching

    func request(_ vector: [Float], k: Int = 10, onlyEven: Bool = false, exact: Bool = false) -> QueryRequest {
        var request = QueryRequest(
            vectors: vector, dimension: dimension, k: k,
            selector: RecordSelector(metadata: onlyEven ? .compare(key: "even", .equal(.boolean(true))) : nil))
        request.overrides.exact = exact
        return request
    }

    /// Searches for some vectors, checks everything that must hold of each answer, and returns the share of the nearest that was found.
    func recall(queries: Int = 20, k: Int = 10, onlyEven: Bool = false) async throws -> Double {
        var found = 0
        var wanted = 0
        for _ in 0..<queries {
            let query = shape.query(dimension, &generator)
            let matching = records.filter { !onlyEven || (Int($0.key) ?? 1).isMultiple(of: 2) }
                .mapValues { exactDistance(query, $0, configuration.metric) }
            let nearest = matching.values.sorted().prefix(k)
            let plans = try await database.plan(request(query, k: k, onlyEven: onlyEven), in: identifier)
            let hits = try await database.query(request(query, k: k, onlyEven: onlyEven), in: identifier).hits[0]
            #expect(hits.count == min(k, matching.count))
            #expect(hits.allSatisfy { matching[$0.record.identifier] == $0.distance }, "a record that is dead, does not match or lies elsewhere")
            #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.distance <= $1.distance })
            #expect(Set(hits.map(\.record.identifier)).count == hits.count)
            if plans.allSatisfy({ $0.contains("scan") }) { #expect(hits.map(\.distance) == Array(nearest), "an exact plan") }
            found += hits.count { $0.distance <= nearest.last ?? 0 }
            wanted += nearest.count
            let exact = try await database.query(request(query, k: k, onlyEven: onlyEven, exact: true), in: identifier).hits[0]
            #expect(exact.map(\.distance) == Array(nearest))
        }
        return wanted == 0 ? 1 : Double(found) / Double(wanted)
    }

    /// How the parts are searched now, without the number of proposals.
    func plans(k: Int = 10, onlyEven: Bool = false) async throws -> [String] {
        try await database.plan(request(vector(), k: k, onlyEven: onlyEven), in: identifier).map(\.withoutProposals)
    }
}

extension String {
    /// A plan without how many rows the index proposes.
    var withoutProposals: String { split(separator: ", re-rank").first.map(String.init) ?? self }
}
