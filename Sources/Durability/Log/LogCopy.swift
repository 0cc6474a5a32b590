internal import ByteCoding
public import FileIO
internal import VectorModel

/// What a copy of a log holds.
public struct LogCopyReport: Hashable, Sendable {
    /// The names of the files, in order.
    public internal(set) var files: [String] = []
    /// The sum of their lengths; what is behind the last record of a file is a hole.
    public internal(set) var bytes = 0
    /// How many records after the floor are in them.
    public internal(set) var records = 0
}

/// Why a log could not be copied.
public enum LogCopyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The log was closed.
    case closed
    /// The log's files are damaged or cannot be read, or the records have left the log already.
    case source(LogOpenError)
    /// The copy cannot be written.
    case target(FileError)

    public var description: String {
        switch self {
        case .closed: LogError.closed.description
        case .source(let error): error.description
        case .target(let error): error.description
        }
    }
}

/// Copies a log that may be in use, cut exactly behind one record.
///
/// The copies are files of the same names, lengths and frames as the log's. Behind the last record of each are zeros, whatever is there in the
/// log, and the last one is sealed. The records are checked on the way.
struct LogCopy {
    let source: LogDirectory
    let fileSystem: any FileSystem
    let target: String
    /// What the copy is to be called; nil for the same log.
    var logIdentifier: UInt64?

    /// - Parameters:
    ///   - last: everything up to here has been written.
    ///   - written: the highest record that had been written before this was called.
    func run(after floor: SequenceNumber, through last: SequenceNumber, written: SequenceNumber) throws(LogCopyError) -> LogCopyReport {
        var report = LogCopyReport()
        var readers: [LogReader] = []
        do {
            let files = try source.files()
            let needed = try source.filesNeeded(of: files, after: floor)
            let beyond = max(needed.start, files.firstIndex { $0.first > last } ?? files.count)
            let outcome = try LogChain(directory: source).read(files[needed.start..<beyond], after: floor, through: .sequence(last)) { file in
                readers.append(file.reader)
            } replay: { _ in report.records += 1 }
            try checkEnd(of: outcome, next: beyond < files.count ? files[beyond] : nil, through: min(last, written))
        } catch {
            throw .source(error)
        }
        do {
            for (index, reader) in readers.enumerated() {
                report.files.append(try write(reader, isLast: index == readers.count - 1))
                report.bytes += reader.header.fileBytes
            }
            try fileSystem.syncDirectory(target)
        } catch {
            throw .target(error)
        }
        return report
    }

    /// Reading stops at the first bytes that are no frame. That is the end only if what was asked for has been read.
    private func checkEnd(of outcome: LogChain.Outcome, next: LogFileReference?, through last: SequenceNumber) throws(LogOpenError) {
        guard let end = outcome.last, !end.isBounded, end.reader.last < last else { return }
        // Numbers that were given out and never used may lie between two files.
        if let next, try LogFileHeader.read(try source.soundPath(of: next), on: fileSystem).previous == end.reader.last { return }
        throw .corruption(end.reader.corruption(at: end.end ?? .fileEnd, evidence: "records up to \(last)"))
    }

    private func write(_ reader: LogReader, isLast: Bool) throws(FileError) -> String {
        var header = reader.header
        header.isRecycled = false
        header.logIdentifier = logIdentifier ?? header.logIdentifier
        let name = LogFormat.fileName(first: header.first)
        let file = try fileSystem.create(target + "/" + name)
        try file.truncate(to: header.fileBytes)
        var frame = ByteWriter(capacity: LogFormat.fileHeaderBytes)
        header.encode(into: &frame)
        try frame.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(FileError) in try file.write(bytes, at: 0) }
        try reader.withGoodBytes { (bytes: UnsafeRawBufferPointer) throws(FileError) in
            var position = LogFormat.fileHeaderBytes
            while position < bytes.count {
                let end = min(bytes.count, position + 1 << 20)
                try file.write(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), at: position)
                position = end
            }
        }
        if isLast {
            frame.removeAll()
            LogFrameHeader.seal(last: reader.last).encode(into: &frame, key: header.frameKey, offset: reader.offset)
            try frame.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(FileError) in try file.write(bytes, at: reader.offset) }
        }
        try file.sync()
        try file.close()
        return name
    }
}
