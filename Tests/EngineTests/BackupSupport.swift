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

private let tenantName = "default_tenant"
private let databaseName = "default_database"

/// Everything that a database shows, one line for each collection and each record, in order.
func contents(of database: VectorDatabase) async throws -> [String] {
    var lines: [String] = []
    for collection in database.collections(tenant: tenantName, database: databaseName) {
        lines.append("\(collection.name) \(collection.identifier) \(collection.dimension ?? 0) \(collection.metadataKeys.map(\.name))")
        for record in try await database.get(GetRequest(), from: collection.identifier).records {
            let vector = record.withVector { $0.map(Array.init) ?? [] }
            lines.append("\(record.identifier) \(vector) \(record.document ?? "-") \(String(describing: record.metadata))")
        }
    }
    return lines
}

/// Everything that the database on `directory` shows to one who only reads.
func contents(ofDirectory directory: String, _ fileSystem: any FileSystem = POSIXFileSystem()) async throws -> [String] {
    var configuration = VectorDatabase.Configuration(dataDirectory: directory)
    configuration.isReadOnly = true
    configuration.execution = .stepped
    let database = try VectorDatabase.open(configuration, fileSystem: fileSystem)
    let lines = try await contents(of: database)
    try await database.close()
    return lines
}

extension VectorDatabase {
    func makeCollection(_ name: String) async throws -> CollectionIdentifier {
        try await createCollection(CollectionCreation(name: name), tenant: tenantName, database: databaseName).collection.identifier
    }

    func drop(_ name: String) async throws {
        try await deleteCollection(named: name, tenant: tenantName, database: databaseName)
    }

    /// Upserts a record for each number, each with a vector, a document and metadata that follow from it.
    func put(_ numbers: [Int], in collection: CollectionIdentifier, as kind: WriteKind = .upsert) async throws {
        let batch = try RecordBatch(
            identifiers: numbers.map { "id\($0 % 40)" },
            embeddings: EmbeddingColumn(dimension: 4, values: numbers.flatMap { number in (0..<4).map { Float(number + $0) } }),
            documents: numbers.map { "document \($0)" }, metadatas: numbers.map { Metadata(["n": .integer(Int64($0))]) })
        try await write(batch, as: kind, to: collection)
    }

    func remove(_ numbers: [Int], from collection: CollectionIdentifier) async throws {
        _ = try await delete(DeleteRequest(selector: RecordSelector(identifiers: numbers.map { "id\($0)" })), from: collection)
    }
}

/// A database on one thread, the same on every run, whose files are small.
struct SteppedLife {
    static let directory = "data"

    var random: SeededGenerator
    private var collections: [(name: String, identifier: CollectionIdentifier)] = []
    private var made = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    static func configuration(archive: String? = nil) -> VectorDatabase.Configuration {
        var configuration = VectorDatabase.Configuration(dataDirectory: directory)
        configuration.execution = .stepped
        configuration.log = LogOptions(fileBytes: 4_096, archiveDirectory: archive, clock: Ticks().next)
        configuration.storage.memtableBytes = 8_000
        configuration.storage.logBytes = 20_000
        configuration.storage.segmentsPerTier = 2
        configuration.makeIdentifier = Ticks().nextIdentifier
        return configuration
    }

    /// Does `count` things, one after the other.
    mutating func work(_ count: Int, on database: VectorDatabase) async throws {
        for _ in 0..<count { try await step(database) }
    }

    private mutating func step(_ database: VectorDatabase) async throws {
        if collections.count < 2 || collections.count < 4 && random.chance(percent: 5) { return try await make(database) }
        let place = Int.random(in: collections.indices, using: &random)
        let collection = collections[place].identifier
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<12:
            let first = Int.random(in: 0..<1_000, using: &random)
            try await database.put(Array(first..<(first + Int.random(in: 1...8, using: &random))), in: collection)
        case 12..<15: try await database.remove((0..<3).map { _ in Int.random(in: 0..<40, using: &random) }, from: collection)
        case 15: try await database.flush()
        case 16: try await database.drop(collections.remove(at: place).name)
        case 17 where collections.count < 6:
            made += 1
            let name = "fork-\(made)"
            collections.append((name, try await database.fork(collection, named: name).identifier))
        default: database.stepMaintenance()
        }
    }

    private mutating func make(_ database: VectorDatabase) async throws {
        made += 1
        let name = "collection-\(made)"
        collections.append((name, try await database.makeCollection(name)))
    }
}

/// A clock and a source of ids that count.
final class Ticks: Sendable {
    private let ticks = Atomic<UInt64>(0)

    private func tick() -> UInt64 { ticks.wrappingAdd(1, ordering: .relaxed).newValue }

    @Sendable func next() -> LogTimestamp { LogTimestamp(milliseconds: 1_000_000 + tick()) }

    @Sendable func nextIdentifier() -> CollectionIdentifier {
        let number = tick()
        return CollectionIdentifier(UUID(uuid: (
            1, 2, 3, 4, 5, 6, 0x40, 0, 0x80, 0, 0, 0, UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
            UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number))))
    }
}

/// A file system on which no file gets a second name.
struct LinklessFileSystem: ForwardingFileSystem {
    let base: any FileSystem

    func link(_ path: String, to newPath: String) throws(FileError) { throw .crossDevice(path: path) }
}
