import Durability
import Engine
import FileIO
import Testing
import TestSupport
import VectorModel

/// Damage before a backup, and damage to a backup.
@Suite struct BackupDamageTests {
    private let disk = SimulatedFileSystem(seed: 1)

    /// Two collections in segments, the second also in the log.
    private func makeDatabase() async throws -> (database: VectorDatabase, one: CollectionIdentifier, two: CollectionIdentifier) {
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        let one = try await database.makeCollection("one")
        let two = try await database.makeCollection("two")
        for collection in [one, two] { try await database.put(Array(0..<30), in: collection) }
        try await database.flush()
        try await database.put([35], in: two)
        return (database, one, two)
    }

    private func reopened(_ database: VectorDatabase) async throws -> VectorDatabase {
        try await database.close()
        return try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
    }

    private func restore(acceptsDamage: Bool = false) throws -> RestoreReport {
        var options = RestoreOptions()
        options.acceptsDamage = acceptsDamage
        return try Backup.restore(from: "backup", to: "restored", options: options, fileSystem: disk, logIdentifier: 7)
    }

    private func openRestored() throws -> VectorDatabase {
        var configuration = SteppedLife.configuration()
        configuration.dataDirectory = "restored"
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    /// No flipped bit of a backup goes unnoticed, in whatever file.
    @Test(arguments: [BackupDestination.directory("backup"), .archive("backup")])
    func everyFlippedBitIsNoticed(destination: BackupDestination) async throws {
        let (database, _, _) = try await makeDatabase()
        _ = try await database.backup(to: destination)
        var flipped: Set<String> = []
        for _ in 0..<300 {
            let damaged = disk.afterProcessDeath()
            // Of a disk that is copied every time the same bit would be chosen.
            let (path, bit) = try #require(disk.flipRandomBit { $0.hasPrefix("backup") })
            disk.flipBit(path, at: bit)
            damaged.flipBit(path, at: bit)
            flipped.insert(path)
            do throws(BackupError) {
                let check = try Backup.verify("backup", fileSystem: damaged)
                #expect(!check.findings.isEmpty, "bit \(bit) of \(path)")
            } catch {
                #expect(!error.description.isEmpty)
            }
            #expect(throws: BackupError.self, "bit \(bit) of \(path)") {
                try Backup.restore(from: "backup", to: "restored", options: RestoreOptions(), fileSystem: damaged, logIdentifier: 7)
            }
        }
        #expect(destination == .archive("backup") || flipped.count > 6)
        #expect(try Backup.verify("backup", fileSystem: disk).findings.isEmpty)
    }

    /// No file of a backup can be missing, short, or another's.
    @Test func everyMissingFileIsNoticed() async throws {
        let (database, _, _) = try await makeDatabase()
        _ = try await database.backup(to: .directory("backup"))
        for path in disk.paths where path.hasPrefix("backup/") {
            let missing = disk.afterProcessDeath()
            try missing.remove(path)
            let short = disk.afterProcessDeath()
            short.replaceContents(path, with: Array(disk.contents(path).dropLast()))
            for damaged in [missing, short] {
                do throws(BackupError) {
                    let check = try Backup.verify("backup", fileSystem: damaged)
                    #expect(check.findings.contains { path == "backup/" + ($0.file ?? "") }, "\(path)")
                } catch {
                    #expect(path == "backup/BACKUP")
                }
            }
        }
    }

    /// What is whole of a damaged backup can be had; the rest is named.
    @Test func damageCanBeAccepted() async throws {
        let (database, one, two) = try await makeDatabase()
        _ = try await database.backup(to: .directory("backup"))
        let path = try #require(disk.paths.first { $0.hasPrefix("backup/collections/\(one)") && $0.hasSuffix(".segment") })
        try disk.remove(path)
        #expect(throws: BackupError.self) { try restore() }
        let report = try restore(acceptsDamage: true)
        #expect(report.findings.contains { $0.file.map { path.hasSuffix($0) } ?? false } && report.collections == 2)
        let restored = try openRestored()
        #expect(restored.storageReport.damagedCollections.map(\.collection) == [one])
        #expect(try await restored.get(GetRequest(), from: two).records.count == 31)
        await #expect(throws: RequestError.self) { try await restored.get(GetRequest(), from: one) }
    }

    /// A collection whose damage was known is backed up as far as it goes, and no longer in the way.
    @Test(arguments: ["MANIFEST", ".segment"], [BackupDestination.directory("backup"), .archive("backup")])
    func aDamagedCollectionDoesNotStopABackup(suffix: String, destination: BackupDestination) async throws {
        var (database, one, two) = try await makeDatabase()
        let path = try #require(disk.paths.first { $0.hasPrefix("data/collections/\(one)") && $0.hasSuffix(suffix) })
        disk.flipBit(path, at: 8 * 20)
        database = try await reopened(database)
        #expect(database.storageReport.damagedCollections.map(\.collection) == [one])
        let report = try await database.backup(to: destination)
        #expect(Set(report.damagedCollections.map(\.collection)) == [one])
        let check = try Backup.verify("backup", fileSystem: disk)
        #expect(check.findings.isEmpty && !check.knownDamage.isEmpty)
        _ = try restore()
        let restored = try openRestored()
        #expect(restored.storageReport.damagedCollections.map(\.collection) == [one])
        #expect(try await restored.get(GetRequest(), from: two).records.count == 31)
        // All that there was is there, for repair.
        let files = disk.paths.filter { $0.hasPrefix("data/collections/\(one)/") }
        for file in files { #expect(disk.contents(file) == disk.contents("restored" + file.dropFirst(4)), "\(file)") }
    }

    /// A collection that lost its manifest does not become an empty one, however often the database is opened.
    @Test func aMissingManifestIsNotForgotten() async throws {
        var (database, one, _) = try await makeDatabase()
        // Until the catalog knows of the manifest, nobody can tell that it is missing.
        database = try await reopened(database)
        try disk.remove("data/collections/\(one)/MANIFEST")
        for _ in 0..<3 {
            database = try await reopened(database)
            #expect(database.storageReport.damagedCollections.map(\.collection) == [one])
        }
    }
}
