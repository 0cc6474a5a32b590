internal import ByteCoding
internal import FileIO
internal import VectorModel

/// Reads the files of a log one after another, and judges whether they are one sequence without gaps. Changes nothing.
struct LogChain {
    /// The last file that was read.
    struct Last {
        let reader: LogReader
        /// Why reading stopped; nil at a seal or at the bound.
        let end: LogReader.EndReason?
        let isSealed: Bool
        /// A record beyond the bound follows.
        let isBounded: Bool

        /// What the seal takes behind the last record.
        var sealBytes: Int { isSealed ? LogFormat.frameHeaderBytes : 0 }
    }

    /// What was read.
    struct Outcome {
        var report = LogRecoveryReport()
        var logIdentifier: UInt64?
        /// The files, in order.
        var files: [LogInventory.Entry] = []
        /// Nil without files.
        var last: Last?
    }

    let directory: LogDirectory

    /// Replays the records after `after` and within `bound`. `finished` is called for each file when it has been read.
    ///
    /// - Parameter files: those that `LogDirectory.filesNeeded` found.
    func read(
        _ files: ArraySlice<LogFileReference>, after: SequenceNumber, through bound: LogBound, finished: (Last) -> Void = { _ in },
        replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> Outcome {
        var outcome = Outcome()
        for file in files {
            var reader = try LogReader(try directory.soundPath(of: file), on: directory.fileSystem)
            try checkPlace(of: reader, name: file.name, behind: outcome.last, after: after, identifier: outcome.logIdentifier)
            outcome.logIdentifier = reader.header.logIdentifier
            let last = try replayFile(&reader, after: after, through: bound, report: &outcome.report, replay: replay)
            if last.reader.last == last.reader.header.previous {
                // Nothing in this file is within the bound.
                if last.isBounded { break }
                throw .corruption(reader.corruption(at: last.end ?? .fileEnd, evidence: "record \(reader.header.first)"))
            }
            finished(last)
            outcome.last = last
            outcome.files.append(LogInventory.Entry(
                first: reader.header.first, last: reader.last, fileBytes: reader.header.fileBytes, usedBytes: reader.offset))
            outcome.report.lastTimestamp = max(outcome.report.lastTimestamp, reader.lastTimestamp)
            if last.isBounded { break }
        }
        outcome.report.files = outcome.files.count
        outcome.report.last = max(outcome.last?.reader.last ?? .zero, after)
        return outcome
    }

    /// Refuses if acknowledged frames are missing at the end of the last file; else notes what is to be cut off.
    func judgeEnd(of last: Last, report: inout LogRecoveryReport) throws(LogOpenError) {
        guard !last.isBounded else { return }
        let reader = last.reader
        if let (offset, frame) = reader.frameBehindEnd(where: { $0.durableThrough > reader.last }) {
            let evidence = "records up to \(frame.durableThrough), durable by the frame at byte \(offset)"
            throw .corruption(reader.corruption(at: last.end ?? .noFrameHeader, evidence: evidence))
        }
        report.wasSealed = last.isSealed
        let cutBytes = reader.brokenBytes(skipping: last.sealBytes)
        if cutBytes > 0 { report.cut = LogRecoveryReport.Cut(file: reader.path, offset: reader.offset + last.sealBytes, bytes: cutBytes) }
    }

    /// Checks that a file follows the one before it without a gap. Its header was written after everything before it was durable.
    private func checkPlace(
        of reader: LogReader, name: String, behind previous: Last?, after: SequenceNumber, identifier: UInt64?
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
        guard let before = previous?.reader else {
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
        if let end = previous?.end, before.brokenBytes() > 0 {
            throw .corruption(before.corruption(at: end, evidence: "records up to \(header.previous)"))
        }
        throw corruption(
            .previousSequence, "last record before a log file", expected: "\(before.last)",
            found: "\(header.previous); the records between are missing, perhaps with a file")
    }

    private func replayFile(
        _ reader: inout LogReader, after: SequenceNumber, through bound: LogBound, report: inout LogRecoveryReport,
        replay: (LogRecord) throws(Corruption) -> Void
    ) throws(LogOpenError) -> Last {
        do {
            while true {
                switch try reader.next(through: bound) {
                case .record(let record):
                    guard record.sequence > after else { continue }
                    try replay(record)
                    report.records += 1
                    report.bytes += record.payload.count
                case .seal: return Last(reader: reader, end: nil, isSealed: true, isBounded: false)
                case .beyond: return Last(reader: reader, end: nil, isSealed: false, isBounded: true)
                case .end(let reason): return Last(reader: reader, end: reason, isSealed: false, isBounded: false)
                }
            }
        } catch {
            throw .corruption(error)
        }
    }
}
