import Durability
import Engine
import FileIO
import TestSupport
import VectorModel

/// A backup that was finished, and what it must hold.
struct FinishedBackup {
    let path: String
    let destination: BackupDestination
    let world: World
}

extension DatabaseLife {
    /// Backs the database up among everything that is going on, and remembers what it was.
    func backUp(_ database: VectorDatabase) async throws {
        nextBackup += 1
        let path = "backups/\(nextBackup)"
        let base = backups.last { $0.destination == .directory($0.path) }
        var options = BackupOptions()
        options.base = chance(percent: 50) ? base?.path : nil
        options.mayShareFiles = chance(percent: 70)
        let destination: BackupDestination = options.base == nil && chance(percent: 40) ? .archive(path) : .directory(path)
        do throws(BackupError) {
            let report = try await database.backup(to: destination, options: options)
            learnOutcomes()
            guard report.damagedCollections.isEmpty else {
                if isFaulty { return }
                throw .invalid("has damaged collections: \(report.damagedCollections)")
            }
            backups.append(FinishedBackup(path: path, destination: destination, world: world(through: report.sequence.rawValue)))
        } catch {
            trace("  \(error)")
            guard isFaulty else { throw Violation("no backup: \(error)") }
        }
    }

    /// Restores the newest backup and compares it with what it must hold. Nothing may fail now.
    func checkNewestBackup() async throws {
        guard let backup = backups.last else { return }
        trace("\(backup.destination) is restored")
        let check = try Backup.verify(backup.path, fileSystem: disk)
        guard check.findings.isEmpty, check.knownDamage.isEmpty else { throw Violation("\(backup.path) is damaged: \(check)") }
        let target = backup.path + "-restored"
        // A loss of power brings back what was removed.
        if try disk.status(target) != nil { try disk.removeAll(target) }
        _ = try Backup.restore(from: backup.path, to: target, options: RestoreOptions(), fileSystem: disk, logIdentifier: 7)
        var configuration = VectorDatabase.Configuration(dataDirectory: target)
        configuration.isReadOnly = true
        configuration.execution = .stepped
        let restored = try VectorDatabase.open(configuration, fileSystem: disk)
        var comparison = Comparison(database: restored, world: backup.world, workload: workload)
        try await comparison.run()
        workload.random = comparison.workload.random
        try await restored.close()
        try disk.removeAll(target)
    }
}
