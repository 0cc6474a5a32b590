internal import ByteCoding
internal import FileIO
internal import VectorModel

/// A frame that was found.
struct SalvagedFrame {
    /// The number of the file.
    let file: Int
    let offset: Int
    let header: LogFrameHeader
    /// It is a record, and the payload matches its checksum too.
    let isWhole: Bool
}

/// A log file as far as it can be trusted.
struct SalvagedFile {
    let path: String
    private let mapping: any FileMapping
    private let key: LogFrameKey

    /// Nil if there is nothing to be read. `problems` gets what is wrong with the file as a whole.
    init?(_ path: String, first: SequenceNumber, on fileSystem: any FileSystem, problems: inout [LogOpenError]) {
        self.path = path
        do throws(FileError) {
            mapping = try fileSystem.open(path, .readOnly).map()
        } catch {
            problems.append(.file(error))
            return nil
        }
        do {
            key = try LogFileHeader(decoding: mapping.bytes, length: mapping.bytes.count, file: path).frameKey
        } catch {
            problems.append(error)
            guard let key = Self.guessKey(of: mapping.bytes, first: first) else { return nil }
            self.key = key
        }
    }

    /// Calls `found` for every frame header of this file that is valid, wherever it begins. A seal is not whole: it only tells of a record.
    func scan(_ found: (_ offset: Int, _ header: LogFrameHeader, _ isWhole: Bool) -> Void) {
        let bytes = mapping.bytes
        defer { withExtendedLifetime(mapping) {} }
        var offset = LogFormat.fileHeaderBytes
        while offset <= bytes.count - LogFormat.frameHeaderBytes {
            guard let frame = LogFrameHeader(decoding: bytes, at: offset, key: key) else {
                offset += LogFormat.alignment
                continue
            }
            let isWhole = frame.kind == .record && crc32c(Self.payload(of: frame, in: bytes, at: offset)) == frame.payloadChecksum
            found(offset, frame, isWhole)
            offset += isWhole ? frame.frameBytes : LogFormat.alignment
        }
    }

    /// Calls `body` with the record; false if its payload does not decompress.
    func read(_ frame: SalvagedFrame, _ body: (LogRecord) -> Void) -> Bool {
        defer { withExtendedLifetime(mapping) {} }
        let padded = Self.payload(of: frame.header, in: mapping.bytes, at: frame.offset)
        let stored = UnsafeRawBufferPointer(rebasing: padded[..<frame.header.storedBytes])
        func record(_ payload: UnsafeRawBufferPointer) -> LogRecord {
            LogRecord(sequence: frame.header.sequence, timestamp: frame.header.timestamp, payload: payload, file: path, offset: frame.offset)
        }
        switch frame.header.compression {
        case .none: body(record(stored))
        case .lz4:
            guard let block = Self.decompress(stored, to: frame.header.payloadBytes) else { return false }
            block.withUnsafeBytes { body(record($0)) }
        }
        return true
    }

    private static func decompress(_ stored: UnsafeRawBufferPointer, to count: Int) -> ByteBlock? {
        do {
            return try LZ4Block.decompress(stored, declaredBytes: count, bytesMax: LogFormat.payloadBytesMax)
        } catch {
            // It is reported as a gap, like a payload that does not match its checksum.
            return nil
        }
    }

    private static func payload(of frame: LogFrameHeader, in bytes: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer {
        // SAFETY: decoding the header checked that the whole frame lies in the file.
        UnsafeRawBufferPointer(rebasing: bytes[offset + LogFormat.frameHeaderBytes..<offset + frame.frameBytes])
    }
}

// MARK: Files with a damaged header

extension SalvagedFile {
    /// The key by the salt in the damaged header if any frame matches it, else what the frames themselves tell.
    private static func guessKey(of bytes: UnsafeRawBufferPointer, first: SequenceNumber) -> LogFrameKey? {
        guard bytes.count >= LogFormat.fileHeaderBytes else { return nil }
        // SAFETY: the salt lies within the bytes that were just counted.
        let salt = bytes.loadUnaligned(fromByteOffset: LogFormat.FileHeaderField.salt.rawValue, as: UInt64.self)
        let key = LogFrameKey(salt: salt)
        let offsets = stride(from: LogFormat.fileHeaderBytes, through: bytes.count - LogFormat.frameHeaderBytes, by: LogFormat.alignment)
        if offsets.contains(where: { LogFrameHeader(decoding: bytes, at: $0, key: key) != nil }) { return key }
        return electKey(of: bytes, first: first)
    }

    /// Whatever looks like a frame has a payload that matches its checksum, which does not depend on the salt, and implies what the checksum of
    /// the salt was. The one that most frames imply is it, if more than one does: chance does not give the same 32 bits twice.
    private static func electKey(of bytes: UnsafeRawBufferPointer, first: SequenceNumber) -> LogFrameKey? {
        var votes: [UInt32: Int] = [:]
        // Payloads made to look like frames must not make this take for ever.
        var bytesLeft = 16 * bytes.count
        var offset = LogFormat.fileHeaderBytes
        while offset <= bytes.count - LogFormat.frameHeaderBytes && bytesLeft > 0 {
            defer { offset += LogFormat.alignment }
            // Frames of an earlier use of the file have lower numbers.
            guard let (frame, stored) = LogFrameHeader.unchecked(bytes, at: offset), frame.sequence >= first else { continue }
            bytesLeft -= frame.frameBytes
            guard crc32c(payload(of: frame, in: bytes, at: offset)) == frame.payloadChecksum else { continue }
            let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + LogFormat.frameHeaderBytes])
            votes[saltChecksum(behind: stored, of: header, at: offset), default: 0] += 1
        }
        guard let (saltChecksum, count) = votes.max(by: { $0.value < $1.value }), count > 1 else { return nil }
        return LogFrameKey(saltChecksum: saltChecksum, version: LogFormat.version)
    }

    /// With which checksum of the salt a frame's header has the checksum `stored`.
    ///
    /// A CRC is linear: two beginnings that differ by d give results that differ by d shifted through the register, whatever comes between. So
    /// the difference to the result for the beginning 0 is shifted back over the offset and the rest of the header.
    private static func saltChecksum(behind stored: UInt32, of header: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        var register = stored ^ LogFrameKey(saltChecksum: 0, version: LogFormat.version).checksum(of: header, at: offset)
        let bytesBetween = MemoryLayout<UInt64>.size + LogFormat.frameHeaderBytes - LogFormat.FrameField.payloadChecksum.rawValue
        for _ in 0..<8 * bytesBetween {
            register = register >> 31 == 0 ? register << 1 : (register ^ 0x82F6_3B78) << 1 | 1
        }
        return register
    }
}
