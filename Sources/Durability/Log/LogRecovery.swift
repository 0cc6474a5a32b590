internal import ByteCoding
internal import FileIO
internal import VectorModel

/// Opens a log's directory for writing: replays every record, decides what of the end was never acknowledged, and makes the rest durable.
///
/// Nothing is changed before all files have been read and found sound.
struct LogRecovery {
    /// Where writing goes on.
    struct Tail {
        let file: any File
        let path: String
        let header: LogFileHeader
        /// Where the next frame goes; a seal there will be overwritten.
        let end: Int
        let isSealed: Bool
    }

    /// What was found.
    struct Outcome {
        var report = LogRecoveryReport()
        var logIdentifier: UInt64?
        /// The files before the tail, those included whose records are all safe elsewhere.
        var complete: [LogInventory.Entry] = []
        var current: LogInventory.Entry?
        var tail: Tail?
        /// Paths of files that can be used again.
        var recycled: [String] = []
    }

    let directory: String
    let fileSystem: any FileSystem
    let options: LogOptions

    /// Replays the records after `after`. Records up to it need not be there.
    func run(after: SequenceNumber, replay: (LogRecord) throws(Corruption) -> Void) throws(LogOpenError) -> Outcome {
        let names = try prepareDirectory()
        let source = LogDirectory(directories: [directory], fileSystem: fileSystem)
        let chain = LogChain(directory: source)
        let files = try source.files()
        let needed = try source.filesNeeded(of: files, after: after)
        var read = try chain.read(files[needed.start...], after: after, through: .end, replay: replay)
        var outcome = Outcome(logIdentifier: read.logIdentifier)
        if let last = read.last {
            try chain.judgeEnd(of: last, report: &read.report)
            let isClean = last.isSealed && read.report.cut == nil
            outcome.tail = try attempt { () throws(FileError) in try makeDurable(last, isClean: isClean) }
        }
        outcome.report = read.report
        outcome.complete = try files[..<needed.start].map { (file) throws(LogOpenError) in try entry(of: file, last: needed.previous) } + read.files
        if outcome.tail != nil { outcome.current = outcome.complete.popLast() }
        try leaveTail(of: &outcome, after: after)
        outcome.recycled = try tidy(names)
        return outcome
    }

    /// A log that ends before what is safe elsewhere has lost its end. It goes on in a new file, so that the gap shows to whoever reads it
    /// from an earlier number.
    private func leaveTail(of outcome: inout Outcome, after: SequenceNumber) throws(LogOpenError) {
        guard let tail = outcome.tail, let current = outcome.current, current.last < after else { return }
        try attempt { () throws(FileError) in try tail.file.close() }
        outcome.tail = nil
        outcome.current = nil
        outcome.complete.append(current)
    }

    // MARK: Directory

    private func prepareDirectory() throws(LogOpenError) -> [String] {
        try attempt { () throws(FileError) in
            try fileSystem.createDirectory(directory)
            try fileSystem.syncDirectory(parentDirectory(of: directory))
            return try fileSystem.list(directory)
        }
    }

    /// A file that is not read, since all its records are ≤ `last` and safe elsewhere.
    private func entry(of file: LogFileReference, last: SequenceNumber) throws(LogOpenError) -> LogInventory.Entry {
        let status = try attempt { () throws(FileError) in try fileSystem.status(directory + "/" + file.name) }
        let bytes = status?.bytes ?? 0
        return LogInventory.Entry(first: file.first, last: last, fileBytes: bytes, usedBytes: bytes)
    }

    /// Removes files that hold nothing acknowledged, keeps some to be used again, and makes the names that are left permanent: a crash may
    /// have left the last rename unsynced.
    private func tidy(_ names: [String]) throws(LogOpenError) -> [String] {
        try attempt { () throws(FileError) in
            var recycled: [String] = []
            for name in names where name.hasSuffix(LogFormat.temporarySuffix) {
                let path = directory + "/" + name
                if recycled.count < options.recycledFilesMax, name.hasPrefix(LogFormat.recycledPrefix), try isReusable(path) {
                    recycled.append(path)
                } else {
                    try fileSystem.remove(path)
                }
            }
            try fileSystem.syncDirectory(directory)
            return recycled
        }
    }

    private func isReusable(_ path: String) throws(FileError) -> Bool {
        guard let status = try fileSystem.status(path) else { return false }
        return status.bytes == options.fileBytes && status.linkCount == 1
    }

    // MARK: The end of the last file

    /// Cuts off what is no frame and makes what is left durable.
    ///
    /// - Parameter isClean: there is a seal, and nothing behind it. A seal that the first records after it were about to overwrite may stand
    ///   before what is left of them. Then it goes too, lest a sync that fails here leave them behind a seal that looks clean.
    private func makeDurable(_ last: LogChain.Last, isClean: Bool) throws(FileError) -> Tail {
        let reader = last.reader
        let file = try fileSystem.open(reader.path, .readWrite)
        // A reader may have been shown these frames only by the page cache: after a failed sync even a new sync would not write them.
        try rewrite(file, from: reader.provenEnd, to: reader.offset)
        // Frames of this use may lie anywhere behind the end, also where reads show zeros, for the same reason.
        if !isClean { try file.writeZeros(reader.header.fileBytes - reader.offset, at: reader.offset) }
        try file.sync()
        return Tail(file: file, path: reader.path, header: reader.header, end: reader.offset, isSealed: isClean)
    }

    /// Writes a range of a file over itself, so that it is dirty and the next sync covers it.
    private func rewrite(_ file: any File, from start: Int, to end: Int) throws(FileError) {
        guard start < end else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(end - start, 1 << 20), alignment: 4096)
        defer { buffer.deallocate() }
        var position = start
        while position < end {
            let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, end - position)])
            let count = try file.read(into: chunk, at: position)
            guard count == chunk.count else { throw .inputOutput(.read, path: file.path) }
            try file.write(UnsafeRawBufferPointer(chunk), at: position)
            position += count
        }
    }

    private func attempt<Result>(_ body: () throws(FileError) -> Result) throws(LogOpenError) -> Result {
        do {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}
