public import ByteCoding
public import VectorModel

/// One record as recovery hands it out, checked and decompressed.
public struct LogRecord {
    public let sequence: SequenceNumber
    /// When it was committed, never earlier than the record before it; zero if a version of the program wrote it that did not note this.
    public let timestamp: LogTimestamp
    /// The bytes that were appended. Valid only during the call that receives the record.
    public let payload: UnsafeRawBufferPointer
    /// The path of the log file.
    public let file: String
    /// Where in the file the record's frame begins.
    public let offset: Int

    /// The error for a payload that does not decode although its checksum is right.
    public func corruption(_ failure: DecodingFailure) -> Corruption {
        Corruption(file: file, offset: offset, what: "payload of record \(sequence)", expected: "an encoded change", found: "\(failure)")
    }
}

/// What opening a log found.
public struct LogRecoveryReport: Hashable, Sendable {
    /// The end of the last file, which was never acknowledged as durable. Opening the log overwrites it with zeros, reading it leaves it.
    public struct Cut: Hashable, Sendable {
        public let file: String
        /// Where the first incomplete frame began.
        public let offset: Int
        /// From there to the last byte that was not zero or, in a file that was used before, to the end of the last frame.
        public let bytes: Int
    }

    /// How many files were read.
    public internal(set) var files = 0
    /// How many records were replayed.
    public internal(set) var records = 0
    /// The sum of their payloads in bytes, decompressed.
    public internal(set) var bytes = 0
    /// When the last record was committed; zero in an empty log.
    public internal(set) var lastTimestamp = LogTimestamp.zero
    /// The number of the last record, replayed or not; 0 in an empty log.
    public internal(set) var last = SequenceNumber.zero
    /// The log was closed properly: damage to its very end would have been noticed.
    public internal(set) var wasSealed = false
    /// What was cut off, if anything.
    public internal(set) var cut: Cut?
}
