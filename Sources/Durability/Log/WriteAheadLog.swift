public import ByteCoding
public import FileIO
public import VectorModel

/// The write-ahead log of one data directory, on this machine's disk: a `CommitLog` of preallocated files.
///
/// Invariants:
/// 1. A number that `waitUntilDurable` confirmed is found by every later `open`, with its payload and in its place.
/// 2. `open` replays records in the order of their numbers, none twice, none that was not appended, none whose predecessor is missing.
/// 3. Damage to confirmed records is reported and never repaired silently. Only the last group of an unclean end, which no later frame
///    vouches for, cannot be told from a torn write and is cut off.
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

    /// Opens the log in `directory`, which is created if need be in a parent that exists, and calls `replay` for every record after `after`.
    ///
    /// Blocks while it reads; records are read from mappings, and one decompressed record at a time is held in memory. The records that
    /// were replayed are durable when it returns. When it throws, what was replayed must be forgotten, and nothing acknowledged was changed.
    ///
    /// - Parameters:
    ///   - after: the last number that is safe elsewhere. Records up to it are not replayed, and their files need not exist.
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
        let found = try LogRecovery(directory: directory, fileSystem: fileSystem).run(after: after, replay: replay)
        let writer = LogWriter(
            directory: directory, fileSystem: fileSystem, options: options, execution: execution,
            logIdentifier: found.logIdentifier ?? .random(in: .min ... .max), last: found.lastInFiles ?? after, tail: found.tail)
        let commit = LogCommitter.Commit(lastDurable: found.report.last, pendingBytesMax: options.pendingBytesMax)
        return WriteAheadLog(recovery: found.report, committer: LogCommitter(commit, writer: writer), execution: execution)
    }

    private init(recovery: LogRecoveryReport, committer: LogCommitter, execution: LogExecution) {
        self.recovery = recovery
        self.committer = committer
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

    public func waitUntilDurable(_ number: SequenceNumber) async throws(LogError) {
        let outcome = await withCheckedContinuation { continuation in
            if let known = committer.monitor.withLock({ $0.wait(for: number, continuation) }) {
                continuation.resume(returning: known)
            }
        }
        try outcome.get()
    }

    public var lastDurable: SequenceNumber {
        committer.monitor.withLock { $0.lastDurable }
    }

    /// Makes everything appended durable, seals the last file, so that later damage to its end will be noticed, and releases the files.
    ///
    /// Throws what made the log fail, if it has. Closing again gives the same answer.
    public func close() async throws(LogError) {
        let outcome = await withCheckedContinuation { continuation in
            let (known, wakesThread) = committer.monitor.withLock { $0.close(seal: true, continuation) }
            if wakesThread { committer.monitor.signal() }
            if let known { continuation.resume(returning: known) }
        }
        try outcome.get()
    }

    // MARK: Stepped execution

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
