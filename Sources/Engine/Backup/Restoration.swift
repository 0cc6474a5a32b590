import ByteCoding
import Durability
import FileIO
import VectorModel

/// Makes a data directory of a backup, and of the archived log if a later moment is wanted.
///
/// Everything is written under a temporary name, the catalog last, and gets its own name when it has been opened once: what is left of a
/// restoration that was killed is not taken for the data directory, and the next one removes it.
struct Restoration {
    let reader: BackupReader
    let target: String
    let options: RestoreOptions
    let meter: BackupMeter
    /// Names the restored log, which is no continuation of the old one.
    let logIdentifier: UInt64
    /// How much of the log is brought into memory at once.
    let logBytesAtOnce: Int

    var fileSystem: any FileSystem { reader.fileSystem }
    var temporary: String { target + ".restoring" }

    func run() throws(BackupError) -> RestoreReport {
        guard target != reader.directory, !target.hasPrefix(reader.directory + "/") else {
            throw .invalid("\(target) lies in the backup; choose another place")
        }
        try checkFree(target, fileSystem)
        let check = try reader.check(meter)
        guard check.findings.isEmpty || options.acceptsDamage else { throw .findings(check.findings) }
        var report = RestoreReport()
        report.findings = check.findings + check.knownDamage
        try removeTemporary()
        do throws(BackupError) {
            try backupCall { () throws(FileError) in
                try fileSystem.createDirectoriesDurably(parentDirectory(of: target))
                try fileSystem.createDirectory(temporary)
            }
            try write(&report)
        } catch {
            // The first error tells the cause; the next attempt removes what is left.
            try? removeTemporary()
            throw error
        }
        do throws(FileError) {
            try fileSystem.rename(temporary, to: target)
            try fileSystem.syncDirectory(parentDirectory(of: target))
        } catch {
            // If it has not got its name.
            try? removeTemporary()
            throw .undecided(error)
        }
        return report
    }

    private func removeTemporary() throws(BackupError) {
        try backupCall { () throws(FileError) in
            if try fileSystem.status(temporary) != nil { try fileSystem.removeTree(temporary) }
        }
    }

    private func write(_ report: inout RestoreReport) throws(BackupError) {
        let checkpoint = try readCheckpoint()
        let log = RestoredLog(restoration: self)
        let plan = try log.plan(after: checkpoint.logFloor)
        try log.write(after: checkpoint.logFloor, through: plan.stops[0])
        try writeCollections(&report)
        try write(checkpoint, logEnd: plan.stops[0])
        try log.goOn(through: plan.stops)
        report.sequence = plan.end.last
        report.time = plan.end.lastTimestamp
        do throws(OpeningFailure) {
            let opened = try BackupReader.open(temporary, fileSystem)
            guard opened.recovery.last == plan.end.last else {
                throw .log(.corruption(Corruption(
                    file: temporary, offset: 0, what: "restored log", expected: "records up to \(plan.end.last)",
                    found: "records up to \(opened.recovery.last)")))
            }
            report.collections = opened.catalog.entries.count
        } catch {
            throw .opening(error)
        }
    }

    // MARK: Catalog

    private func readCheckpoint() throws(BackupError) -> CatalogCheckpoint {
        do throws(CheckedFileError) {
            let found = try CheckpointFile.open(reader.directory, fileSystem, createdWith: options.createdWith)
            guard let checkpoint = found.checkpoint else {
                throw CheckedFileError.file(.missing(.open, path: reader.directory + "/" + CheckpointFile.fileName))
            }
            return checkpoint
        } catch {
            throw .contents(error)
        }
    }

    private func write(_ checkpoint: CatalogCheckpoint, logEnd: SequenceNumber) throws(BackupError) {
        var checkpoint = checkpoint
        checkpoint.logEnd = logEnd
        do throws(CheckedFileError) {
            try CheckpointFile.open(temporary, fileSystem, createdWith: options.createdWith).file.write(checkpoint)
        } catch {
            throw .checkedFile(error)
        }
    }

    // MARK: Collections

    private func writeCollections(_ report: inout RestoreReport) throws(BackupError) {
        let transfer = FileTransfer(fileSystem: fileSystem, meter: meter)
        let root = "collections"
        let files = reader.contents.files.filter { $0.name.hasPrefix(root + "/") }
        try meter.begin(.copying, bytes: files.reduce(0) { $0 + $1.bytes })
        var directories = [temporary + "/" + root]
        try backupCall { () throws(FileError) in try fileSystem.createDirectory(temporary + "/" + root) }
        for file in files {
            let path = temporary + "/" + file.name
            let directory = parentDirectory(of: path)
            if !directories.contains(directory) {
                try backupCall { () throws(FileError) in try fileSystem.createDirectory(directory) }
                directories.append(directory)
            }
            do throws(FileTransfer.Failure) {
                let source = reader.directory + "/" + file.name
                _ = try transfer.place(source, at: path, bytes: file.bytes, mayShare: options.mayShareFiles)
                report.bytes += file.bytes
            } catch {
                // Known from checking; without consent it would not have come so far.
                guard case .source = error, options.acceptsDamage else { throw BackupError(error) }
            }
        }
        for directory in directories { try backupCall { () throws(FileError) in try fileSystem.syncDirectory(directory) } }
    }
}
