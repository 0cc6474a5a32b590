package import ByteCoding
package import VectorModel

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

    package static func record(
        _ payload: LogPayload, sequence: SequenceNumber, previous: SequenceNumber, durableThrough: SequenceNumber
    ) -> LogFrameHeader {
        LogFrameHeader(
            kind: .record, compression: payload.compression, payloadChecksum: payload.checksum, storedBytes: payload.stored.count,
            payloadBytes: payload.count, sequence: sequence, previous: previous, durableThrough: durableThrough)
    }

    package static func seal(last: SequenceNumber) -> LogFrameHeader {
        LogFrameHeader(
            kind: .seal, compression: .none, payloadChecksum: 0, storedBytes: 0, payloadBytes: 0, sequence: last, previous: last, durableThrough: last)
    }

    /// The length of the whole frame.
    package var frameBytes: Int { LogFormat.frameBytes(storedBytes: storedBytes) }

    fileprivate typealias Field = LogFormat.FrameField
}

extension LogFrameHeader {
    /// Appends the header's bytes. `offset` is where in its file the frame begins.
    package func encode(into writer: inout ByteWriter, salt: UInt64, offset: Int) {
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
        writer.appendZeros(6)
        let checksum = writer.withUnsafeBytes { bytes in
            Self.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[start...]), salt: salt, offset: offset)
        }
        writer.overwrite(checksum, at: start)
    }

    /// The header at `offset` of a file, or nil if those bytes are not a header that this file's writer put at this place.
    ///
    /// The cheap tests come first, since recovery tries every eighth byte behind the end.
    package init?(decoding bytes: UnsafeRawBufferPointer, at offset: Int, salt: UInt64) {
        guard offset >= 0 && offset <= bytes.count - LogFormat.frameHeaderBytes else { return nil }
        let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + LogFormat.frameHeaderBytes])
        func field<Value: FixedWidthInteger & BitwiseCopyable>(_ field: Field, as type: Value.Type = Value.self) -> Value {
            // SAFETY: every field lies in the header, whose bounds were checked.
            header.loadUnaligned(fromByteOffset: field.rawValue, as: type)
        }
        guard let kind = LogFormat.FrameKind(rawValue: field(.kind)),
            let compression = LogFormat.Compression(rawValue: field(.compression)),
            header[Field.reserved.rawValue...].allSatisfy({ $0 == 0 })
        else { return nil }
        self.kind = kind
        self.compression = compression
        payloadChecksum = field(.payloadChecksum)
        storedBytes = Int(field(.storedLength, as: UInt32.self))
        payloadBytes = Int(field(.payloadLength, as: UInt32.self))
        sequence = SequenceNumber(field(.sequence))
        previous = SequenceNumber(field(.previousSequence))
        durableThrough = SequenceNumber(field(.durableThrough))
        guard isConsistent, frameBytes <= bytes.count - offset else { return nil }
        guard field(.headerChecksum, as: UInt32.self) == Self.checksum(of: header, salt: salt, offset: offset) else { return nil }
    }

    /// The rules between fields that every frame we write obeys.
    private var isConsistent: Bool {
        guard storedBytes <= LogFormat.payloadBytesMax, payloadBytes <= LogFormat.payloadBytesMax, durableThrough <= previous else { return false }
        switch kind {
        case .record:
            guard previous < sequence else { return false }
            switch compression {
            case .none: return storedBytes == payloadBytes
            case .lz4: return storedBytes < payloadBytes
            }
        case .seal:
            return previous == sequence && durableThrough == sequence && storedBytes == 0 && payloadBytes == 0
                && compression == .none && payloadChecksum == 0
        }
    }

    /// Covers the file's salt and the frame's place in it too, so that neither a stale frame nor a copy of a frame inside a payload passes.
    private static func checksum(of header: UnsafeRawBufferPointer, salt: UInt64, offset: Int) -> UInt32 {
        let place = [salt.littleEndian, UInt64(offset).littleEndian].withUnsafeBytes { crc32c($0) }
        return crc32c(extending: place, with: UnsafeRawBufferPointer(rebasing: header[Field.payloadChecksum.rawValue...]))
    }
}
