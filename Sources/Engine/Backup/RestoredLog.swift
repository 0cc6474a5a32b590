import Durability
import FileIO
import VectorModel

/// The log of a restored directory: how far it goes, and how it gets there when it is longer than memory should be large.
struct RestoredLog {
    struct Plan {
        /// What the last record is.
        let end: LogRecoveryReport
        /// Up to where the log is brought into segments before it goes on; the last one is its end.
        let stops: [SequenceNumber]
    }

    let restoration: Restoration

    private var fileSystem: any FileSystem { restoration.fileSystem }
    private var contents: BackupContents { restoration.reader.contents }
    private var target: String { restoration.temporary + "/log" }

    /// Complete log files come first: the backup's copy of the file that was in use then ends with the backup.
    private var sources: [String] { restoration.options.logDirectories.map(\.trimmingSlashes) + [restoration.reader.directory + "/log"] }

    // MARK: Planning

    /// How far the log goes that is to be restored.
    func plan(after floor: SequenceNumber) throws(BackupError) -> Plan {
        try restoration.meter.begin(.log, bytes: 0)
        let bound = restoration.options.through
        try check(bound, after: floor)
        var stops: [SequenceNumber] = []
        var (previous, bytes) = (contents.sequence, 0)
        let end = try read(after: floor, through: bound) { record in
            guard record.sequence > contents.sequence else { return }
            if bytes + record.payload.count > restoration.logBytesAtOnce {
                stops.append(previous)
                bytes = 0
            }
            bytes += record.payload.count
            previous = record.sequence
        }
        guard end.last >= contents.sequence else { throw .archiveEndsEarly(end.last, asked: contents.sequence) }
        if case .sequence(let asked) = bound, end.last < asked {
            // The number may be one that was given out and never used.
            let whole = try read(after: floor, through: .end)
            guard whole.last > asked else { throw .archiveEndsEarly(whole.last, asked: asked) }
        }
        return Plan(end: end, stops: stops + [end.last])
    }

    private func check(_ bound: LogBound, after floor: SequenceNumber) throws(BackupError) {
        let (isBefore, needsArchive) =
            switch bound {
            case .end: (false, false)
            case .sequence(let last): (last < contents.sequence, last > contents.sequence)
            case .time(let last): (last < (try read(after: floor, through: .sequence(contents.sequence)).lastTimestamp), last > contents.time)
            }
        guard !isBefore else { throw .boundBeforeBackup(contents.sequence, contents.time) }
        guard !needsArchive || !restoration.options.logDirectories.isEmpty else {
            throw .invalid("the backup was made before that: name the directories of archived log files too")
        }
    }

    private func read(
        after floor: SequenceNumber, through bound: LogBound, visit: (LogRecord) -> Void = { _ in }
    ) throws(BackupError) -> LogRecoveryReport {
        do throws(LogOpenError) {
            return try LogReplay.read(sources, fileSystem: fileSystem, after: floor, through: bound, replay: visit)
        } catch {
            throw .log(.source(error))
        }
    }

    // MARK: Writing

    /// Makes the restored directory's log of the records after `floor` up to `last`.
    func write(after floor: SequenceNumber, through last: SequenceNumber) throws(BackupError) {
        try backupCall { () throws(FileError) in try fileSystem.createDirectory(target) }
        do throws(LogCopyError) {
            _ = try LogReplay.copy(
                sources, to: target, fileSystem: fileSystem, after: floor, through: last, logIdentifier: restoration.logIdentifier)
        } catch {
            throw .log(error)
        }
        try backupCall { () throws(FileError) in try fileSystem.syncDirectory(restoration.temporary) }
    }

    /// Brings what the log has at each stop into segments, and replaces it by the log up to the next one.
    func goOn(through stops: [SequenceNumber]) throws(BackupError) {
        for next in stops.dropFirst() {
            let floor = try settle()
            try backupCall { () throws(FileError) in try fileSystem.removeTree(target) }
            try write(after: floor, through: next)
        }
    }

    /// Opens the restored directory on this thread, writes everything to segments, and closes it.
    /// - Returns: up to where nothing of the log is needed any more.
    private func settle() throws(BackupError) -> SequenceNumber {
        var configuration = VectorDatabase.Configuration(dataDirectory: restoration.temporary)
        configuration.execution = .stepped
        configuration.log.createdWith = restoration.options.createdWith
        let database: VectorDatabase
        do throws(OpeningFailure) {
            database = try VectorDatabase.open(configuration, fileSystem: fileSystem)
        } catch {
            throw .opening(error)
        }
        guard let maintenance = database.maintenance else { preconditionFailure("a database open for writing has maintenance") }
        do throws(MaintenanceError) {
            try maintenance.flushEverything()
            maintenance.step()
            let floor = maintenance.trimmer.safeFloor()
            try maintenance.trimmer.checkpoint(floor: floor)
            return floor
        } catch {
            throw .unreadable("the archived log cannot be brought into segments: \(error)")
        }
    }
}
