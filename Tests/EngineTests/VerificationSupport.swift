import Durability
import Engine
import FileIO
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// A record as a reader sees it.
struct SeenRecord: Equatable {
    let vector: [Float]?
    let document: String?
    let uri: String?
    let metadata: Metadata?
}

/// What all collections hold, by the collection's name and the record's id.
typealias SeenDatabase = [String: [String: SeenRecord]]

/// A small database on a simulated disk, closed, and what it holds: collections of several segments with dead rows, one that is in the log only,
/// changes in the log after the segments, another tenant.
struct VerificationWorld {
    static let directory = "data"
    /// In every document, so that reports can be searched for users' texts.
    static let documentMark = "In the beginning"

    let disk: SimulatedFileSystem
    let seen: SeenDatabase
    let collections: [String: CollectionIdentifier]

    static func configuration(_ seed: UInt64 = 1, logFileBytes: Int = 1 << 20) -> VectorDatabase.Configuration {
        var configuration = VectorDatabase.Configuration(dataDirectory: directory)
        configuration.log.fileBytes = logFileBytes
        configuration.log.recycledFilesMax = 0
        configuration.log.clock = { LogTimestamp(milliseconds: 1_700_000_000_000) }
        configuration.searchThreads = 1
        configuration.execution = .stepped
        // Segments stay as they are.
        configuration.storage.segmentsPerTier = 100
        configuration.storage.deadShareMax = 1
        let identifiers = IdentifierSource(seed: seed)
        configuration.makeIdentifier = { identifiers.next() }
        return configuration
    }

    /// - Parameters:
    ///   - isFlushed: whether all is in segments in the end; otherwise the last changes are in the log only.
    ///   - isTrimmed: whether the log has let go what is in segments; otherwise it has everything.
    static func make(isFlushed: Bool = false, isTrimmed: Bool = false) async throws -> VerificationWorld {
        let disk = SimulatedFileSystem(seed: 7)
        let database = try VectorDatabase.open(configuration(logFileBytes: isTrimmed ? 64 << 10 : 1 << 20), fileSystem: disk)
        try await database.createTenant(named: "shire")
        try await database.createDatabase(named: "hobbits", tenant: "shire")
        var collections: [String: CollectionIdentifier] = [:]
        for (name, metric) in [("finches", Metric.l2), ("wrens", .cosine)] {
            collections[name] = try await database.createCollection(
                CollectionCreation(name: name, index: IndexConfiguration(metric: metric)), tenant: Catalogs.tenant, database: Catalogs.database
            ).collection.identifier
        }
        collections["owls"] = try await database.createCollection(
            CollectionCreation(name: "owls", metadata: Metadata(["kind": .string("night")])), tenant: "shire", database: "hobbits"
        ).collection.identifier
        for (name, dimension) in [("finches", 64), ("wrens", 256)] {
            let identifier = try #require(collections[name])
            try await database.write(batch(0..<150, dimension: dimension), as: .add, to: identifier)
            try await database.flush()
            try await database.write(batch(110..<190, dimension: dimension, version: 2), as: .upsert, to: identifier)
            try await database.flush()
            let dead = DeleteRequest(selector: RecordSelector(identifiers: (0..<20).map { "id\($0 * 7)" }))
            _ = try await database.delete(dead, from: identifier)
            if isFlushed { try await database.flush() }
        }
        let owls = try #require(collections["owls"])
        try await database.write(batch(0..<40, dimension: 8), as: .add, to: owls)
        try await database.write(batch(30..<50, dimension: 8, version: 3), as: .upsert, to: owls)
        if isFlushed { try await database.flush() }
        let seen = try await see(database)
        try await database.close()
        // A second checkpoint: from now on both copies of the catalog must be there.
        try await VectorDatabase.open(configuration(2), fileSystem: disk).close()
        return VerificationWorld(disk: disk, seen: seen, collections: collections)
    }

    static func batch(_ numbers: Range<Int>, dimension: Int, version: Int = 1) throws -> RecordBatch {
        var random = SeededGenerator(seed: UInt64(numbers.lowerBound * 10 + version))
        let vectors = numbers.flatMap { _ in random.vector(dimension) }
        return try RecordBatch(
            identifiers: numbers.map { "id\($0)" }, embeddings: EmbeddingColumn(dimension: dimension, values: vectors),
            // Random digits, so that compression leaves several blocks.
            documents: numbers.map { "\(documentMark) \($0) \((0..<12).map { _ in String(random.next()) }.joined())" },
            uris: numbers.map { $0 % 3 == 0 ? "book://\($0)" : nil },
            metadatas: numbers.map { Metadata(["verse": .integer(Int64($0)), "book": .string("b\($0 % 5)"), "v\(version)": .boolean(true)]) })
    }

