import Durability
import Engine
import FileIO
import Filtering
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

@Suite struct VerificationTests {
    @Test(arguments: [false, true]) func aHealthyDatabaseHasNoFindings(isFlushed: Bool) async throws {
        let world = try await VerificationWorld.make(isFlushed: isFlushed)
        let before = world.disk.image
        let report = try VerificationWorld.verify(world.disk)
        #expect(report.findings == [])
        #expect(report.isSound)
        #expect(report.collections == 3)
        #expect(report.rows == world.seen.values.reduce(0) { $0 + $1.count })
        let repair = try VerificationWorld.repair(world.disk)
        #expect(repair.actions == [])
        #expect(repair.quarantine == nil)
        #expect(world.disk.image == before, "verifying changed something")
    }

    @Test func anEmptyOrAbsentDirectoryIsNoDamage() async throws {
        let disk = SimulatedFileSystem(seed: 1)
        let database = try VectorDatabase.open(VerificationWorld.configuration(), fileSystem: disk)
        try await database.close()
        #expect(try VerificationWorld.verify(disk).findings == [])
        #expect(throws: VerificationFailure.self) { try VerificationWorld.verify(SimulatedFileSystem(seed: 1)) }
    }

    @Test func aWriterKeepsAVerificationOut() async throws {
        let world = try await VerificationWorld.make()
        let disk = world.disk.copy()
        let database = try VectorDatabase.open(VerificationWorld.configuration(2), fileSystem: disk)
        #expect(throws: VerificationFailure.self) { try VerificationWorld.verify(disk) }
        #expect(throws: RepairFailure.self) { try VerificationWorld.repair(disk) }
        try await database.close()
    }

    @Test func itEndsWhenItIsToldTo() async throws {
        let world = try await VerificationWorld.make()
        var calls = 0
        let report = try DatabaseVerifier(directory: VerificationWorld.directory, fileSystem: world.disk).run { progress in
            #expect(progress.bytesDone <= progress.bytesTotal)
            calls += 1
            return calls < 3
        }
        #expect(calls == 3)
        #expect(report.wasCancelled)
        #expect(!report.isSound)
    }

    @Test func everyByteOfEveryFileCounts() async throws {
        let world = try await VerificationWorld.make()
        for path in world.files {
            let count = world.disk.contents(path).count
            // Frames are searched to the end of a log file, but what follows the last one in a file that is not complete is nobody's.
            let used = path.hasSuffix(".wal") ? world.disk.contents(path).lastIndex { $0 != 0 } ?? 0 : count - 1
            for part in 0..<5 {
                let byte = used * part / 4
                let disk = world.disk.copy()
                disk.flipBit(path, at: byte * 8 + part % 8)
                let damage = try VerificationWorld.verify(disk).findings
                #expect(damage.contains { $0.file == path }, "\(path) at byte \(byte) of \(count): \(damage)")
                for finding in damage where finding.file == path && path.hasSuffix(".segment") {
                    let offset = try #require(finding.offset)
                    #expect(offset <= byte, "\(finding) for byte \(byte)")
                }
            }
        }
    }

    @Test func cutMissingAndSwappedFilesAreNamed() async throws {
        let world = try await VerificationWorld.make()
        for path in world.files {
            let bytes = world.disk.contents(path)
            let cut = world.disk.copy()
            cut.replaceContents(path, with: Array(bytes[..<(bytes.count / 2)]))
            #expect(!(try VerificationWorld.verify(cut).isSound), "\(path) cut")
            let missing = world.disk.copy()
            try missing.remove(path)
            let report = try VerificationWorld.verify(missing)
            #expect(!report.isSound, "\(path) missing")
        }
        for (first, second) in [
            (world.segments("finches")[0], world.segments("wrens")[0]), (world.segments("finches")[0], world.segments("finches")[1]),
            (world.manifest("finches"), world.manifest("wrens")),
        ] {
            let disk = world.disk.copy()
            disk.swap(first, second)
            let damaged = Set(try VerificationWorld.verify(disk).findings.filter { $0.severity == .damage }.map(\.file))
            #expect(damaged.isSuperset(of: [first, second]), "\(damaged)")
        }
    }

