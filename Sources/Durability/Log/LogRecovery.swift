internal import ByteCoding
internal import FileIO
internal import VectorModel

/// Reads a log's directory: replays every record, decides what of the end was never acknowledged, and makes the rest durable.
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
        /// The number of the last record in the files; nil without files.
        var lastInFiles: SequenceNumber?
        var tail: Tail?
    }

    let directory: String
    let fileSystem: any FileSystem

    /// Replays the records after `after`. Records up to it need not be there.
    func run(after: SequenceNumber, replay: (LogRecord) throws(Corruption) -> Void) throws(LogOpenError) -> Outcome {
        let names = try prepareDirectory()
        var outcome = Outcome()
        var previous: (reader: LogReader, end: LogReader.EndReason?)?
        let logFiles = try logFileNames(names)
        for name in logFiles {
            let path = directory + "/" + name
            let isLast = name == logFiles.last
            let file = try attempt { () throws(FileError) in try fileSystem.open(path, isLast ? .readWrite : .readOnly) }
            var reader = try LogReader(file, path: path)
            try checkPlace(of: reader, name: name, behind: previous, after: after, identifier: outcome.logIdentifier)
            outcome.logIdentifier = reader.header.logIdentifier
            let end = try replayFile(&reader, after: after, report: &outcome.report, replay: replay)
            guard reader.last > reader.header.previous else {
                throw .corruption(reader.corruption(at: end ?? .fileEnd, evidence: "record \(reader.header.first)"))
            }
            if isLast { outcome.tail = try finishLast(reader, file: file, end: end, report: &outcome.report) }
            previous = (reader, end)
        }
        outcome.lastInFiles = previous?.reader.last
        outcome.report.files = logFiles.count
        outcome.report.last = max(previous?.reader.last ?? .zero, after)
        try tidy(names)
        return outcome
    }

    // MARK: Directory

    private func prepareDirectory() throws(LogOpenError) -> [String] {
        try attempt { () throws(FileError) in
            try fileSystem.createDirectory(directory)
            try fileSystem.syncDirectory(parentDirectory(of: directory))
            return try fileSystem.list(directory)
        }
    }

    private func logFileNames(_ names: [String]) throws(LogOpenError) -> [String] {
        let logFiles = names.filter { $0.hasSuffix(LogFormat.fileNameSuffix) }
        for name in logFiles where LogFormat.firstSequence(fromName: name) == nil {
            throw .corruption(Corruption(
                file: directory + "/" + name, offset: 0, what: "name of a log file", expected: "20 digits and \(LogFormat.fileNameSuffix)",
                found: name))
        }
        return logFiles.sorted()
    }

    /// Removes files that hold nothing acknowledged, and makes the names that are left permanent: a crash may have left the last rename unsynced.
    private func tidy(_ names: [String]) throws(LogOpenError) {
        try attempt { () throws(FileError) in
            for name in names where name.hasSuffix(LogFormat.temporarySuffix) {
                try fileSystem.remove(directory + "/" + name)
            }
            try fileSystem.syncDirectory(directory)
        }
    }

    // MARK: One file

    /// Checks that a file follows the one before it without a gap. Its header was written after everything before it was durable.
    private func checkPlace(
        of reader: LogReader, name: String, behind previous: (reader: LogReader, end: LogReader.EndReason?)?, after: SequenceNumber,
        identifier: UInt64?
    ) throws(LogOpenError) {
        func corruption(_ field: LogFormat.FileHeaderField, _ what: String, expected: String, found: String) -> LogOpenError {
            .corruption(Corruption(file: reader.path, offset: field.rawValue, what: what, expected: expected, found: found))
        }
        let header = reader.header
        guard LogFormat.fileName(first: header.first) == name else {
            throw corruption(.firstSequence, "first record of a log file", expected: "that of its name", found: "\(header.first)")
        }
        guard header.logIdentifier == identifier ?? header.logIdentifier else {
            throw corruption(.logIdentifier, "identifier of the log", expected: "that of the files before", found: "another log's")
        }
        guard let (before, end) = previous else {
            guard header.previous <= after else {
                throw corruption(
                    .previousSequence, "first log file", expected: "one that follows record \(after) or an earlier one",
                    found: "one that follows record \(header.previous); a file is missing")
            }
            return
        }
        guard header.previous > before.last else {
            if header.previous == before.last { return }
            throw corruption(.previousSequence, "last record before a log file", expected: "\(before.last)", found: "\(header.previous)")
        }
        // Either the file before is broken where reading stopped, or a whole file is gone.
        let isBroken = before.nonzeroBytesBehindEnd() > 0
        if let end, isBroken { throw .corruption(before.corruption(at: end, evidence: "records up to \(header.previous)")) }
        throw corruption(
            .previousSequence, "last record before a log file", expected: "\(before.last)",
            found: "\(header.previous); the records between are missing, perhaps with a file")
    }

    /// Replays a file's records; returns why it ended, or nil at a seal.
    private func replayFile(
        _ reader: inout LogReader, after: SequenceNumber, report: inout LogRecoveryReport, replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> LogReader.EndReason? {
        do {
            while true {
                switch try reader.next() {
                case .record(let record):
                    guard record.sequence > after else { continue }
                    try replay(record)
                    report.records += 1
                    report.bytes += record.payload.count
                case .seal: return nil
                case .end(let reason): return reason
                }
            }
        } catch {
            throw .corruption(error)
        }
    }

    // MARK: The end of the last file

    /// Refuses if acknowledged frames are missing, else cuts off what is no frame and makes what is left durable.
    private func finishLast(
        _ reader: LogReader, file: any File, end: LogReader.EndReason?, report: inout LogRecoveryReport
    ) throws(LogOpenError) -> Tail {
        if let (offset, frame) = reader.frameBehindEnd(where: { $0.durableThrough > reader.last }) {
            let evidence = "records up to \(frame.durableThrough), durable by the frame at byte \(offset)"
            throw .corruption(reader.corruption(at: end ?? .noFrameHeader, evidence: evidence))
        }
        let isSealed = end == nil
        let cutBytes = reader.nonzeroBytesBehindEnd(skipping: isSealed ? LogFormat.frameHeaderBytes : 0)
        if cutBytes > 0 {
            report.cut = LogRecoveryReport.Cut(file: reader.path, offset: reader.offset, bytes: cutBytes)
        }
        report.wasSealed = isSealed
        try attempt { () throws(FileError) in
            // A reader may have been shown these frames only by the page cache: after a failed sync even a new sync would not write them.
            try rewrite(file, from: reader.provenEnd, to: reader.offset)
            if cutBytes > 0 {
                let skipped = isSealed ? LogFormat.frameHeaderBytes : 0
                try file.writeZeros(cutBytes - skipped, at: reader.offset + skipped)
            }
            try file.sync()
        }
        return Tail(file: file, path: reader.path, header: reader.header, end: reader.offset, isSealed: isSealed)
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
