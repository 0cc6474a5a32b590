import ByteCoding
import ColumnStore
import VectorModel

/// Writes the metadata of a segment: a first pass over the rows numbers keys, strings and lists of keys and counts values, a
/// second writes arrays if there are any, and the columns follow, as many at a time as fit in memory.
final class SegmentMetadataWriter {
    /// Values of the columns gathered in one pass; a column with more is gathered alone.
    static let valuesInMemoryMax = 4 << 20

    private struct Key {
        var count = 0
        var kind: MetadataKind?
        var isMixed = false
    }

    private let writer: SegmentWriter
    private let strings: SegmentStringsWriter
    private var keyNumbers: [String: Int] = [:]
    private var keyNames: [String] = []
    private var keys: [Key] = []
    private var listNumbers: [[UInt32]: UInt32] = [:]
    private var listOffsets: [UInt64] = [0]
    private var listKeys: [UInt32] = []
    private var rowLists: [UInt32] = []
    private var hasArrays = false

    init(_ writer: SegmentWriter) {
        self.writer = writer
        strings = SegmentStringsWriter(key: writer.header.hashKey)
    }

    func write() throws(SegmentWriteError) {
        let output = writer.output
        try writer.section(.stringBytes) { () throws(SegmentWriteError) in try self.survey() }
        try writer.section(.stringOffsets) { () throws(SegmentWriteError) in try output.append(contentsOf: self.strings.offsets) }
        try writer.section(.stringIndex) { () throws(SegmentWriteError) in try output.append(contentsOf: self.strings.index()) }
        try writeKeys()
        try writer.section(.keyListOffsets) { () throws(SegmentWriteError) in try output.append(contentsOf: self.listOffsets) }
        try writer.section(.keyLists) { () throws(SegmentWriteError) in try output.append(contentsOf: self.listKeys) }
        try writer.section(.rowKeyLists) { () throws(SegmentWriteError) in try output.append(contentsOf: self.rowLists) }
        if hasArrays { try writer.section(.arrays) { () throws(SegmentWriteError) in try self.writeArrays() } }
        var entries: [SegmentColumn] = []
        try writer.section(.columnData) { () throws(SegmentWriteError) in entries = try self.writeColumns() }
        try writer.section(.columns) { () throws(SegmentWriteError) in
            for entry in entries {
                try output.append(UInt64(entry.values))
                try output.append(UInt64(entry.count))
                try output.append(entry.kind.map { UInt8($0.rawValue) } ?? SegmentFormat.mixedKinds)
                try output.append(entry.layout.rawValue)
                try output.appendZeros(SegmentFormat.columnEntryBytes - SegmentFormat.ColumnField.reserved.rawValue)
            }
        }
    }

    private func forEachRow(_ body: (_ row: Int, Metadata?) throws(SegmentWriteError) -> Void) throws(SegmentWriteError) {
        try writer.rows.forEach { index, source, row throws(SegmentWriteError) in
            try body(index, try reading { () throws(Corruption) in try source.metadata(of: row) })
        }
    }

    // MARK: First pass

    /// Numbers and counts everything; writes the strings as they come.
    private func survey() throws(SegmentWriteError) {
        rowLists.reserveCapacity(writer.rows.count)
        try forEachRow { row, metadata throws(SegmentWriteError) in
            guard let metadata else { return self.rowLists.append(SegmentFormat.noKeyList) }
            self.writer.flags[row] |= SegmentFormat.RowFlag.hasMetadata
            var list: [UInt32] = []
            for field in metadata.fields {
                guard let value = field.value else { continue }
                let key = self.number(ofKey: field.key)
                list.append(UInt32(key))
                self.note(value.kind, of: key)
                try self.internStrings(of: value)
            }
            self.rowLists.append(self.number(ofList: list))
        }
    }

    private func number(ofKey name: String) -> Int {
        if let number = keyNumbers[name] { return number }
        keyNumbers[name] = keys.count
        keyNames.append(name)
        keys.append(Key())
        return keys.count - 1
    }

    private func note(_ kind: MetadataKind, of key: Int) {
        keys[key].count += 1
        if let known = keys[key].kind, known != kind { keys[key].isMixed = true }
        keys[key].kind = kind
        if !kind.isScalar { hasArrays = true }
    }

    private func number(ofList list: [UInt32]) -> UInt32 {
        if let number = listNumbers[list] { return number }
        let number = UInt32(listNumbers.count)
        listNumbers[list] = number
        listKeys += list
        listOffsets.append(UInt64(listKeys.count))
        return number
    }

    private func internStrings(of value: MetadataValue) throws(SegmentWriteError) {
        switch value {
        case .string(let string): _ = try strings.intern(string, to: writer.output)
        case .strings(let elements):
            for string in elements { _ = try strings.intern(string, to: writer.output) }
        case .sparse(let vector):
            for label in vector.labels ?? [] { _ = try strings.intern(label, to: writer.output) }
        case .integer, .float, .boolean, .integers, .floats, .booleans: break
        }
    }

    private func writeKeys() throws(SegmentWriteError) {
        let table = SegmentStringsWriter(key: writer.header.hashKey)
        let output = writer.output
        try writer.section(.keyBytes) { () throws(SegmentWriteError) in
            for name in self.keyNames { _ = try table.intern(name, to: output) }
        }
        try writer.section(.keyOffsets) { () throws(SegmentWriteError) in try output.append(contentsOf: table.offsets) }
        try writer.section(.keyIndex) { () throws(SegmentWriteError) in try output.append(contentsOf: table.index()) }
    }

    // MARK: Later passes

    /// Writes every array and sparse vector, a count and its elements' bits or its words, in the order of rows and fields.
    private func writeArrays() throws(SegmentWriteError) {
        try forEachRow { _, metadata throws(SegmentWriteError) in
            for field in metadata?.fields ?? [] {
                guard let value = field.value, !value.kind.isScalar else { continue }
                let words = value.words(self.strings)
                try self.writer.output.append(UInt64(words.count))
                try self.writer.output.append(contentsOf: words)
            }
        }
    }

    /// Writes the columns' values, several columns a pass, and returns what the table of columns says of them.
    private func writeColumns() throws(SegmentWriteError) -> [SegmentColumn] {
        var entries: [SegmentColumn] = []
        var offset = 0
        while entries.count < keys.count {
            let first = entries.count
            var (end, values) = (first + 1, keys[first].count)
            while end < keys.count, values + keys[end].count <= Self.valuesInMemoryMax {
                values += keys[end].count
                end += 1
            }
            for column in try gather(first..<end) {
                entries.append(column.entry(number: entries.count, at: offset))
                offset += try column.write(to: writer.output)
            }
        }
        return entries
    }

    /// The values of some keys, in one pass over the rows.
    private func gather(_ gathered: Range<Int>) throws(SegmentWriteError) -> [SegmentColumnWriter] {
        var columns = gathered.map {
            SegmentColumnWriter(count: keys[$0].count, kind: keys[$0].isMixed ? nil : keys[$0].kind, rowCount: writer.rows.count)
        }
        var arrayWords = 0
        try forEachRow { row, metadata throws(SegmentWriteError) in
            for field in metadata?.fields ?? [] {
                guard let value = field.value else { continue }
                let kind = value.kind
                let place = arrayWords
                if !kind.isScalar { arrayWords += 1 + value.wordCount }
                guard let key = self.keyNumbers[field.key], gathered.contains(key) else { continue }
                let bits = kind.isScalar ? value.words(self.strings)[0] : UInt64(place)
                columns[key - gathered.lowerBound].append(row: row, kind: kind, bits: bits)
            }
        }
        return columns
    }
}
