public import ByteCoding
public import FileIO
public import VectorModel

/// The write-ahead log of one data directory, on this machine's disk: a `CommitLog` of preallocated files.
///
/// Invariants:
/// 1. A number that `waitUntilDurable` confirmed is found by every later `open`, with its payload and in its place, until `trim` gave it up;
///    after the death of the machine that holds only in the mode `sync` and up to `lastSynced`.
/// 2. `open` replays records in the order of their numbers, none twice, none that was not appended, none whose predecessor is missing.
/// 3. Damage to confirmed records is reported and never repaired silently. Only the last group of an unclean end, or what no sync has covered,
///    which no later frame vouches for, cannot be told from a torn write and is cut off.
///
/// Cost: `append` copies nothing and takes a lock for less than a microsecond. One thread of the log's own writes everything that waits with
/// one gathered write and one `fdatasync`, so a lone writer waits for one sync and many writers share one. Group commit as in
/// D. J. DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984, doi:10.1145/602259.602261; without its
/// timer: a group is what arrived while the one before was being written.
///
/// One process at a time may have a directory open: hold a `DataDirectoryLock`.
public final class WriteAheadLog: CommitLog {
    /// What opening found.
    public let recovery: LogRecoveryReport

    private let committer: LogCommitter
    private let execution: LogExecution
    private let files: Files

    /// What keeps house needs.
    private struct Files {
        let source: LogDirectory
        let inventory: LogInventory
        let housekeeping: LogHousekeeping
    }

