import CJSON

/// A request body while it arrives: chunks are appended to one buffer, which is then parsed in place.
///
/// The buffer always has room for the parser's padding behind the text, so freezing it copies nothing.
public struct PaddedBody: ~Copyable, @unchecked Sendable {
    // SAFETY: owned by this value alone (it cannot be copied); `capacity` bytes, of which `count` are text; given up to `RequestBody` or freed once.
    private var bytes: UnsafeMutableRawPointer
    private var capacity: Int
    private let limit: Int
    private let dialect: Dialect

    /// The bytes that have arrived.
    public private(set) var count = 0

    /// Reserved at once on the client's word alone; more only as bytes arrive.
    private static let trustedBytes = 8 << 20
    private static let padding = Int(CJSON_PADDING)

    /// - Parameters:
    ///   - expectedByteCount: what the client announces; a hint.
    ///   - limit: the most bytes that are taken.
    ///   - dialect: words the error when there are more.
    public init(expectedByteCount: Int?, limit: Int, dialect: Dialect) {
        let expected = min(max(expectedByteCount ?? 4_096, 0), max(limit, 0), Self.trustedBytes)
        capacity = expected + Self.padding
        bytes = .allocate(byteCount: capacity, alignment: 16)
        self.limit = limit
        self.dialect = dialect
    }

    deinit {
        bytes.deallocate()
    }

    /// Takes a chunk. Amortised cost: linear in the chunk.
    /// - Throws: 413 when the body grows past its limit.
    public mutating func append(_ chunk: UnsafeRawBufferPointer) throws(WireError) {
        guard chunk.count <= limit - count else { throw .payloadTooLarge(limit: limit, dialect: dialect) }
        guard let source = chunk.baseAddress else { return }
        let needed = count + chunk.count + Self.padding
        if needed > capacity { grow(to: max(needed, min(capacity * 2, limit + Self.padding))) }
        (bytes + count).copyMemory(from: source, byteCount: chunk.count)
        count += chunk.count
    }

    /// The whole body, frozen.
    public consuming func finish() -> RequestBody {
        let body = RequestBody(owning: bytes, count: count)
        discard self
        return body
    }

    private mutating func grow(to newCapacity: Int) {
        let larger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        larger.copyMemory(from: bytes, byteCount: count)
        bytes.deallocate()
        bytes = larger
        capacity = newCapacity
    }
}

/// A whole request body, ready to be decoded on any thread.
public final class RequestBody: Sendable {
    // SAFETY: written before the initialiser returns, never after; freed in `deinit`. `count` bytes of text, then the parser's padding.
    private nonisolated(unsafe) let bytes: UnsafeMutableRawPointer
    public let count: Int

    fileprivate init(owning bytes: UnsafeMutableRawPointer, count: Int) {
        self.bytes = bytes
        self.count = count
        (bytes + count).initializeMemory(as: UInt8.self, repeating: 0, count: Int(CJSON_PADDING))
    }

    /// A copy of `text`.
    public convenience init(_ text: [UInt8]) {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: text.count + Int(CJSON_PADDING), alignment: 16)
        text.withUnsafeBytes { source in
            if let start = source.baseAddress { bytes.copyMemory(from: start, byteCount: source.count) }
        }
        self.init(owning: bytes, count: text.count)
    }

    public convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    deinit {
        bytes.deallocate()
    }

    /// The text; the parser's padding is readable behind it.
    var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }
}
