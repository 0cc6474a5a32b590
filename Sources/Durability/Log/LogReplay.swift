public import ByteCoding
public import FileIO
public import VectorModel

/// Reads a log without opening it: for restoring, and for processes that only read. Nothing on the disk is changed.
public enum LogReplay {
    /// Calls `replay` for every record after `after` and within `bound`, in order, and reports what was read.
    ///
    /// Damage beyond the bound does not matter. A torn end, which opening would cut off, is left out and reported. When it throws, what was
    /// replayed must be forgotten. Blocks; one decompressed record at a time is held in memory.
    ///
    /// - Parameters:
    ///   - directories: a log's directory, or several that together hold the files of one log, such as its archive and what a backup holds.
    ///     Where a file lies in more than one, the first sound one is read.
    ///   - after: the last number that is safe elsewhere. Files without later records need not be there.
    ///   - replay: throws `Corruption` for a payload that does not decode.
    public static func read(
        _ directories: [String], fileSystem: any FileSystem, after: SequenceNumber = .zero, through bound: LogBound = .end,
        replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> LogRecoveryReport {
        let directory = LogDirectory(directories: directories, fileSystem: fileSystem)
        let chain = LogChain(directory: directory)
        let files = try directory.files()
        let needed = try directory.filesNeeded(of: files, after: after)
        var outcome = try chain.read(files[needed.start...], after: after, through: bound, replay: replay)
        if let last = outcome.last { try chain.judgeEnd(of: last, report: &outcome.report) }
        return outcome.report
    }

    /// Writes a log of its own with the records after `floor` up to `last` into the directory `target`, which exists and has no log files.
    ///
    /// What is appended to it later is not taken for a continuation of the old log, nor the other way round: the new one has another
    /// identifier. Blocks. If it throws, what is in the directory means nothing. The records are synced, the directory's own name is not.
    /// - Parameters:
    ///   - directories: as for `read`.
    ///   - last: a number that `read` has reported as the last.
    ///   - logIdentifier: random.
    public static func copy(
        _ directories: [String], to target: String, fileSystem: any FileSystem, after floor: SequenceNumber, through last: SequenceNumber,
        logIdentifier: UInt64 = .random(in: .min ... .max)
    ) throws(LogCopyError) -> LogCopyReport {
        let source = LogDirectory(directories: directories, fileSystem: fileSystem)
        return try LogCopy(source: source, fileSystem: fileSystem, target: target, logIdentifier: logIdentifier)
            .run(after: floor, through: last, written: last)
    }
}
