import ByteCoding
import ColumnStore

/// The values of one metadata key, in place: bounds checked, contents not.
struct SegmentColumn {
    /// The column's place in the file's table of columns.
    let number: Int
    /// How many rows have the key.
    let count: Int
    let layout: SegmentFormat.ColumnLayout
    /// `nil`: each value has its own.
    let kind: MetadataKind?
    /// Where the values begin, in bytes within `SegmentSection.columnData`; rows and kinds follow them.
    let values: Int

    var rows: Int { values + count * 8 }
    var kinds: Int { rows + (layout == .sparse ? SegmentFormat.aligned(count * 4, to: 8) : 0) }

    /// The bytes of a column's data, values and what follows them.
    static func bytes(count: Int, layout: SegmentFormat.ColumnLayout, isMixed: Bool) -> Int {
        let rows = layout == .sparse ? SegmentFormat.aligned(count * 4, to: 8) : 0
        return count * 8 + rows + (isMixed ? SegmentFormat.aligned(count, to: 8) : 0)
    }
}

extension SegmentCursor {
    /// Reads the entry of a column, whose number may come from the file.
    func column(_ number: Int) throws(Corruption) -> SegmentColumn {
        typealias Field = SegmentFormat.ColumnField
        let start = number * SegmentFormat.columnEntryBytes
        guard number >= 0, number < layout[.columns].count else {
            throw corruption(.columns, 0, expected: "a column of number \(number)", found: "\(layout[.columns].count) columns")
        }
        let entry = try bytes(.columns, start, SegmentFormat.columnEntryBytes)
        let offset = Int(clamping: entry.load(fromByteOffset: Field.offset.rawValue, as: UInt64.self))
        let count = Int(clamping: entry.load(fromByteOffset: Field.valueCount.rawValue, as: UInt64.self))
        let (kindByte, layoutByte) = (entry[Field.kind.rawValue], entry[Field.layout.rawValue])
        guard let columnLayout = SegmentFormat.ColumnLayout(rawValue: layoutByte) else {
            throw corruption(.columns, start, "layout", expected: "0 or 1", found: "\(layoutByte)")
        }
        guard count <= rowCount, columnLayout == .sparse || count == rowCount else {
            throw corruption(.columns, start, "valueCount", expected: "\(rowCount) rows, or fewer if sparse", found: "\(count)")
        }
        let kind = MetadataKind(rawValue: UInt32(kindByte))
        guard kind != nil || kindByte == SegmentFormat.mixedKinds else {
            throw corruption(.columns, start, "kind", expected: "0 to 8 or \(SegmentFormat.mixedKinds)", found: "\(kindByte)")
        }
        guard entry[Field.reserved.rawValue...].allSatisfy({ $0 == 0 }) else {
            throw corruption(.columns, start, "reserved", expected: "0", found: "another")
        }
        let length = SegmentColumn.bytes(count: count, layout: columnLayout, isMixed: kind == nil)
        guard offset % 8 == 0, length <= layout[.columnData].length, offset <= layout[.columnData].length - length else {
            throw corruption(
                .columns, start, "offset", expected: "\(length) bytes within \(layout[.columnData].length)", found: "from \(offset)")
        }
        return SegmentColumn(number: number, count: count, layout: columnLayout, kind: kind, values: offset)
    }

    /// The row of the value at `index` of a sparse column.
    @inline(__always)
    func row(_ column: SegmentColumn, _ index: Int) throws(Corruption) -> Int {
        let row = try bytes(.columnData, column.rows + index * 4, 4).load(as: UInt32.self)
        guard row < rowCount else {
            throw corruption(.columnData, column.rows + index * 4, expected: "a row below \(rowCount)", found: "\(row)")
        }
        return Int(row)
    }

    /// The value at `index` of a column. Its string numbers are not checked; an array or a sparse vector lies in the mapping, all of it checked.
    @inline(__always)
    func entry(_ column: SegmentColumn, _ index: Int) throws(Corruption) -> MetadataEntry {
        let bits = try bytes(.columnData, column.values + index * 8, 8).load(as: UInt64.self)
        let kind: MetadataKind
        if let uniform = column.kind {
            kind = uniform
        } else {
            let byte = try bytes(.columnData, column.kinds + index, 1)[0]
            guard let own = MetadataKind(rawValue: UInt32(byte)) else {
                throw corruption(.columnData, column.kinds + index, "kind", expected: "0 to 8", found: "\(byte)")
            }
            kind = own
        }
        let key = UInt32(truncatingIfNeeded: column.number)
        guard !kind.isScalar else { return MetadataEntry(key: key, kind: kind, bits: bits) }
        let entry = MetadataEntry(key: key, kind: kind, bits: UInt64(UInt(bitPattern: try array(bits))))
        guard kind != .sparse || SparseWords(checking: entry.elements) != nil else {
            throw corruption(.arrays, Int(bits) * 8, expected: "the words of a sparse vector", found: "others")
        }
        return entry
    }

    /// The address of the count word of an array or a sparse vector, given the place of that word among those of the section.
    private func array(_ place: UInt64) throws(Corruption) -> UnsafeRawPointer {
        let words = layout[.arrays].count
        guard place < words else { throw corruption(.arrays, 0, expected: "an array at word \(place)", found: "\(words) words") }
        let start = Int(place)
        let count: UInt64 = try element(.arrays, start)
        guard count < words - start else {
            throw corruption(.arrays, start * 8, "count", expected: "at most \(words - start - 1) elements", found: "\(count)")
        }
        // SAFETY: the mapping outlives the entry, which is used within a call of the cursor.
        return try bytes(.arrays, start * 8, 8 + Int(count) * 8).baseAddress.unsafelyUnwrapped
    }

    /// The index among a column's values of a row's value; `nil` if the row does not have the key. Cost: O(log values) when sparse.
    func index(of row: Int, in column: SegmentColumn) throws(Corruption) -> Int? {
        switch column.layout {
        case .dense: return row
        case .sparse:
            let index = try firstIndex(of: row, in: column, from: 0)
            guard index < column.count, try self.row(column, index) == row else { return nil }
            return index
        }
    }

    /// The first index from `start` on whose row is not below `row`, by galloping: O(log of how far that is).
    func firstIndex(of row: Int, in column: SegmentColumn, from start: Int) throws(Corruption) -> Int {
        var (low, step) = (start, 1)
        while low + step <= column.count, try self.row(column, low + step - 1) < row {
            low += step
            step *= 2
        }
        var high = min(low + step, column.count)
        while low < high {
            let middle = (low + high) / 2
            if try self.row(column, middle) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
