import Durability
import Engine
import FileIO
import Filtering
import Segments
import TestSupport
import Testing
import VectorModel

/// A small database with a file of every kind, closed properly, and what it must hold.
struct DamageFixture {
    static let directory = "data"

    let disk: SimulatedFileSystem
    let world: World

    /// Three collections with segments and tombstones, the newest changes only in the log.
    init() async throws {
        let disk = SimulatedFileSystem(seed: 1)
        let database = try Self.open(disk)
        var builder = Builder(database: database)
        for _ in 0..<3 { try await builder.create() }
        for round in 0..<4 {
            for collection in builder.world.all { try await builder.write(to: collection) }
            if round < 3 { try await database.flush() }
            if round == 1 { for collection in builder.world.all { try await builder.deleteSome(from: collection) } }
        }
        try await database.close()
        self.disk = disk.afterPowerLoss()
        world = builder.world
    }

    static func open(_ disk: SimulatedFileSystem) throws(OpeningFailure) -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: directory)
        configuration.execution = .stepped
        configuration.searchThreads = 1
        configuration.log = LogOptions(fileBytes: 4096, recycledFilesMax: 1, clock: { LogTimestamp(milliseconds: 1) })
        configuration.storage.segmentsPerTier = 100
        configuration.storage.deadShareMax = 1
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    /// Every file that may be damaged.
    var paths: [String] { disk.paths }

    private struct Builder {
        let database: VectorDatabase
        var world = World()
        var workload = Workload(random: SeededGenerator(seed: 2))

        mutating func create() async throws {
            let identifier = try #require(CollectionIdentifier("00000000-0000-4000-8000-00000000000\(world.all.count)"))
            let creation = CatalogChange.Creation(
                identifier: identifier, name: "collection-\(world.all.count)", tenant: World.tenant, database: World.database,
                metadata: Metadata(["about": .string("damage")]), index: IndexConfiguration(), wireConfiguration: [])
            let number = try database.accept(.createCollection(creation))
            try await database.settleCatalog(through: number)
            world.apply(.catalog(.createCollection(creation)), at: number.rawValue)
        }

        mutating func write(to collection: World.Collection) async throws {
            let batch = try workload.batch(dimension: 4)
            guard let number = try database.accept(batch, as: .upsert, to: collection.identifier) else { return }
            try await database.settle(through: number, of: collection.identifier)
            world.apply(.write(batch, .upsert, to: collection.identifier), at: number.rawValue)
        }

        mutating func deleteSome(from collection: World.Collection) async throws {
            let identifiers = Array(collection.records.map(\.identifier).prefix(2))
            let request = DeleteRequest(selector: RecordSelector(identifiers: identifiers))
            guard let number = try database.accept(request, from: collection.identifier).number else { return }
            try await database.settle(through: number, of: collection.identifier)
            world.apply(.delete(identifiers, from: collection.identifier), at: number.rawValue)
        }
    }
}

/// What a database makes of damaged files.
struct DamageJudge {
    let fixture: DamageFixture

    /// Opens a damaged disk, reads everything, writes where that is possible, then undoes the damage and reads everything again.
    /// - Parameters:
    ///   - damaged: the files that are not what they were.
    ///   - repair: undoes the damage, or `nil` if nobody could.
    /// - Throws: `Violation` for a wrong answer, or for one that does not say which file is to blame.
    func check(_ disk: SimulatedFileSystem, damaged: [String], repair: ((SimulatedFileSystem) -> Void)? = nil) async throws {
        var world = fixture.world
        do {
            let database = try DamageFixture.open(disk)
            try await read(database, damaged, &world)
            // What was written since would go with the file that is put back.
            guard !damaged.contains(where: Self.isShared) else { return }
        } catch let failure as OpeningFailure {
            try judge(failure, damaged)
        }
        guard let repair else { return }
        let next = disk.afterPowerLoss()
        repair(next)
        let database: VectorDatabase
        do throws(OpeningFailure) {
            database = try DamageFixture.open(next)
        } catch {
            throw Violation("the damage of \(damaged) was made worse: \(error)")
        }
        var comparison = Comparison(database: database, world: world, workload: Workload(random: SeededGenerator(seed: 3)))
        try await comparison.run()
    }

    /// Only the log and the catalog stop a start, and only with the name of a file.
    private func judge(_ failure: OpeningFailure, _ damaged: [String]) throws(Violation) {
        let text = failure.description
        let concerns = damaged.filter { Self.isShared($0) }
        guard !concerns.isEmpty else { throw Violation("damage of \(damaged) stops the start: \(text)") }
        guard text.contains("\(DamageFixture.directory)/") else { throw Violation("does not say where: \(text)") }
    }

    /// What all collections depend on.
    private static func isShared(_ path: String) -> Bool { path.contains("/log/") || path.contains("/CATALOG") }

    private func read(_ database: VectorDatabase, _ damaged: [String], _ world: inout World) async throws {
        let report = database.storageReport
        var workload = Workload(random: SeededGenerator(seed: 4))
        for collection in world.all {
            let directory = "\(DamageFixture.directory)/collections/\(collection.identifier)/"
            let isConcerned = damaged.contains { $0.hasPrefix(directory) }
            let isRefused = report.damagedCollections.contains { $0.collection == collection.identifier && !$0.isReadable }
            guard !isRefused else {
                guard isConcerned else { throw Violation("\(collection.name) is refused though \(damaged) is damaged") }
                try await expectRefusal(database, collection, damaged)
                continue
            }
            var comparison = Comparison(database: database, world: world, workload: workload)
            try await comparison.compare(collection) { error in
                guard isConcerned, case .storageDamaged(let text) = error.reason, damaged.contains(where: { text.contains($0) }) else {
                    throw Violation("\(collection.name): \(error)")
                }
            }
            workload = comparison.workload
            if !isConcerned { try await write(database, collection, &workload, &world) }
        }
        try expectReport(report, damaged)
    }

    /// Every byte of these files is looked at by opening, and what is wrong is said.
    private func expectReport(_ report: StorageReport, _ damaged: [String]) throws(Violation) {
        let said = report.problems + report.damagedCollections.map(\.damage)
        for path in damaged where Self.isReadByOpening(path) {
            guard said.contains(where: { $0.contains(path) }) else { throw Violation("nothing is said of \(path): \(said)") }
        }
    }

    private static func isReadByOpening(_ path: String) -> Bool {
        path.hasSuffix("/MANIFEST") || path.hasSuffix("/CATALOG") || path.hasSuffix("/CATALOG.copy")
    }

    private func expectRefusal(_ database: VectorDatabase, _ collection: World.Collection, _ damaged: [String]) async throws {
        do throws(RequestError) {
            _ = try await database.get(GetRequest(), from: collection.identifier)
            throw RequestError(.invalid(field: "collection", problem: "is refused and can be read"))
        } catch {
            guard case .storageDamaged(let text) = error.reason, damaged.contains(where: { text.contains($0) }) else {
                throw Violation("\(collection.name): \(error)")
            }
        }
    }

    /// Life goes on where nothing is damaged.
    private func write(
        _ database: VectorDatabase, _ collection: World.Collection, _ workload: inout Workload, _ world: inout World
    ) async throws {
        let batch = try workload.batch(dimension: 4)
        guard let number = try database.accept(batch, as: .upsert, to: collection.identifier) else { return }
        try await database.settle(through: number, of: collection.identifier)
        world.apply(.write(batch, .upsert, to: collection.identifier), at: number.rawValue)
    }
}
