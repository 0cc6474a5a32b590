#if _endian(big)
#error("The file formats are little-endian and are copied to and from memory as they are.")
#endif

/// Encodes values into a growing buffer: little-endian integers, variable-length integers, length-prefixed text, whole arrays by one copy.
///
/// Fixed-width values are not aligned. Growing doubles the buffer, so n bytes cost O(n). Not copyable: there is one owner, and `finish()`
/// hands the buffer on without a copy.
public struct ByteWriter: ~Copyable {
    // SAFETY: `base` has `capacity` bytes, of which `count` are initialized; `capacity` is a multiple of 8.
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// The number of bytes written so far.
    public private(set) var count: Int

    /// - Parameter capacity: bytes to reserve at once; the buffer grows past it.
    public init(capacity: Int = 256) {
        precondition(capacity >= 0)
        self.capacity = (max(capacity, 8) + 7) & ~7
        base = .allocate(byteCount: self.capacity, alignment: 16)
        count = 0
    }

    deinit {
        base.deallocate()
    }

    /// Ends writing and hands the buffer on, without a copy.
    public consuming func finish() -> ByteBlock {
        let block = ByteBlock(adopting: base, count: count)
        discard self
        return block
    }

    /// Calls `body` with what was written so far; the pointer is valid only during the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Forgets what was written and keeps the buffer.
    public mutating func removeAll() {
        count = 0
    }

    // MARK: Fixed width

    /// Appends an integer in the width of its type. Give `Int` an explicit width first: `Int64(value)`.
    @inlinable
    public mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        extend(by: size).storeBytes(of: value, as: Value.self)
    }

    /// Appends the 4 bytes of the IEEE 754 pattern.
    public mutating func append(_ value: Float) {
        append(value.bitPattern)
    }

    /// Appends the 8 bytes of the IEEE 754 pattern.
    public mutating func append(_ value: Double) {
        append(value.bitPattern)
    }

    /// Replaces an integer that was written at `offset`, e.g. a length that was not known yet.
    public mutating func overwrite<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
        // SAFETY: the precondition keeps the store inside the initialized bytes.
        (base + offset).storeBytes(of: value, as: Value.self)
    }

    // MARK: Variable length

    /// Appends 7 bits per byte, lowest first, the top bit saying that more follow: 1 byte below 128, at most 10.
    public mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed integer so that small magnitudes of either sign are short: 0, −1, 1, −2 become the varints 0, 1, 2, 3.
    public mutating func appendSignedVarint(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends the byte count as a varint, then the UTF-8 bytes.
    public mutating func append(lengthPrefixed text: String) {
        var text = text
        text.withUTF8 { utf8 in
            append(lengthPrefixed: UnsafeRawBufferPointer(utf8))
        }
    }

    /// Appends the byte count as a varint, then the bytes.
    public mutating func append(lengthPrefixed bytes: UnsafeRawBufferPointer) {
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    // MARK: Bulk

    /// Appends bytes as they are, by one copy.
    public mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Appends 4 bytes for each number, by one copy; the count is the caller's to write.
    public mutating func append(contentsOf floats: [Float]) {
        floats.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Appends 4 bytes for each number, by one copy; the count is the caller's to write.
    public mutating func append(contentsOf floats: UnsafeBufferPointer<Float>) {
        append(contentsOf: UnsafeRawBufferPointer(floats))
    }

    /// Appends `count` zero bytes.
    public mutating func appendZeros(_ count: Int) {
        precondition(count >= 0)
        extend(by: count).initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    /// Makes room for `size` more bytes and returns where they begin; the caller must fill them all.
    @usableFromInline
    mutating func extend(by size: Int) -> UnsafeMutableRawPointer {
        let start = count
        let end = start + size
        if end > capacity { grow(to: end) }
        count = end
        // SAFETY: `end` ≤ `capacity`.
        return base + start
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let newCapacity = (max(needed, capacity * 2) + 7) & ~7
        let newBase = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        // SAFETY: both buffers hold `count` bytes and do not overlap.
        newBase.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = newBase
        capacity = newCapacity
    }
}
