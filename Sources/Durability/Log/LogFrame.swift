package import ByteCoding
package import VectorModel

/// What binds frames to one use of one file.
package struct LogFrameKey: Hashable, Sendable {
    /// The checksum of the file's salt, with which those of its frames begin.
    package let saltChecksum: UInt32
    /// The format's version.
    package let version: UInt32

    package init(salt: UInt64, version: UInt32 = LogFormat.version) {
        self.init(saltChecksum: withUnsafeBytes(of: salt.littleEndian) { crc32c($0) }, version: version)
    }

    package init(saltChecksum: UInt32, version: UInt32) {
        self.saltChecksum = saltChecksum
        self.version = version
    }

    /// The checksum of a frame's header at `offset`, of which the stored checksum is left out.
    ///
    /// Covers the file's salt and the frame's place in it too, so that neither a stale frame nor a copy of a frame inside a payload passes.
    func checksum(of header: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        let place = withUnsafeBytes(of: UInt64(offset).littleEndian) { crc32c(extending: saltChecksum, with: $0) }
        return crc32c(extending: place, with: UnsafeRawBufferPointer(rebasing: header[LogFormat.FrameField.payloadChecksum.rawValue...]))
    }
}

/// The header of one frame.
package struct LogFrameHeader: Hashable, Sendable {
    package var kind: LogFormat.FrameKind
    package var compression: LogFormat.Compression
    package var payloadChecksum: UInt32
    /// The length of the payload as it lies in the file.
    package var storedBytes: Int
    /// The length of the payload once decompressed.
    package var payloadBytes: Int
    /// A record's number; for a seal that of the last record.
    package var sequence: SequenceNumber
    /// The number of the record before this frame; numbers in between were given out, refused for want of space and never written.
    package var previous: SequenceNumber
    /// The highest number known to be durable when this frame was written.
    package var durableThrough: SequenceNumber
    /// When the record was committed; zero in a seal and in files of version 1.
    package var timestamp: LogTimestamp

    package static func record(
        _ payload: LogPayload, sequence: SequenceNumber, previous: SequenceNumber, durableThrough: SequenceNumber, timestamp: LogTimestamp
    ) -> LogFrameHeader {
        LogFrameHeader(
            kind: .record, compression: payload.compression, payloadChecksum: payload.checksum, storedBytes: payload.stored.count,
            payloadBytes: payload.count, sequence: sequence, previous: previous, durableThrough: durableThrough, timestamp: timestamp)
    }

    package static func seal(last: SequenceNumber) -> LogFrameHeader {
        LogFrameHeader(
            kind: .seal, compression: .none, payloadChecksum: 0, storedBytes: 0, payloadBytes: 0, sequence: last, previous: last,
            durableThrough: last, timestamp: .zero)
    }

    /// The length of the whole frame.
    package var frameBytes: Int { LogFormat.frameBytes(storedBytes: storedBytes) }

    fileprivate typealias Field = LogFormat.FrameField
}

extension LogFrameHeader {
    /// Appends the header's bytes. `offset` is where in its file the frame begins.
    package func encode(into writer: inout ByteWriter, key: LogFrameKey, offset: Int) {
        let start = writer.count
        writer.append(UInt32(0))
        writer.append(payloadChecksum)
        writer.append(UInt32(storedBytes))
        writer.append(UInt32(payloadBytes))
        writer.append(sequence.rawValue)
        writer.append(previous.rawValue)
        writer.append(durableThrough.rawValue)
        writer.append(kind.rawValue)
        writer.append(compression.rawValue)
        writer.append(UInt32(truncatingIfNeeded: timestamp.milliseconds))
        writer.append(UInt16(truncatingIfNeeded: timestamp.milliseconds >> 32))
        let checksum = writer.withUnsafeBytes { key.checksum(of: UnsafeRawBufferPointer(rebasing: $0[start...]), at: offset) }
        writer.overwrite(checksum, at: start)
    }

    /// The header at `offset` of a file, or nil if those bytes are not a header that this file's writer put at this place.
    ///
    /// The cheap tests come first, since recovery tries every eighth byte behind the end.
    package init?(decoding bytes: UnsafeRawBufferPointer, at offset: Int, key: LogFrameKey) {
        guard let (frame, checksum) = Self.unchecked(bytes, at: offset), key.version > 1 || frame.timestamp == .zero else { return nil }
        let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + LogFormat.frameHeaderBytes])
        guard checksum == key.checksum(of: header, at: offset) else { return nil }
        self = frame
    }

    /// The fields at `offset` of a file if they obey the rules of a header and the whole frame fits in the file, and the stored checksum.
    static func unchecked(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (frame: LogFrameHeader, headerChecksum: UInt32)? {
        guard offset >= 0 && offset <= bytes.count - LogFormat.frameHeaderBytes else { return nil }
        let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + LogFormat.frameHeaderBytes])
        func field<Value: FixedWidthInteger & BitwiseCopyable>(_ field: Field, as type: Value.Type = Value.self) -> Value {
            // SAFETY: every field lies in the header, whose bounds were checked.
            header.loadUnaligned(fromByteOffset: field.rawValue, as: type)
        }
        guard let kind = LogFormat.FrameKind(rawValue: field(.kind)), let compression = LogFormat.Compression(rawValue: field(.compression))
        else { return nil }
        let timeHigh = UInt64(header.loadUnaligned(fromByteOffset: Field.timestamp.rawValue + 4, as: UInt16.self))
        let frame = LogFrameHeader(
            kind: kind, compression: compression, payloadChecksum: field(.payloadChecksum), storedBytes: Int(field(.storedLength, as: UInt32.self)),
            payloadBytes: Int(field(.payloadLength, as: UInt32.self)), sequence: SequenceNumber(field(.sequence)),
            previous: SequenceNumber(field(.previousSequence)), durableThrough: SequenceNumber(field(.durableThrough)),
            timestamp: LogTimestamp(milliseconds: timeHigh << 32 | UInt64(field(.timestamp, as: UInt32.self))))
        guard frame.isConsistent, frame.frameBytes <= bytes.count - offset else { return nil }
        return (frame, field(.headerChecksum))
    }

    /// The rules between fields that every frame we write obeys.
    private var isConsistent: Bool {
        guard storedBytes <= LogFormat.payloadBytesMax, payloadBytes <= LogFormat.payloadBytesMax, durableThrough <= previous,
            sequence <= LogFormat.sequenceMax
        else { return false }
        switch kind {
        case .record:
            guard previous < sequence else { return false }
            switch compression {
            case .none: return storedBytes == payloadBytes
            case .lz4: return storedBytes < payloadBytes
            }
        case .seal:
            return previous == sequence && durableThrough == sequence && storedBytes == 0 && payloadBytes == 0
                && compression == .none && payloadChecksum == 0 && timestamp == .zero
        }
    }
}
