import Durability
import Engine
import FileIO
import Testing
import TestSupport
import VectorModel

@Suite struct CatalogAndLogRepairTests {
    private func catalogs(_ disk: SimulatedFileSystem) -> [String] { disk.paths.filter { $0.contains("/CATALOG") } }

    @Test func oneCopyOfTheCatalogIsEnough() async throws {
        let world = try await VerificationWorld.make()
        for path in catalogs(world.disk) {
            for isMissing in [false, true] {
                let disk = world.disk.copy()
                if isMissing { try disk.remove(path) } else { disk.flipBit(path, at: 100 * 8) }
                let report = try VerificationWorld.repair(disk)
                #expect(report.before.findings.map(\.file) == [path])
                #expect(report.after?.findings == [], "\(report)")
                #expect(try await VerificationWorld.open(disk) == world.seen)
            }
        }
    }

    @Test func withoutCatalogsTheLogTellsTheNames() async throws {
        for isFlushed in [false, true] {
            let world = try await VerificationWorld.make(isFlushed: isFlushed)
            for isMissing in [false, true] {
                let disk = world.disk.copy()
                for path in catalogs(disk) {
                    if isMissing { try disk.remove(path) } else { disk.flipBit(path, at: 100 * 8) }
                }
                let report = try VerificationWorld.repair(disk)
                // A log that was never trimmed tells everything: then there is nothing to repair.
                #expect((report.after ?? report.before).findings == [], "\(report)")
                #expect(isMissing || report.after != nil)
                #expect(report.logGaps == [])
                #expect(report.refusedChanges == [])
                #expect(try await VerificationWorld.open(disk) == world.seen, "flushed \(isFlushed), missing \(isMissing)")
            }
        }
    }

    /// The log that created the collections is gone for good: their names are lost, their records are not.
    @Test(arguments: [true, false]) func withoutCatalogsAndTheirLogTheNamesAreMadeUp(isLogGone: Bool) async throws {
        let world = try await VerificationWorld.make(isFlushed: isLogGone, isTrimmed: true)
        let disk = world.disk.copy()
        for path in catalogs(disk) + (isLogGone ? world.logFiles : []) { try disk.remove(path) }
        #expect(!(try VerificationWorld.verify(disk).isSound))
        let report = try VerificationWorld.repair(disk)
        #expect(report.after?.findings == [], "\(report)")
        let seen = try await VerificationWorld.open(disk)
        var expected: SeenDatabase = [:]
        for (name, records) in world.seen { expected["recovered-\(try #require(world.collections[name]))"] = records }
        if isLogGone {
            #expect(seen == expected)
        } else {
            // Some were created by what is left of the log.
            #expect(seen.count == expected.count)
            for (name, records) in world.seen {
                let made = "recovered-\(try #require(world.collections[name]))"
                #expect(seen[name] ?? seen[made] == records, "\(name)")
            }
        }
    }

    @Test func aLogDamagedInTheMiddleLosesTheDamagedRecordsOnly() async throws {
        let world = try await VerificationWorld.make()
        let path = try #require(world.logFiles.last)
        let used = try #require(world.disk.contents(path).lastIndex { $0 != 0 })
        let disk = world.disk.copy()
        disk.flipBit(path, at: used / 2 * 8)
        let found = try VerificationWorld.verify(disk).findings
        #expect(found.contains { $0.file == path && $0.severity == .damage && ($0.offset ?? .max) <= used / 2 })
        let report = try VerificationWorld.repair(disk)
        #expect(report.logGaps.count == 1)
        #expect(report.after?.findings == [], "\(report)")
        let seen = try await VerificationWorld.open(disk)
        try expectPrefixOrSame(seen, world)
        #expect(try VerificationWorld.repair(disk).actions == [])
        // The log goes on with numbers that were never used, and takes writes.
        let database = try VectorDatabase.open(VerificationWorld.configuration(5), fileSystem: disk)
        let owls = try #require(world.collections["owls"])
        try await database.write(VerificationWorld.batch(900..<910, dimension: 8), as: .add, to: owls)
        try await database.close()
        #expect(try await VerificationWorld.open(disk)["owls"]?.count == (seen["owls"]?.count ?? 0) + 10)
        #expect(try VerificationWorld.verify(disk).findings == [])
    }

    /// Every single record that is not damaged is applied, wherever the damage is.
    @Test func everyRecordOfTheLogCanBeTheDamagedOne() async throws {
        let world = try await VerificationWorld.make()
        for path in world.logFiles {
            let used = world.disk.contents(path).lastIndex { $0 != 0 } ?? 0
            for part in 0..<8 {
                let disk = world.disk.copy()
                disk.flipBit(path, at: (used * part / 7) * 8 + 1)
                let report = try VerificationWorld.repair(disk)
                #expect((report.after ?? report.before).isSound, "\(path) part \(part): \(report)")
                try expectPrefixOrSame(try await VerificationWorld.open(disk), world)
            }
        }
    }

