internal import ByteCoding
package import VectorModel

/// The layout of a log file, shared by writer and reader. Normative text: `storage-format.md`, "Log files".
package enum LogFormat {
    /// The version this program writes, and the newest it reads.
    package static let version: UInt32 = 2

    /// The oldest version this program reads. It differs from version 2 in that flags and timestamps are reserved.
    package static let oldestVersion: UInt32 = 1

    /// The first eight bytes of every log file. The first is no text and the last is a line feed, so that transfers that mangle text show.
    package static let magic: [UInt8] = [0x89] + Array("LYRWAL\n".utf8)

    /// The length of the file header.
    package static let fileHeaderBytes = 96

    /// The length of a frame without its payload.
    package static let frameHeaderBytes = 48

    /// Frames begin at multiples of this.
    package static let alignment = 8

    /// The longest payload of a record, before and after compression.
    package static let payloadBytesMax = 1 << 30

    /// Higher numbers are never given out, so that there is always a next one.
    package static let sequenceMax = SequenceNumber(1 << 63 - 1)

    /// The fields of the file header; the raw value is the offset in bytes.
    package enum FileHeaderField: Int, CaseIterable {
        case magic = 0
        case formatVersion = 8
        case headerLength = 12
        case salt = 16
        case logIdentifier = 24
        case firstSequence = 32
        case previousSequence = 40
        case fileLength = 48
        case createdWith = 56
        case flags = 88
        case checksum = 92
    }

    /// The bit of the file header's flags that says that the file was used before: what follows the last frame are bytes of an earlier use.
    package static let recycledFlag: UInt32 = 1

    /// The fields of a frame's header; the raw value is the offset in bytes from where the frame begins.
    package enum FrameField: Int, CaseIterable {
        case headerChecksum = 0
        case payloadChecksum = 4
        case storedLength = 8
        case payloadLength = 12
        case sequence = 16
        case previousSequence = 24
        case durableThrough = 32
        case kind = 40
        case compression = 41
        case timestamp = 42
    }

    /// What a frame is.
    package enum FrameKind: UInt8 {
        /// One committed change.
        case record = 1
        /// The end of a clean shutdown: no payload, nothing to replay, but proof that everything before it is durable.
        case seal = 2
    }

    /// How a payload is stored.
    package enum Compression: UInt8, Sendable {
        case none = 0
        /// One block in the LZ4 block format.
        case lz4 = 1
    }

    /// How long a frame with `storedBytes` of payload is, with header and padding.
    package static func frameBytes(storedBytes: Int) -> Int {
        frameHeaderBytes + paddedBytes(storedBytes)
    }

    package static func paddedBytes(_ count: Int) -> Int {
        (count + alignment - 1) & ~(alignment - 1)
    }

    /// The name of the file whose first record is `sequence`: 20 digits, so that names sort like numbers.
    package static func fileName(first sequence: SequenceNumber) -> String {
        let digits = String(sequence.rawValue)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + fileNameSuffix
    }

    /// The number in a file name, or nil if it is not of the form that `fileName(first:)` gives.
    package static func firstSequence(fromName name: String) -> SequenceNumber? {
        guard name.hasSuffix(fileNameSuffix), let number = UInt64(name.dropLast(fileNameSuffix.count)) else { return nil }
        let sequence = SequenceNumber(number)
        return fileName(first: sequence) == name && number > 0 ? sequence : nil
    }

    package static let fileNameSuffix = ".wal"

    /// The name of a file that has left the log and waits to be used again; `sequence` was its first record.
    package static func recycledName(first sequence: SequenceNumber) -> String {
        recycledPrefix + fileName(first: sequence).dropLast(fileNameSuffix.count) + temporarySuffix
    }

    package static let recycledPrefix = "recycled-"

    /// The suffix of files that hold nothing acknowledged; they are removed when the log is opened.
    package static let temporarySuffix = ".tmp"
}
