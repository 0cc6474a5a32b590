internal import ByteCoding
public import FileIO
public import VectorModel

/// Reads out of a damaged log whatever is still whole. Changes nothing; for repair.
///
/// Every frame whose header and payload match their checksums is found, also behind damage, and in files whose own header is damaged. If the
/// salt in it is lost too, the frames tell what it did to their checksums, as long as there are two.
public enum LogSalvage {
    /// Records that are not there any more.
    public struct Gap: Hashable, Sendable {
        /// The file, and the place in it, where the first of them should begin.
        public let file: String
        public let offset: Int
        /// The last of these numbers was a record; of the others some may never have been used.
        public let missing: ClosedRange<SequenceNumber>
    }

    /// What was found.
    public struct Report: Sendable {
        public internal(set) var files = 0
        /// How many records were handed out.
        public internal(set) var records = 0
        public internal(set) var last = SequenceNumber.zero
        /// In ascending order. A gap at the end may be a group that was never acknowledged.
        public internal(set) var gaps: [Gap] = []
        /// Files that could not be read, or have a damaged header or a wrong length; of the latter the records were read all the same.
        public internal(set) var problems: [LogOpenError] = []
    }

    /// Calls `take` for every record after `after` that is whole, in the order of their numbers.
    ///
    /// Holds about 100 bytes of memory for each record, and maps all files. Blocks.
    /// - Parameter directories: a log's directory, or several that hold files of one log.
    public static func read(
        _ directories: [String], fileSystem: any FileSystem, after: SequenceNumber = .zero, take: (LogRecord) -> Void
    ) throws(FileError) -> Report {
        var report = Report()
        var frames: [SalvagedFrame] = []
        var files: [SalvagedFile] = []
        for directory in directories {
            for name in try fileSystem.list(directory) where name.hasSuffix(LogFormat.fileNameSuffix) {
                report.files += 1
                let first = LogFormat.firstSequence(fromName: name) ?? .zero
                guard let file = SalvagedFile(directory + "/" + name, first: first, on: fileSystem, problems: &report.problems) else { continue }
                file.scan { offset, header, isWhole in
                    frames.append(SalvagedFrame(file: files.count, offset: offset, header: header, isWhole: isWhole))
                }
                files.append(file)
            }
        }
        // Of several frames with one number, a whole one comes first.
        frames.sort { ($0.header.sequence, $0.isWhole ? 0 : 1) < ($1.header.sequence, $1.isWhole ? 0 : 1) }
        hand(frames, of: files, after: after, report: &report, take: take)
        return report
    }

    private static func hand(
        _ frames: [SalvagedFrame], of files: [SalvagedFile], after: SequenceNumber, report: inout Report, take: (LogRecord) -> Void
    ) {
        report.last = after
        var place = (file: files.first?.path ?? "", offset: LogFormat.fileHeaderBytes)
        var known = after
        func close(gapThrough end: SequenceNumber) {
            guard end > report.last else { return }
            report.gaps.append(Gap(file: place.file, offset: place.offset, missing: report.last.next...end))
        }
        for frame in frames where frame.header.sequence > after {
            known = frame.header.sequence
            guard frame.isWhole, frame.header.sequence > report.last else { continue }
            let file = files[frame.file]
            let isTaken = file.read(frame) { record in
                close(gapThrough: frame.header.previous)
                take(record)
            }
            guard isTaken else { continue }
            report.records += 1
            report.last = frame.header.sequence
            place = (file.path, frame.offset + frame.header.frameBytes)
        }
        close(gapThrough: known)
    }
}