    /// Reads everything.
    static func see(_ database: VectorDatabase) async throws -> SeenDatabase {
        var seen: SeenDatabase = [:]
        for (tenant, name) in [(Catalogs.tenant, Catalogs.database), ("shire", "hobbits")] {
            for collection in database.collections(tenant: tenant, database: name) {
                let records = try await database.get(GetRequest(), from: collection.identifier).records
                var found: [String: SeenRecord] = [:]
                for record in records {
                    #expect(found[record.identifier] == nil, "an id twice")
                    found[record.identifier] = SeenRecord(
                        vector: record.withVector { $0.map(Array.init) }, document: record.document, uri: record.uri, metadata: record.metadata)
                }
                seen[collection.name] = found
            }
        }
        return seen
    }

    // MARK: On a disk

    static func verify(_ disk: SimulatedFileSystem) throws -> VerificationReport {
        try DatabaseVerifier(directory: directory, fileSystem: disk).run()
    }

    static func repair(_ disk: SimulatedFileSystem, _ change: (inout DatabaseRepair.Options) -> Void = { _ in }) throws -> RepairReport {
        var options = DatabaseRepair.Options()
        options.clock = { LogTimestamp(milliseconds: 1_700_000_000_000) }
        change(&options)
        return try DatabaseRepair(directory: directory, options: options, fileSystem: disk).run()
    }

    /// Opens, reads everything, expects nothing to complain of, and closes.
    static func open(_ disk: SimulatedFileSystem) async throws -> SeenDatabase {
        let database = try VectorDatabase.open(configuration(99), fileSystem: disk)
        #expect(database.storageReport.isHealthy, "\(database.storageReport)")
        let seen = try await see(database)
        try await database.close()
        // A second checkpoint: from now on both copies of the catalog must be there.
        try await VectorDatabase.open(configuration(2), fileSystem: disk).close()
        return seen
    }

    func collectionPath(_ name: String) -> String { Self.directory + "/collections/" + (collections[name]?.description ?? "") }

    /// Every file in which a flipped bit counts.
    var files: [String] { disk.paths.filter { !$0.hasSuffix("/LOCK") && !$0.hasSuffix(".tmp") } }

    func segments(_ name: String) -> [String] {
        disk.paths.filter { $0.hasPrefix(collectionPath(name)) && $0.hasSuffix(".segment") }
    }

    func manifest(_ name: String) -> String { collectionPath(name) + "/MANIFEST" }

    /// The log's files, the oldest first.
    var logFiles: [String] { disk.paths.filter { $0.hasPrefix(Self.directory + "/log/") && $0.hasSuffix(".wal") } }
}

enum Catalogs {
    static let tenant = "default_tenant"
    static let database = "default_database"
}

/// Ids that are the same on every run.
private final class IdentifierSource: Sendable {
    private let state: Monitor<SeededGenerator>

    init(seed: UInt64) { state = Monitor(SeededGenerator(seed: seed)) }

    func next() -> CollectionIdentifier {
        state.withLock { random in
            func digits(_ count: Int) -> String { (0..<count).map { _ in String(UInt8.random(in: 0..<16, using: &random), radix: 16) }.joined() }
            guard let identifier = CollectionIdentifier("\(digits(8))-\(digits(4))-\(digits(4))-\(digits(4))-\(digits(12))") else {
                preconditionFailure("these are the digits of an identifier")
            }
            return identifier
        }
    }
}

extension SimulatedFileSystem {
    /// A disk with the same contents, to be damaged.
    func copy() -> SimulatedFileSystem { afterProcessDeath() }

    func swap(_ first: String, _ second: String) {
        let bytes = contents(first)
        replaceContents(first, with: contents(second))
        replaceContents(second, with: bytes)
    }

    /// All files of the data directory that count, with their bytes.
    var image: [String: [UInt8]] {
        var image: [String: [UInt8]] = [:]
        for path in paths where !path.hasSuffix("/LOCK") { image[path] = contents(path) }
        return image
    }
}
