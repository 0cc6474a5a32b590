import CJSON

/// JSON text as UTF-8, large answers in several pieces, so that nothing grows and moves while it is written.
public struct WireBytes: Sendable {
    /// To be sent one after the other.
    public let chunks: [[UInt8]]

    public var count: Int { chunks.reduce(0) { $0 + $1.count } }
}

/// Writes JSON into byte buffers.
struct JSONWriter {
    private static let chunkBytes = 1 << 20
    private var chunks: [[UInt8]] = []
    private var bytes: [UInt8] = []

    init(capacity: Int = 256) {
        bytes.reserveCapacity(min(capacity, Self.chunkBytes))
    }

    consuming func finish() -> WireBytes {
        if !bytes.isEmpty || chunks.isEmpty { chunks.append(bytes) }
        return WireBytes(chunks: chunks)
    }

    /// Everything in one piece.
    consuming func finishWhole() -> [UInt8] {
        let written = finish().chunks
        return written.count == 1 ? written[0] : Array(written.joined())
    }

    /// Text that is JSON already.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func null() { raw("null") }

    mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    mutating func integer(_ value: some BinaryInteger) {
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func double(_ value: Double) {
        reserve(Int(CJSON_NUMBER_MAX)) { cjson_write_double(value, $0) }
    }

    /// The shortest text of the float; `null` when it is not finite.
    mutating func float(_ value: Float) {
        reserve(Int(CJSON_NUMBER_MAX)) { cjson_write_float(value, $0) }
    }

    mutating func floats(_ values: UnsafeBufferPointer<Float>) {
        reserve(values.count * Int(CJSON_NUMBER_MAX) + 2) { cjson_write_floats(values.baseAddress, values.count, $0) }
    }

    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    /// A string given as UTF-8.
    mutating func string(_ text: UnsafeRawBufferPointer) {
        raw("\"")
        var rest = text[...]
        // Long texts in pieces: the room for the worst case stays small.
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(32 * 1024))
            rest = rest.dropFirst(piece.count)
            reserve(piece.count * 6) {
                cjson_write_escaped(piece.baseAddress?.assumingMemoryBound(to: CChar.self), piece.count, $0)
            }
        }
        raw("\"")
    }

    /// `[…]` with what `element` writes for each.
    mutating func array<C: Collection>(_ elements: C, _ element: (inout JSONWriter, C.Element) -> Void) {
        raw("[")
        var isFirst = true
        for value in elements {
            if !isFirst { raw(",") }
            isFirst = false
            element(&self, value)
            sealFullChunk()
        }
        raw("]")
    }

    /// A value that was read, written again.
    mutating func value(_ value: JSONValue) {
        switch value.kind {
        case .null: null()
        case .boolean: boolean(value.boolean ?? false)
        case .integer: integer(value.integer ?? 0)
        case .unsigned, .double: double(value.number ?? 0)
        case .string: value.withStringBytes { if let text = $0 { string(text) } }
        case .array:
            raw("[")
            value.forEachElement { (index: Int, element: JSONValue) throws(Never) in
                if index > 0 { raw(",") }
                self.value(element)
            }
            raw("]")
        case .object:
            raw("{")
            var isFirst = true
            value.forEachMember { (key: String, element: JSONValue) throws(Never) in
                if !isFirst { raw(",") }
                isFirst = false
                string(key)
                raw(":")
                self.value(element)
            }
            raw("}")
        }
    }

    private mutating func sealFullChunk() {
        guard bytes.count >= Self.chunkBytes else { return }
        chunks.append(bytes)
        bytes = []
        bytes.reserveCapacity(Self.chunkBytes + Self.chunkBytes / 4)
    }

    /// Appends what `write` puts into room for `most` bytes.
    private mutating func reserve(_ most: Int, _ write: (UnsafeMutablePointer<CChar>?) -> Int) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(most, 1)) { room in
            let count = write(room.baseAddress)
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: room.baseAddress, count: count))
        }
    }
}
