/// Reads 32-bit varints that the image's check has seen, one after the other.
struct TrustedVarints {
    // SAFETY: the check at opening has followed the same bytes with `CheckedVarints` to the same count, so reads stay inside the image.
    private var next: UnsafePointer<UInt8>

    init(_ image: UnsafeRawBufferPointer, at offset: Int) {
        next = image.baseAddress!.assumingMemoryBound(to: UInt8.self) + offset
    }

    @inline(__always)
    mutating func read() -> UInt32 {
        var byte = next.pointee
        next += 1
        if byte < 0x80 { return UInt32(byte) }
        var value = UInt32(byte & 0x7F)
        var shift: UInt32 = 7
        repeat {
            byte = next.pointee
            next += 1
            value |= UInt32(byte & 0x7F) << shift
            shift += 7
        } while byte >= 0x80
        return value
    }

    /// How far reading has come from the first byte of `bytes`, which it began in.
    func consumed(since bytes: UnsafeRawBufferPointer) -> Int { UnsafeRawPointer(next) - bytes.baseAddress! }
}

/// Reads 32-bit varints that nobody vouches for.
struct CheckedVarints {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private let end: Int

    /// - Parameter range: inside `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset == end }

    /// The next number, or nil when the bytes hold none of at most 32 bits.
    mutating func read() -> UInt32? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end, shift < 35 {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return UInt32(exactly: value) }
            shift += 7
        }
        return nil
    }
}
