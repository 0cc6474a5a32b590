/// Reads values that `ByteWriter` wrote, from bytes that nobody vouches for.
///
/// Every read checks its bounds and throws `DecodingFailure` with the offset; none traps, reads outside, or allocates more than the
/// remaining bytes justify. After a failure the position is that of the value that failed.
///
/// The reader borrows: the bytes must outlive it and whatever `readBytes` returned.
public struct ByteReader {
    // SAFETY: `offset` ≤ `bytes.count` always; reads go through `take`, which checks.
    private let bytes: UnsafeRawBufferPointer

    /// The number of bytes read so far.
    public private(set) var offset = 0

    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The number of bytes not read yet.
    public var remaining: Int { bytes.count - offset }

    /// Throws unless everything was read.
    public func finish() throws(DecodingFailure) {
        if remaining > 0 { throw failure(.trailingBytes(count: remaining)) }
    }

    /// An error at the current position, for a value that the caller finds undefined.
    public func failure(_ reason: DecodingFailure.Reason) -> DecodingFailure {
        DecodingFailure(offset: offset, reason: reason)
    }

    // MARK: Fixed width

    /// Reads an integer in the width of its type.
    @inlinable
    public mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(DecodingFailure) -> Value {
        try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self)
    }

    /// Reads the 4 bytes of an IEEE 754 pattern; any pattern is legal, NaN included.
    public mutating func readFloat() throws(DecodingFailure) -> Float {
        Float(bitPattern: try read())
    }

    /// Reads the 8 bytes of an IEEE 754 pattern; any pattern is legal, NaN included.
    public mutating func readDouble() throws(DecodingFailure) -> Double {
        Double(bitPattern: try read())
    }

    // MARK: Variable length

    /// Reads what `appendVarint` wrote. Each value has one legal encoding: longer ones are refused.
    public mutating func readVarint() throws(DecodingFailure) -> UInt64 {
        var value: UInt64 = 0
        var position = offset
        var shift: UInt64 = 0
        while true {
            guard position < bytes.count else { throw failure(.truncated(needed: position - offset + 1, available: remaining)) }
            let byte = bytes[position]
            position += 1
            // The tenth byte holds only bit 63, and a zero last byte means that a shorter encoding exists.
            if shift == 63 && byte > 1 || shift > 0 && byte == 0 { throw failure(.malformedVarint) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        offset = position
        return value
    }

    /// Reads what `appendSignedVarint` wrote.
    public mutating func readSignedVarint() throws(DecodingFailure) -> Int64 {
        let encoded = try readVarint()
        return Int64(bitPattern: encoded >> 1) ^ -Int64(bitPattern: encoded & 1)
    }

    /// Reads a count of elements that take at least `elementBytesMin` bytes each, so that a lie cannot make the caller allocate for it.
    public mutating func readCount(elementBytesMin: Int) throws(DecodingFailure) -> Int {
        precondition(elementBytesMin > 0)
        let start = offset
        let count = try readVarint()
        let limit = remaining / elementBytesMin
        guard count <= UInt64(limit) else {
            offset = start
            throw failure(.lengthOutOfBounds(length: count, limit: limit))
        }
        return Int(count)
    }

    /// Reads what `append(lengthPrefixed:)` wrote, without a copy. The result borrows from the reader's bytes.
    public mutating func readLengthPrefixedBytes() throws(DecodingFailure) -> UnsafeRawBufferPointer {
        let count = try readCount(elementBytesMin: 1)
        return try take(count)
    }

    /// Reads text that `append(lengthPrefixed:)` wrote, checked to be UTF-8.
    public mutating func readString() throws(DecodingFailure) -> String {
        let start = offset
        let utf8 = try readLengthPrefixedBytes()
        guard let text = String(validating: utf8, as: UTF8.self) else {
            offset = start
            throw failure(.invalidUTF8)
        }
        return text
    }

    // MARK: Bulk

    /// Reads `count` bytes without a copy. The result borrows from the reader's bytes.
    public mutating func readBytes(_ count: Int) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        try take(count)
    }

    /// Reads `count` numbers of 4 bytes, by one copy.
    public mutating func readFloats(_ count: Int) throws(DecodingFailure) -> [Float] {
        let size = count.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        guard count >= 0, !size.overflow else {
            throw failure(.lengthOutOfBounds(length: UInt64(truncatingIfNeeded: count), limit: remaining / MemoryLayout<Float>.size))
        }
        let source = try take(size.partialValue)
        return [Float](unsafeUninitializedCapacity: count) { target, initialized in
            // SAFETY: `take` checked that `source` holds `count` floats; the target has room for as many.
            UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            initialized = count
        }
    }

    @usableFromInline
    mutating func take(_ count: Int) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        guard count >= 0 && count <= remaining else {
            throw failure(.truncated(needed: count, available: remaining))
        }
        let taken = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        offset += count
        return taken
    }
}