    /// Opens the log in `directory`, which is created if need be in a parent that exists, and calls `replay` for every record after `after`.
    ///
    /// Blocks while it reads; records are read from mappings, and one decompressed record at a time is held in memory. The records that
    /// were replayed are durable when it returns. When it throws, what was replayed must be forgotten, and nothing acknowledged was changed.
    ///
    /// - Parameters:
    ///   - after: the last number that is safe elsewhere, durably. Records up to it are not replayed; files without later ones need not exist,
    ///     and leave the log if they do.
    ///   - replay: throws `Corruption` for a payload that does not decode (`LogRecord.corruption` makes one); opening then fails with it.
    public static func open(
        directory: String, fileSystem: any FileSystem, options: LogOptions = LogOptions(), after: SequenceNumber = .zero,
        replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> WriteAheadLog {
        try open(directory: directory, fileSystem: fileSystem, options: options, after: after, execution: .threads, replay: replay)
    }

    /// As above, with a choice of who does the work.
    package static func open(
        directory: String, fileSystem: any FileSystem, options: LogOptions, after: SequenceNumber = .zero, execution: LogExecution,
        replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> WriteAheadLog {
        precondition(options.archiveDirectory != directory, "an archive in the log's own directory would keep nothing")
        let found = try LogRecovery(directory: directory, fileSystem: fileSystem, options: options).run(after: after, replay: replay)
        let inventory = LogInventory(complete: found.complete, current: found.current, recycled: found.recycled, recycledFileBytes: options.fileBytes)
        let housekeeping = LogHousekeeping(directory: directory, fileSystem: fileSystem, options: options, inventory: inventory)
        do throws(FileError) {
            try housekeeping.trim(through: after)
        } catch {
            throw .file(error)
        }
        let preparer = LogFilePreparer(
            directory: directory, fileSystem: fileSystem, bytes: options.fileBytes, execution: execution, inventory: inventory,
            housekeeping: housekeeping)
        let writer = LogWriter(
            directory: directory, fileSystem: fileSystem, options: options, found: found, inventory: inventory, preparer: preparer)
        let commit = LogCommitter.Commit(lastDurable: found.report.last, pendingBytesMax: options.pendingBytesMax)
        let files = Files(
            source: LogDirectory(directories: [directory], fileSystem: fileSystem), inventory: inventory, housekeeping: housekeeping)
        return WriteAheadLog(
            recovery: found.report, committer: LogCommitter(commit, writer: writer, durability: options.durability), execution: execution,
            files: files)
    }

    private init(recovery: LogRecoveryReport, committer: LogCommitter, execution: LogExecution, files: Files) {
        self.recovery = recovery
        self.committer = committer
        self.execution = execution
        self.files = files
        switch execution {
        case .threads: startThread { committer.run() }
        case .stepped: break
        }
    }

    /// Without `close()`: what was appended is still written, but no seal, as after a crash.
    deinit {
        if committer.monitor.withLock({ $0.close(seal: false, nil).wakesThread }) { committer.monitor.signal() }
    }

    public func append(_ payload: LogPayload) throws(LogError) -> SequenceNumber {
        guard payload.count <= LogFormat.payloadBytesMax else {
            throw .recordTooLarge(bytes: payload.count, limit: LogFormat.payloadBytesMax)
        }
        let bytes = LogFormat.frameBytes(storedBytes: payload.stored.count)
        let (sequence, wakesThread) = try committer.monitor.withLock { (commit: inout LogCommitter.Commit) throws(LogError) in
            try commit.append(payload, bytes: bytes)
        }
        if wakesThread { committer.monitor.signal() }
        return sequence
    }

    /// In stepped execution the caller does what the log's thread would.
    public func waitUntilDurable(_ number: SequenceNumber) async throws(LogError) {
        step()
        let outcome = await withCheckedContinuation { continuation in
            if let known = committer.monitor.withLock({ $0.wait(for: number, .task(continuation)) }) {
                continuation.resume(returning: known)
            }
        }
        try outcome.get()
    }

    /// In stepped execution the caller does what the log's thread would.
    public func waitUntilDurableBlocking(_ number: SequenceNumber) throws(LogError) {
        step()
        let thread = BlockedThread()
        let known = committer.monitor.withLock { $0.wait(for: number, .thread(thread)) }
        try (known ?? thread.wait()).get()
    }

    /// In stepped execution the caller does what the log's thread would.
    public func waitUntilSyncedBlocking(_ number: SequenceNumber) throws(LogError) {
        let thread = BlockedThread()
        let (known, wakesThread) = committer.monitor.withLock { $0.waitForSync(of: number, .thread(thread)) }
        if wakesThread { committer.monitor.signal() }
        step()
        try (known ?? thread.wait()).get()
    }

    public var lastDurable: SequenceNumber {
        committer.monitor.withLock { $0.lastDurable }
    }

    public var lastSynced: SequenceNumber {
        committer.monitor.withLock { $0.lastSynced }
    }

    // MARK: Keeping house

    /// Removes the files whose records are all ≤ `floor`, or keeps them to be used again. With an archive, a file leaves only when it is there.
    ///
    /// Never removes the last file, nor anything that is not synced. Does nothing once the log is closed.
    public func trim(through floor: SequenceNumber) throws(FileError) {
        try files.housekeeping.trim(through: min(floor, lastSynced))
    }

    /// The log's files and how far it is. Cheap: copies a few words for each file.
    public var status: LogStatus {
        let (durable, synced) = committer.monitor.withLock { ($0.lastDurable, $0.lastSynced) }
        return files.inventory.withLock { state in
            let all = state.complete + (state.current.map { [$0] } ?? [])
            return LogStatus(
                files: all.map {
                    LogStatus.File(first: $0.first, last: $0.last, fileBytes: $0.fileBytes, usedBytes: $0.usedBytes, isArchived: $0.isArchived)
                },
                recycledFiles: state.recycled.count, bytes: all.reduce(state.recycledBytes) { $0 + $1.fileBytes }, lastDurable: durable,
                lastSynced: synced, archiveFailure: state.archiveFailure)
        }
    }

    /// Writes copies of the log's files, which hold the records after `floor` up to `last` and, of the first file, some before, into a
    /// directory that exists and has no log files. Opening it after `floor` gives exactly these records.
    ///
    /// Blocks; meanwhile appends go on and trims wait. If it throws, what is in the directory means nothing. The records are synced there, the
    /// directory's own name is not.
    /// - Parameter last: at most `lastDurable`.
    public func copy(to directory: String, after floor: SequenceNumber, through last: SequenceNumber) throws(LogCopyError) -> LogCopyReport {
        precondition(last <= lastDurable, "copying records that are not written")
        let written = files.inventory.withLock { $0.current?.last } ?? .zero
        let copy = LogCopy(source: files.source, fileSystem: files.source.fileSystem, target: directory)
        let report = try files.housekeeping.keepingFiles { () throws(LogCopyError) in
            try copy.run(after: floor, through: last, written: written)
        }
        guard let report else { throw .closed }
        return report
    }

    /// Makes everything appended durable, seals the last file, so that later damage to its end will be noticed, and releases the files.
    ///
    /// Throws what made the log fail, if it has. Closing again gives the same answer. In stepped execution the caller does what the log's
    /// thread would.
    public func close() async throws(LogError) {
        let outcome = await withCheckedContinuation { continuation in
            let (known, wakesThread) = committer.monitor.withLock { $0.close(seal: true, .task(continuation)) }
            if wakesThread { committer.monitor.signal() }
            if let known { continuation.resume(returning: known) }
            step()
        }
        try outcome.get()
    }

    // MARK: Stepped execution

    private func step() {
        switch execution {
        case .stepped: commitPending()
        case .threads: break
        }
    }

    /// In stepped execution: what the log's thread does when the interval between syncs has passed.
    package func syncPending() {
        committer.monitor.withLock { $0.wantSync() }
        committer.runUntilIdle()
    }

    /// In stepped execution: does on this thread what the log's thread would do, until nothing is pending.
    package func commitPending() {
        committer.runUntilIdle()
    }

    /// In stepped execution: what `waitUntilDurable` would tell now, or nil while it would wait.
    package func outcome(of number: SequenceNumber) -> Result<Void, LogError>? {
        committer.monitor.withLock { $0.outcome(of: number) }
    }

    /// In stepped execution: `close()`, on this thread.
    package func closeStepped() throws(LogError) {
        _ = committer.monitor.withLock { $0.close(seal: true, nil) }
        committer.runUntilIdle()
        try committer.monitor.withLock { $0.close(seal: true, nil).outcome }?.get()
    }
}