    @Test func aMissingLogLosesWhatWasOnlyThere() async throws {
        let world = try await VerificationWorld.make()
        let disk = world.disk.copy()
        for path in world.logFiles { try disk.remove(path) }
        let report = try VerificationWorld.repair(disk)
        #expect(report.after?.findings == [], "\(report)")
        let seen = try await VerificationWorld.open(disk)
        #expect(seen["finches"] == world.seen["finches"])
        #expect(seen["owls"] == [:])
    }

    /// Records that were not in a damaged frame have the value that some change gave them, and flushed ones are there.
    private func expectPrefixOrSame(_ seen: SeenDatabase, _ world: VerificationWorld) throws {
        for name in ["finches", "wrens"] {
            for (identifier, record) in world.seen[name] ?? [:] { #expect(seen[name]?[identifier] == record, "\(identifier) of \(name)") }
        }
    }

    // MARK: Killed, dry and full

    @Test func aDryRunChangesNothing() async throws {
        let world = try await VerificationWorld.make()
        for path in world.files {
            let disk = world.disk.copy()
            disk.flipBit(path, at: disk.contents(path).count / 3 * 8)
            let before = disk.image
            let report = try VerificationWorld.repair(disk) { $0.isDryRun = true }
            #expect(disk.image == before)
            #expect(report.isDryRun)
            if !report.before.isSound { #expect(!report.actions.isEmpty, "\(path)") }
            #expect(report.quarantine == nil)
        }
    }

    @Test(arguments: Damage.allCases) func killedAtAnyPointItCanBeRunAgain(damage: Damage) async throws {
        let world = try await VerificationWorld.make()
        let damaged = world.disk.copy()
        try damage.strike(damaged, world)
        let whole = damaged.copy()
        let start = whole.changes
        let report = try VerificationWorld.repair(whole)
        #expect(report.after?.findings == [], "\(report)")
        let changes = whole.changes - start
        let expected = try await VerificationWorld.open(whole)
        for step in stride(from: 0, to: changes, by: max(1, changes / 10)) {
            let disk = damaged.copy()
            disk.configure { $0.changesLeft = step }
            #expect(throws: RepairFailure.self) { try VerificationWorld.repair(disk) }
            let after = step.isMultiple(of: 2) ? disk.afterPowerLoss() : disk.afterProcessDeath()
            let again = try VerificationWorld.repair(after)
            #expect((again.after ?? again.before).findings == [], "\(damage), killed at change \(step): \(again)")
            #expect(try await VerificationWorld.open(after) == expected, "\(damage), killed at change \(step)")
        }
    }

    /// What is done to a disk before it is repaired.
    enum Damage: CaseIterable {
        case segment, manifest, swappedSegments, catalogs, log, everything

        func strike(_ disk: SimulatedFileSystem, _ world: VerificationWorld) throws {
            switch self {
            case .segment: disk.flipBit(world.segments("finches")[0], at: 20_000 * 8)
            case .manifest: try disk.remove(world.manifest("wrens"))
            case .swappedSegments: disk.swap(world.segments("finches")[0], world.segments("wrens")[0])
            case .catalogs: for path in disk.paths where path.contains("/CATALOG") { disk.flipBit(path, at: 100 * 8) }
            case .log:
                let path = world.logFiles[world.logFiles.count - 1]
                disk.flipBit(path, at: (disk.contents(path).lastIndex { $0 != 0 } ?? 0) / 2 * 8)
            case .everything:
                for damage in [Damage.segment, .manifest, .catalogs, .log] { try damage.strike(disk, world) }
            }
            // Damage is older than the repair: what it did to names is certain.
            for directory in [VerificationWorld.directory, world.collectionPath("wrens")] { try disk.syncDirectory(directory) }
        }
    }

    @Test func itWorksOnARealDisk() async throws {
        let directory = try TemporaryDirectory()
        let database = try directory.open()
        let made = try await database.createCollection(CollectionCreation(name: "real"), tenant: Catalogs.tenant, database: Catalogs.database)
        try await database.write(VerificationWorld.batch(0..<200, dimension: 16), as: .add, to: made.collection.identifier)
        try await database.flush()
        try await database.write(VerificationWorld.batch(200..<210, dimension: 16), as: .add, to: made.collection.identifier)
        try await database.close()
        let manifest = directory.path + "/collections/\(made.collection.identifier)/MANIFEST"
        let file = try POSIXFileSystem().open(manifest, .readWrite)
        try file.writeZeros(4, at: 90)
        try file.close()
        let report = try DatabaseRepair(directory: directory.path).run()
        #expect(report.before.findings.contains { $0.file == manifest })
        #expect(report.after?.findings == [], "\(report)")
        #expect(report.quarantine != nil)
        let opened = try directory.open()
        #expect(try opened.count(of: made.collection.identifier) == 210)
        #expect(opened.storageReport.isHealthy)
        try await opened.close()
    }
}
