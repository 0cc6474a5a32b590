internal import ByteCoding
internal import FileIO
internal import VectorModel

/// Reads the frames of one log file in order.
///
/// It stops at the first bytes that are not a frame, and can then say whether what follows proves that there was one.
struct LogReader {
    /// What the next bytes are.
    enum Step {
        case record(LogRecord)
        /// A good record that is beyond the bound; it is not taken, and would come again.
        case beyond
        /// The clean end of a shutdown.
        case seal
        /// No frame: the file's end, zeros, or something broken.
        case end(EndReason)
    }

    enum EndReason {
        case fileEnd
        case noFrameHeader
        case payloadChecksum(expected: UInt32, found: UInt32)
    }

    let path: String
    let header: LogFileHeader
    private let key: LogFrameKey
    private let mapping: any FileMapping

    /// Where the next frame begins, or where reading stopped.
    private(set) var offset: Int
    /// The number of the last good record; the file's `previous` before the first.
    private(set) var last: SequenceNumber
    /// Everything before this offset was durable when something behind it was written. The file's header is such a thing only with a record
    /// behind it.
    private(set) var provenEnd = 0
    private var provenThrough: SequenceNumber
    /// That of the last good record; zero before the first.
    private(set) var lastTimestamp = LogTimestamp.zero
    /// Keeps the memory of the latest record's payload, if it was decompressed.
    private var decompressed: ByteBlock?

    /// Opens the file, maps it and checks its header.
    init(_ path: String, on fileSystem: any FileSystem) throws(LogOpenError) {
        self.path = path
        do throws(FileError) {
            let file = try fileSystem.open(path, .readOnly)
            mapping = try file.map()
            try file.close()
        } catch {
            throw .file(error)
        }
        header = try LogFileHeader(decoding: mapping.bytes, length: mapping.bytes.count, file: path)
        key = header.frameKey
        offset = LogFormat.fileHeaderBytes
        last = header.previous
        provenThrough = header.previous
    }

    /// The next frame. A frame whose numbers contradict those before it is corruption, since only the end of a log can be torn.
    mutating func next(through bound: LogBound = .end) throws(Corruption) -> Step {
        decompressed = nil
        let bytes = mapping.bytes
        defer { withExtendedLifetime(mapping) {} }
        guard offset < bytes.count else { return .end(.fileEnd) }
        guard let frame = LogFrameHeader(decoding: bytes, at: offset, key: key) else { return .end(.noFrameHeader) }
        let start = offset + LogFormat.frameHeaderBytes
        // SAFETY: decoding checked that the whole frame lies in the file.
        let padded = UnsafeRawBufferPointer(rebasing: bytes[start..<offset + frame.frameBytes])
        let found = crc32c(padded)
        guard found == frame.payloadChecksum else { return .end(.payloadChecksum(expected: frame.payloadChecksum, found: found)) }
        guard frame.previous == last else {
            throw corruption("sequence numbers of a frame", expected: "predecessor \(last)", found: "\(frame.previous)")
        }
        switch frame.kind {
        case .seal:
            provenEnd = offset
            return .seal
        case .record:
            if last == header.previous && frame.sequence != header.first {
                throw corruption("first record of a log file", expected: "\(header.first)", found: "\(frame.sequence)")
            }
            guard frame.timestamp >= lastTimestamp else {
                throw corruption("timestamp of record \(frame.sequence)", expected: "at least \(lastTimestamp)", found: "\(frame.timestamp)")
            }
            guard bound.includes(frame.sequence, at: frame.timestamp) else { return .beyond }
            let stored = UnsafeRawBufferPointer(rebasing: padded[..<frame.storedBytes])
            let record = LogRecord(
                sequence: frame.sequence, timestamp: frame.timestamp, payload: try payload(of: frame, stored: stored), file: path, offset: offset)
            if frame.durableThrough > provenThrough && frame.durableThrough == last {
                provenThrough = last
                provenEnd = offset
            }
            last = frame.sequence
            lastTimestamp = frame.timestamp
            offset += frame.frameBytes
            return .record(record)
        }
    }

    private mutating func payload(of frame: LogFrameHeader, stored: UnsafeRawBufferPointer) throws(Corruption) -> UnsafeRawBufferPointer {
        switch frame.compression {
        case .none: return stored
        case .lz4:
            do {
                let block = try LZ4Block.decompress(stored, declaredBytes: frame.payloadBytes, bytesMax: LogFormat.payloadBytesMax)
                decompressed = block
                // SAFETY: the block is kept until the next frame is read.
                return UnsafeRawBufferPointer(rebasing: block.unsafePaddedBytes[..<block.count])
            } catch {
                throw corruption("compressed payload", expected: "\(frame.payloadBytes) bytes of LZ4", found: "\(error)")
            }
        }
    }

    // MARK: Behind the end

    /// A frame behind the end for which `isEvidence` holds: its offset and header. The whole rest of the file is searched.
    func frameBehindEnd(where isEvidence: (LogFrameHeader) -> Bool) -> (offset: Int, frame: LogFrameHeader)? {
        let bytes = mapping.bytes
        defer { withExtendedLifetime(mapping) {} }
        var candidate = offset + LogFormat.alignment
        while candidate <= bytes.count - LogFormat.frameHeaderBytes {
            // A header alone is evidence: it was written whole, whatever became of its payload.
            if let frame = LogFrameHeader(decoding: bytes, at: candidate, key: key), isEvidence(frame) {
                return (candidate, frame)
            }
            candidate += LogFormat.alignment
        }
        return nil
    }

    /// How many bytes from the end on, or from `skipped` bytes behind it, were written in this use of the file, as far as can be told: in a
    /// file that was used before, bytes that are not zero mean nothing, and only what begins with a frame's header is known to be of this use.
    func brokenBytes(skipping skipped: Int = 0) -> Int {
        let bytes = mapping.bytes
        defer { withExtendedLifetime(mapping) {} }
        let start = min(offset + skipped, bytes.count)
        guard header.isRecycled else { return (bytes[start...].lastIndex { $0 != 0 } ?? start - 1) + 1 - start }
        var end = start
        for candidate in stride(from: start, through: bytes.count - LogFormat.frameHeaderBytes, by: LogFormat.alignment) {
            guard let frame = LogFrameHeader(decoding: bytes, at: candidate, key: key) else { continue }
            end = candidate + frame.frameBytes
        }
        return end - start
    }

    /// The bytes before the end, which the file's header and good frames take. Valid during `body`.
    func withGoodBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { withExtendedLifetime(mapping) {} }
        return try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[..<offset]))
    }

    /// The error for the place where reading stopped.
    func corruption(at reason: EndReason, evidence: String) -> Corruption {
        switch reason {
        case .fileEnd: corruption("end of the file", expected: evidence, found: "no more frames")
        case .noFrameHeader: corruption("frame after record \(last)", expected: evidence, found: "no valid frame header")
        case .payloadChecksum(let expected, let found):
            corruption("payload checksum of the record after \(last)", expected: hexadecimal(expected), found: hexadecimal(found))
        }
    }

    private func corruption(_ what: String, expected: String, found: String) -> Corruption {
        Corruption(file: path, offset: offset, what: what, expected: expected, found: found)
    }
}
