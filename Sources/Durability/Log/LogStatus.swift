public import VectorModel

/// A log at one moment, for whoever decides what to flush and what to tell an operator.
public struct LogStatus: Sendable {
    /// A file of the log.
    public struct File: Hashable, Sendable {
        /// Its first record.
        public let first: SequenceNumber
        /// Its last record, so far.
        public let last: SequenceNumber
        /// Its length.
        public let fileBytes: Int
        /// How many bytes records take in it: about what recovery would read.
        public let usedBytes: Int
        /// It is in the archive, for good.
        public let isArchived: Bool
    }

    /// Oldest first; the last one is being written, and only that may be not full.
    public let files: [File]
    /// How many files wait to be used again.
    public let recycledFiles: Int
    /// What all of them occupy on the disk, those that wait included.
    public let bytes: Int
    /// The highest number that is as durable as the durability mode promises.
    public let lastDurable: SequenceNumber
    /// The highest number that a sync has covered.
    public let lastSynced: SequenceNumber
    /// Why complete files are not in the archive and so stay in the log; nil if they are, or if there is none.
    public let archiveFailure: LogArchiveFailure?

    /// The first record of the oldest file; nil for a log without files.
    public var oldest: SequenceNumber? { files.first?.first }

    /// How many bytes of records recovery reads because record `sequence` is needed: those of its file and all later ones.
    public func bytesPinned(by sequence: SequenceNumber) -> Int {
        files.reduce(0) { $0 + ($1.last >= sequence ? $1.usedBytes : 0) }
    }
}