    /// Files whose checksums hold, and which contradict each other all the same.
    @Test(arguments: Contradiction.allCases) func contradictionsAreNamedAndResolved(contradiction: Contradiction) async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let disk = world.disk.copy()
        let path = world.manifest("finches")
        var manifest = try #require(try CollectionManifest.read(path, disk))
        manifest.edit += 1
        contradiction.apply(to: &manifest)
        try manifest.write(to: path, disk, createdWith: "test")
        let findings = try VerificationWorld.verify(disk).findings
        #expect(findings.contains { $0.severity == .damage && $0.collection == world.collections["finches"] }, "\(findings)")
        let report = try VerificationWorld.repair(disk)
        #expect(report.after?.findings == [], "\(report)")
        #expect(try await VerificationWorld.open(disk) == world.seen)
    }

    enum Contradiction: CaseIterable {
        case forgottenDeadRows, lowInsertionKey, forgottenMetadataKeys, lowSequence

        func apply(to manifest: inout CollectionManifest) {
            switch self {
            case .forgottenDeadRows: for place in manifest.segments.indices { manifest.segments[place].deadRows = [] }
            case .lowInsertionKey: manifest.nextInsertionKey = 1
            case .forgottenMetadataKeys: manifest.metadataKeys = []
            case .lowSequence: manifest.flushedThrough = SequenceNumber(1)
            }
        }
    }

    @Test func strangersAreOrphans() async throws {
        let world = try await VerificationWorld.make()
        let stray = world.collectionPath("finches") + "/00000000000000000099.segment.tmp"
        _ = try world.disk.create(stray)
        let report = try VerificationWorld.verify(world.disk)
        #expect(report.isSound)
        #expect(report.findings.map(\.file) == [stray])
        #expect(report.findings.map(\.severity) == [.orphan])
    }

    @Test func reportsHoldNoTextOfUsers() async throws {
        let world = try await VerificationWorld.make()
        for path in world.files {
            let disk = world.disk.copy()
            disk.flipBit(path, at: disk.contents(path).count * 4)
            let text = try "\(VerificationWorld.verify(disk))\n\(VerificationWorld.repair(disk))"
            #expect(!text.contains(VerificationWorld.documentMark))
            #expect(!text.contains("book://"))
            #expect(!text.contains("id300"))
        }
    }
}

@Suite struct VerificationOfRunningTests {
    @Test func aServerThatWritesHasNoFindings() async throws {
        let directory = try TemporaryDirectory()
        let database = try directory.open {
            $0.log.fileBytes = 64 << 10
            $0.storage.memtableBytes = 64 << 10
            $0.storage.logBytes = 256 << 10
            $0.storage.segmentsPerTier = 2
        }
        let made = try await database.createCollection(CollectionCreation(name: "busy"), tenant: Catalogs.tenant, database: Catalogs.database)
        let collection = made.collection.identifier
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    var round = 0
                    while !load.isOver.load(ordering: .relaxed) {
                        let start = (round * 37 + writer * 1_000) % 400
                        try await database.write(
                            VerificationWorld.batch(start..<start + 30, dimension: 16, version: round % 4), as: .upsert, to: collection)
                        if round % 5 == 4 {
                            let selector = RecordSelector(identifiers: (start..<start + 10).map { "id\($0)" })
                            _ = try await database.delete(DeleteRequest(selector: selector), from: collection)
                        }
                        if round % 7 == 6 {
                            let other = try await database.createCollection(
                                CollectionCreation(name: "brief\(writer)"), tenant: Catalogs.tenant, database: Catalogs.database)
                            try await database.write(VerificationWorld.batch(0..<5, dimension: 4), as: .add, to: other.collection.identifier)
                            if round % 2 == 0 { try await database.flush() }
                            try await database.deleteCollection(named: "brief\(writer)", tenant: Catalogs.tenant, database: Catalogs.database)
                        }
                        round += 1
                        load.writes.add(1, ordering: .relaxed)
                    }
                }
            }
            var verifications = 0
            while verifications < 6 || load.writes.load(ordering: .relaxed) < 60 {
                let report = try await database.verify()
                #expect(report.findings == [])
                #expect(report.isSound)
                verifications += 1
            }
            load.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        #expect(database.storageReport.isHealthy)
        try await database.close()
        #expect(try DatabaseVerifier(directory: directory.path).run().isSound)
    }

    @Test func damageUnderARunningServerIsFoundAndNoted() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let disk = world.disk.copy()
        let database = try VectorDatabase.open(VerificationWorld.configuration(3), fileSystem: disk)
        let path = world.segments("wrens")[0]
        disk.flipBit(path, at: 50_000 * 8)
        let findings = try await database.verify().findings
        #expect(findings.map(\.file) == [path])
        #expect(findings.first?.collection == world.collections["wrens"])
        #expect(database.storageReport.damagedCollections.map(\.collection) == [try #require(world.collections["wrens"])])
        try await database.close()
    }

    @Test func aCancelledTaskEndsIt() async throws {
        let world = try await VerificationWorld.make()
        let database = try VectorDatabase.open(VerificationWorld.configuration(3), fileSystem: world.disk.copy())
        let report = try await database.verify { _ in false }
        #expect(report.wasCancelled)
        try await database.close()
    }
}

/// What a load's tasks and the test tell each other.
private final class Load: Sendable {
    let isOver = Atomic<Bool>(false)
    let writes = Atomic<Int>(0)
}
