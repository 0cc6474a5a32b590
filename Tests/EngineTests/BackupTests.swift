import Durability
import Engine
import FileIO
import Testing
import TestSupport
import VectorModel

/// Backups of a database in use, restored and compared.
@Suite struct BackupTests {
    private let disk = SimulatedFileSystem(seed: 1)

    private func restore(
        _ source: String, to target: String = "restored", on disk: any FileSystem, options: RestoreOptions = RestoreOptions()
    ) throws -> RestoreReport {
        try Backup.restore(from: source, to: target, options: options, fileSystem: disk, logIdentifier: 7)
    }

    @Test(arguments: Seeds.some(12)) func aBackupHasExactlyWhatTheDatabaseHad(seed: UInt64) async throws {
        let disk: any FileSystem = seed % 3 == 0 ? LinklessFileSystem(base: SimulatedFileSystem(seed: seed)) : SimulatedFileSystem(seed: seed)
        var life = SteppedLife(seed: seed)
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        var expected: [String: [String]] = [:]
        for number in 1...4 {
            try await life.work(Int.random(in: 0...60, using: &life.random), on: database)
            let path = "backups/\(number)"
            var options = BackupOptions()
            options.mayShareFiles = life.random.chance(0.5)
            options.base = number > 1 && life.random.chance(0.5) ? "backups/\(number - 1)" : nil
            let isArchive = options.base == nil && number > 2
            expected[path] = try await contents(of: database)
            let report = try await database.backup(to: isArchive ? .archive(path) : .directory(path), options: options)
            #expect(report.damagedCollections.isEmpty && report.sequence == database.logStatus?.lastDurable)
            // An archive is no base.
            if isArchive { break }
        }
        try await life.work(60, on: database)
        let final = try await contents(of: database)
        for (path, lines) in expected {
            let check = try Backup.verify(path, fileSystem: disk)
            #expect(check.findings.isEmpty && check.knownDamage.isEmpty, "\(Seeds.replay(seed))")
            let target = "restored/" + path
            let report = try restore(path, to: target, on: disk)
            #expect(try await contents(ofDirectory: target, disk) == lines, "\(path), \(Seeds.replay(seed))")
            #expect(report.sequence == check.report.sequence && report.findings.isEmpty)
            if try disk.status(path)?.isDirectory == true { #expect(try await contents(ofDirectory: path, disk) == lines) }
        }
        #expect(try await contents(of: database) == final)
        try await database.close()
    }

    @Test func aRestoredDatabaseGoesOn() async throws {
        var life = SteppedLife(seed: 3)
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        try await life.work(50, on: database)
        _ = try await database.backup(to: .archive("backup.tar"))
        try await database.close()
        _ = try restore("backup.tar", on: disk)
        var configuration = SteppedLife.configuration()
        configuration.dataDirectory = "restored"
        configuration.makeIdentifier = CollectionIdentifier.random
        var lines: [String]?
        for _ in 0..<3 {
            let restored = try VectorDatabase.open(configuration, fileSystem: disk)
            if let lines { #expect(try await contents(of: restored) == lines) }
            var more = SteppedLife(seed: 4)
            for collection in restored.collections(tenant: "default_tenant", database: "default_database") {
                try await restored.drop(collection.name)
            }
            try await more.work(80, on: restored)
            #expect(restored.storageReport.isHealthy)
            lines = try await contents(of: restored)
            try await restored.close()
        }
    }

    @Test func whatTheEarlierBackupHasIsShared() async throws {
        let linkless = LinklessFileSystem(base: disk)
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        let one = try await database.makeCollection("one")
        let two = try await database.makeCollection("two")
        try await database.put(Array(0..<40), in: one)
        try await database.put(Array(0..<40), in: two)
        try await database.flush()
        var options = BackupOptions()
        options.mayShareFiles = false
        let first = try await database.backup(to: .directory("first"), options: options)
        #expect(first.newBytes == first.bytes && first.bytesSharedWithBase == 0)
        try await database.put([1], in: two)
        try await database.flush()
        options.base = "first"
        let second = try await database.backup(to: .directory("second"), options: options)
        #expect(second.bytesSharedWithBase > 0 && second.newBytes == second.bytes - second.bytesSharedWithBase)
        #expect(try Backup.describe("second", fileSystem: disk).base == first.sequence)
        // Each stands for itself.
        try disk.removeAll("first")
        let lines = try await contents(of: database)
        #expect(try Backup.verify("second", fileSystem: disk).findings.isEmpty)
        #expect(try await contents(ofDirectory: "second", disk) == lines)
        // A base that cannot give what it has costs space, and nothing else.
        let path = try #require(disk.paths.first { $0.hasPrefix("second/") && $0.hasSuffix(".segment") })
        disk.replaceContents(path, with: Array(disk.contents(path).dropLast(8)))
        options.base = "second"
        let third = try await database.backup(to: .directory("third"), options: options)
        #expect(third.bytesSharedWithBase < second.bytesSharedWithBase && third.damagedCollections.isEmpty)
        #expect(try Backup.verify("third", fileSystem: linkless).findings.isEmpty)
        try await database.close()
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        _ = try await database.makeCollection("one")
        func refuses(_ destination: BackupDestination, base: String? = nil) async -> Bool {
            var options = BackupOptions()
            options.base = base
            do throws(BackupError) {
                _ = try await database.backup(to: destination, options: options)
                return false
            } catch {
                return true
            }
        }
        #expect(await refuses(.directory("data")))
        #expect(await refuses(.directory("data/collections/backup")))
        #expect(await refuses(.archive("")))
        #expect(await refuses(.directory("backup"), base: "nowhere"))
        #expect(try disk.status("backup") == nil)
        _ = try await database.backup(to: .directory("backup/"))
        #expect(await refuses(.directory("backup")))
        #expect(await refuses(.archive("backup")))
        #expect(await refuses(.archive("other"), base: "backup"))
        try await database.close()
        #expect(throws: BackupError.self) { try restore("data", on: disk) }
        #expect(throws: BackupError.self) { try restore("nowhere", on: disk) }
        #expect(throws: BackupError.self) { try restore("backup", to: "backup/below", on: disk) }
        #expect(throws: BackupError.self) { try restore("backup", to: "data", on: disk) }
        #expect(try disk.list("backup").contains("BACKUP") && disk.status("restored") == nil)
    }

    @Test func aBackupCanBeCancelled() async throws {
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        try await database.put(Array(0..<40), in: try await database.makeCollection("one"))
        try await database.flush()
        for destination in [BackupDestination.directory("backup"), .archive("backup.tar")] {
            var calls = 0
            var wasCancelled = true
            while wasCancelled {
                let limit = calls
                let counter = Ticks()
                do throws(BackupError) {
                    _ = try await database.backup(to: destination) { _ in counter.next().milliseconds - 1_000_000 <= limit }
                    wasCancelled = false
                } catch {
                    guard case .cancelled = error else { throw error }
                    let left = disk.paths.filter { $0.hasPrefix("backup") && (destination != .archive("backup.tar") || !$0.hasPrefix("backup/")) }
                    #expect(left.isEmpty)
                }
                calls += 1
            }
            #expect(calls > 3)
        }
        #expect(try Backup.verify("backup", fileSystem: disk).findings.isEmpty)
        #expect(try Backup.verify("backup.tar", fileSystem: disk).findings.isEmpty)
        try await database.close()
    }
}

extension SimulatedFileSystem {
    func removeAll(_ directory: String) throws {
        for name in try list(directory) {
            let path = directory + "/" + name
            if try status(path)?.isDirectory == true { try removeAll(path) } else { try remove(path) }
        }
        try removeDirectory(directory)
    }
}
