import Durability
import Engine
import FileIO
import Segments
import Testing
import TestSupport
import VectorModel

/// Damage to a fork, whose files name the collection that they were written for.
@Suite struct ForkRepairTests {
    private struct World {
        let disk = SimulatedFileSystem(seed: 3)
        let source: CollectionIdentifier
        let fork: CollectionIdentifier
        let seen: SeenDatabase

        init() async throws {
            let database = try VectorDatabase.open(VerificationWorld.configuration(), fileSystem: disk)
            source = try await database.createCollection(
                CollectionCreation(name: "source"), tenant: Catalogs.tenant, database: Catalogs.database
            ).collection.identifier
            try await database.write(VerificationWorld.batch(0..<80, dimension: 16), as: .add, to: source)
            try await database.flush()
            fork = try await database.fork(source, named: "fork").identifier
            try await database.write(VerificationWorld.batch(80..<120, dimension: 16), as: .add, to: fork)
            try await database.flush()
            seen = try await VerificationWorld.see(database)
            try await database.close()
            try await VectorDatabase.open(VerificationWorld.configuration(2), fileSystem: disk).close()
        }

        func path(_ name: String) -> String { "data/collections/\(fork)/\(name)" }

        var segments: [String] { disk.paths.filter { $0.hasPrefix(path("")) && $0.hasSuffix(".segment") } }
    }

    private func expectRepaired(_ world: World, _ damage: String) async throws {
        #expect(!(try VerificationWorld.verify(world.disk).isSound), "\(damage)")
        let report = try VerificationWorld.repair(world.disk)
        #expect(report.after?.findings == [], "\(damage): \(report)")
        #expect(try await VerificationWorld.open(world.disk) == world.seen, "\(damage): \(report)")
        #expect(try VerificationWorld.repair(world.disk).actions == [], "\(damage)")
    }

    @Test func aSoundForkIsFoundSound() async throws {
        let world = try await World()
        #expect(try VerificationWorld.verify(world.disk).findings == [])
        #expect(try await VerificationWorld.open(world.disk) == world.seen)
    }

    @Test func aLostManifestIsMadeAnewOfSharedAndOwnSegments() async throws {
        let world = try await World()
        try world.disk.remove(world.path("MANIFEST"))
        try await expectRepaired(world, "no manifest")
        let manifest = try #require(try CollectionManifest.read(world.path("MANIFEST"), world.disk))
        #expect(manifest.segments.map(\.owner) == [world.source, nil])
    }

    @Test func aLostSharedSegmentIsFoundWithItsSource() async throws {
        let world = try await World()
        try world.disk.remove(world.segments[0])
        try await expectRepaired(world, "no shared segment")
    }

    @Test func anotherCollectionsFileIsNoSharedOne() async throws {
        let world = try await World()
        world.disk.swap(world.segments[0], world.segments[1])
        try await expectRepaired(world, "swapped")
    }

    /// A manifest that takes a shared file for its own, or the other way round.
    @Test func anOwnerThatTheFileDoesNotNameIsDamage() async throws {
        let world = try await World()
        var manifest = try #require(try CollectionManifest.read(world.path("MANIFEST"), world.disk))
        manifest.segments[0].owner = nil
        manifest.edit += 1
        try manifest.write(to: world.path("MANIFEST"), world.disk, createdWith: "test")
        let report = try VerificationWorld.verify(world.disk)
        #expect(report.findings.contains { $0.what == "segment file, collection" && $0.collection == world.fork }, "\(report.findings)")
        let database = try VectorDatabase.open(VerificationWorld.configuration(4), fileSystem: world.disk)
        #expect(database.storageReport.damagedCollections.map(\.collection) == [world.fork])
        try await database.close()
    }
}
