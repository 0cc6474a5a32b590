import ByteCoding
import Quantization
import VectorModel

/// Reads the rows of a segment, for one thread and one operation.
///
/// Keeps the mapping, the segment and the block of texts decompressed last. Every method compares what it reads with its checksum first, and
/// numbers found in the file with their bounds: buffers handed out are valid as long as the cursor unless a method says otherwise.
public final class SegmentCursor {
    let segment: Segment
    let mapping: SegmentMapping
    let layout: SegmentLayout
    /// The texts decompressed last, and of which block they are.
    var openTexts: SegmentTexts?
    // SAFETY: allocated once by `announcedVector`, with the segment's dimension, and freed in `deinit`.
    var widened: UnsafeMutableBufferPointer<Float>?

    init(_ segment: Segment, _ mapping: SegmentMapping) {
        self.segment = segment
        self.mapping = mapping
        layout = segment.layout
    }

    deinit { widened?.deallocate() }

    /// Rows in the segment, dead ones included.
    public var rowCount: Int { segment.rowCount }

    /// Has the system read ahead, for a caller that is about to read all rows, as a compaction does.
    public func willReadEverything() { mapping.advise(.everything, layout) }

    /// Ends what `willReadEverything` began: what only the one reading needed is no longer memory of this process. The system still has it cached.
    public func didReadEverything() {
        mapping.advise(.nothing, layout)
        mapping.advise(.lookups, layout)
    }

    // MARK: Sections

    /// The element at `index` of a section, both of which may come from the file.
    @inline(__always)
    func element<Value: FixedWidthInteger & BitwiseCopyable>(
        _ section: SegmentSection, _ index: Int, as type: Value.Type = Value.self
    ) throws(Corruption) -> Value {
        let size = MemoryLayout<Value>.size
        let pointer = try elements(section, at: index &* size, count: size, of: index)
        // SAFETY: `elements` checked the bounds; sections begin at multiples of 64 and the element at a multiple of its size.
        return pointer.load(as: Value.self)
    }

    /// `count` bytes of a section from byte `offset` of it, any of which may come from the file.
    func bytes(_ section: SegmentSection, _ offset: Int, _ count: Int) throws(Corruption) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: try elements(section, at: offset, count: count, of: offset), count: count)
    }

    @inline(__always)
    private func elements(_ section: SegmentSection, at offset: Int, count: Int, of index: Int) throws(Corruption) -> UnsafeRawPointer {
        let place = layout[section]
        guard offset >= 0, count >= 0, count <= place.length, offset <= place.length &- count else {
            throw corruption(section, 0, expected: "an element at \(index)", found: "\(place.count) elements")
        }
        try mapping.ensure(place.offset &+ offset, count)
        return mapping.base + (place.offset &+ offset)
    }

    /// A section's first byte, for callers that ensure what they read. The section must not be empty.
    @inline(__always)
    func base(_ section: SegmentSection) -> UnsafeRawPointer { mapping.base + layout[section].offset }

    /// What is wrong at byte `offset` of a section; the segment's owner is told.
    @inline(never)
    func corruption(_ section: SegmentSection, _ offset: Int, _ what: String = "", expected: String, found: String) -> Corruption {
        mapping.damage.report(Corruption(
            file: mapping.path, offset: layout[section].offset + offset, what: "segment section \(section)\(what.isEmpty ? "" : ", ")\(what)",
            expected: expected, found: found))
    }

    // MARK: Strings

    /// The bytes of string `number` of a table; the number may come from the file.
    func string(_ number: Int, of table: SegmentStrings) throws(Corruption) -> UnsafeRawBufferPointer {
        guard number >= 0, number < layout[table.offsets].count - 1 else {
            throw corruption(table.offsets, 0, expected: "a string of number \(number)", found: "\(layout[table.offsets].count - 1) strings")
        }
        let start: UInt64 = try element(table.offsets, number)
        let end: UInt64 = try element(table.offsets, number + 1)
        guard start <= end, end <= layout[table.bytes].length else {
            throw corruption(table.offsets, number * 8, expected: "ascending offsets to \(layout[table.bytes].length)", found: "\(start) and \(end)")
        }
        return try bytes(table.bytes, Int(start), Int(end - start))
    }

    /// The number of a string; `nil` if the table does not have it.
    ///
    /// Cost: expected one slot, one pair of offsets and one string.
    func find(_ string: UnsafeRawBufferPointer, in table: SegmentStrings) throws(Corruption) -> Int? {
        let slots = layout[table.index].count
        guard slots > 0 else { return nil }
        let hash = SipHash.hash(string, key: segment.header.hashKey).low
        let count = layout[table.offsets].count - 1
        var slot = SegmentHashSlot.first(of: hash, slots: slots)
        // A table without an empty slot, which no writer makes, ends the search too.
        for _ in 0..<slots {
            let found = SegmentHashSlot(bits: try element(table.index, slot))
            guard let number = found.number else { return nil }
            guard number < count else {
                throw corruption(table.index, slot * 8, expected: "a number below \(count)", found: "\(number)")
            }
            if found.fingerprint == SegmentHashSlot.fingerprint(of: hash) {
                let candidate = try self.string(number, of: table)
                if candidate.elementsEqual(bytesOf: string) { return number }
            }
            slot = (slot + 1) & (slots - 1)
        }
        return nil
    }

    func find(_ string: String, in table: SegmentStrings) throws(Corruption) -> Int? {
        var string = string
        // Typed throws do not pass through `withUTF8`, hence the result.
        return try string.withUTF8 { utf8 in
            Result { () throws(Corruption) in try find(UnsafeRawBufferPointer(utf8), in: table) }
        }.get()
    }
}
