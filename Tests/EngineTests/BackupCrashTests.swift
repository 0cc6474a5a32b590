import Durability
import Engine
import FileIO
import Testing
import TestSupport
import VectorModel

/// The machine stops at every change that a backup or a restoration makes to the disk.
@Suite struct BackupCrashTests {
    /// A disk on which a database was in use, and what was in it.
    private func usedDisk(seed: UInt64, backup: BackupDestination? = nil) async throws -> (disk: SimulatedFileSystem, lines: [String]) {
        let disk = SimulatedFileSystem(seed: seed)
        let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: disk)
        var life = SteppedLife(seed: seed)
        try await life.work(40, on: database)
        if let backup { _ = try await database.backup(to: backup) }
        return (disk, try await contents(of: database))
    }

    private func check(_ lines: [String], in directory: String, _ disk: SimulatedFileSystem) async throws {
        #expect(try await contents(ofDirectory: directory, disk) == lines)
    }

    /// A backup is whole, or cannot be taken for one; the database is as it was. Its second attempt succeeds.
    @Test(arguments: [BackupDestination.directory("backup"), .archive("backup")], Seeds.some(2))
    func aBackupThatIsCutShort(destination: BackupDestination, seed: UInt64) async throws {
        let (used, lines) = try await usedDisk(seed: seed)
        var changes = 0
        var isOver = false
        while !isOver {
            let machine = used.afterProcessDeath()
            let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: machine)
            machine.configure { $0.changesLeft = changes }
            let outcome = await attempt { () throws(BackupError) in _ = try await database.backup(to: destination) }
            isOver = outcome == nil
            for disk in [machine.afterPowerLoss(), machine.afterProcessDeath()] {
                try await check(lines, in: "data", disk)
                let isBackup = await attempt { () throws(BackupError) in _ = try Backup.describe("backup", fileSystem: disk) } == nil
                #expect(isBackup || !isOver, "after \(changes) changes")
                if isBackup {
                    #expect(try Backup.verify("backup", fileSystem: disk).findings.isEmpty, "after \(changes) changes")
                    try await check(lines, in: try restored(from: "backup", disk), disk)
                } else {
                    #expect(throws: BackupError.self) { try restored(from: "backup", disk) }
                    #expect(try disk.status("restored") == nil)
                }
            }
            changes += 1
        }
        #expect(changes > 20)
    }

    /// What is left of a restoration is whole, or is not there under its name; the next one succeeds.
    @Test(arguments: [BackupDestination.directory("backup"), .archive("backup")], Seeds.some(2))
    func aRestorationThatIsCutShort(destination: BackupDestination, seed: UInt64) async throws {
        let (used, lines) = try await usedDisk(seed: seed, backup: destination)
        var changes = 0
        var isOver = false
        while !isOver {
            let machine = used.afterProcessDeath()
            machine.configure { $0.changesLeft = changes }
            let outcome = await attempt { () throws(BackupError) in _ = try restored(from: "backup", machine) }
            isOver = outcome == nil
            for disk in [machine.afterPowerLoss(), machine.afterProcessDeath()] {
                #expect(try Backup.verify("backup", fileSystem: disk).findings.isEmpty)
                let isThere = try disk.status("restored") != nil
                #expect(isThere || !isOver, "after \(changes) changes")
                let directory = isThere ? "restored" : try restored(from: "backup", disk)
                try await check(lines, in: directory, disk)
                #expect(try disk.list(".").allSatisfy { !$0.hasSuffix(".restoring") || isThere })
            }
            changes += 1
        }
        #expect(changes > 20)
    }

    /// As above, for a restoration that goes past the end of the backup and writes what it finds to segments in between.
    @Test func aRestorationInPiecesThatIsCutShort() async throws {
        let used = SimulatedFileSystem(seed: 4)
        let database = try VectorDatabase.open(SteppedLife.configuration(archive: "archive"), fileSystem: used)
        var life = SteppedLife(seed: 4)
        try await life.work(20, on: database)
        _ = try await database.backup(to: .directory("backup"))
        try await life.work(60, on: database)
        let lines = try await contents(of: database)
        var options = RestoreOptions()
        options.logDirectories = ["archive", "data/log"]
        func restore(on disk: SimulatedFileSystem) throws(BackupError) {
            _ = try Backup.restore(
                from: "backup", to: "restored", options: options, fileSystem: disk, logIdentifier: 7, logBytesAtOnce: 3_000)
        }
        var changes = 0
        var isOver = false
        while !isOver {
            let machine = used.afterProcessDeath()
            machine.configure { $0.changesLeft = changes }
            isOver = await attempt { () throws(BackupError) in try restore(on: machine) } == nil
            let disk = machine.afterPowerLoss()
            let isThere = try disk.status("restored") != nil
            #expect(isThere || !isOver, "after \(changes) changes")
            if !isThere { try restore(on: disk) }
            try await check(lines, in: "restored", disk)
            changes += isOver ? 0 : 7
        }
        #expect(changes > 100)
    }

    /// A call that fails makes the backup fail and nothing else; the next attempt succeeds.
    @Test(arguments: [BackupDestination.directory("backup"), .archive("backup")])
    func aDiskThatRefuses(destination: BackupDestination) async throws {
        let operations: [FileError.Operation] = [.create, .write, .sync, .rename, .link, .createDirectory, .syncDirectory, .open, .read, .map]
        let (used, lines) = try await usedDisk(seed: 5)
        for (operation, kind) in operations.flatMap({ operation in SimulatedFault.Kind.allCases.map { (operation, $0) } }) {
            for callsBefore in 0..<20 {
                let machine = used.afterProcessDeath()
                let database = try VectorDatabase.open(SteppedLife.configuration(), fileSystem: machine)
                machine.configure { $0.faults = [SimulatedFault(operation, kind, after: callsBefore)] }
                _ = await attempt { () throws(BackupError) in _ = try await database.backup(to: destination) }
                let isStillArmed = machine.configure { state in
                    defer { state.faults = [] }
                    return !state.faults.isEmpty
                }
                let isBackup = await attempt { () throws(BackupError) in _ = try Backup.describe("backup", fileSystem: machine) } == nil
                if !isBackup { _ = try await database.backup(to: destination) }
                #expect(try Backup.verify("backup", fileSystem: machine).findings.isEmpty, "\(operation) \(kind) \(callsBefore)")
                // What could not be read is missing in the backup, which says so.
                let isWhole = try Backup.describe("backup", fileSystem: machine).report.damagedCollections.isEmpty
                #expect(isWhole || [.open, .read].contains(operation))
                let directory = try restored(from: "backup", machine)
                if isWhole { try await check(lines, in: directory, machine) }
                #expect(try await contents(of: database) == lines)
                if isStillArmed { break }
            }
        }
    }

    private func restored(from source: String, _ disk: SimulatedFileSystem) throws(BackupError) -> String {
        _ = try Backup.restore(from: source, to: "restored", options: RestoreOptions(), fileSystem: disk, logIdentifier: 7)
        return "restored"
    }

    /// The error, or `nil`.
    private func attempt(_ body: () async throws(BackupError) -> Void) async -> BackupError? {
        do throws(BackupError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
