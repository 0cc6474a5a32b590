public import ByteCoding
import ColumnStore
public import VectorModel

extension SegmentCursor {
    /// The fields of a row in the order in which they were given; `nil`: the row has no metadata.
    ///
    /// Cost: O(fields), times O(log rows) for keys that few rows have.
    public func metadata(of row: Int) throws(Corruption) -> Metadata? {
        guard let keys = try keyList(of: row) else { return nil }
        var fields: [MetadataField] = []
        fields.reserveCapacity(keys.count)
        for key in keys {
            let column = try column(Int(key))
            guard let index = try index(of: row, in: column) else {
                throw corruption(.columns, Int(key) * SegmentFormat.columnEntryBytes, expected: "a value for row \(row)", found: "none")
            }
            let name = String(decoding: try string(Int(key), of: .keys), as: UTF8.self)
            fields.append(MetadataField(key: name, value: try value(try entry(column, index))))
        }
        return Metadata(fields: fields)
    }

    /// The numbers of a row's keys, in order.
    func keyList(of row: Int) throws(Corruption) -> UnsafeBufferPointer<UInt32>? {
        let number: UInt32 = try element(.rowKeyLists, row)
        let hasMetadata = try flags(of: row) & SegmentFormat.RowFlag.hasMetadata != 0
        guard hasMetadata == (number != SegmentFormat.noKeyList) else {
            throw corruption(.rowKeyLists, row * 4, expected: hasMetadata ? "a list of keys" : "none", found: hasMetadata ? "none" : "\(number)")
        }
        guard hasMetadata else { return nil }
        guard number < layout[.keyListOffsets].count - 1 else {
            throw corruption(.rowKeyLists, row * 4, expected: "a list below \(layout[.keyListOffsets].count - 1)", found: "\(number)")
        }
        return try keyList(Int(number))
    }

    /// The key numbers of a list that exists.
    func keyList(_ number: Int) throws(Corruption) -> UnsafeBufferPointer<UInt32> {
        let start: UInt64 = try element(.keyListOffsets, number)
        let end: UInt64 = try element(.keyListOffsets, number + 1)
        guard start <= end, end <= layout[.keyLists].count else {
            throw corruption(
                .keyListOffsets, number * 8, expected: "ascending offsets to \(layout[.keyLists].count)", found: "\(start) and \(end)")
        }
        return try bytes(.keyLists, Int(start) * 4, Int(end - start) * 4).assumingMemoryBound(to: UInt32.self)
    }

    /// The value that an entry of the file means.
    func value(_ entry: MetadataEntry) throws(Corruption) -> MetadataValue {
        switch entry.kind {
        case .string: return .string(try string(entry.bits))
        case .integer: return .integer(Int64(bitPattern: entry.bits))
        case .float: return .float(Double(bitPattern: entry.bits))
        case .boolean: return .boolean(entry.bits != 0)
        case .strings:
            var strings: [String] = []
            for bits in entry.elements { strings.append(try string(bits)) }
            return .strings(strings)
        case .integers: return .integers(entry.elements.map { Int64(bitPattern: $0) })
        case .floats: return .floats(entry.elements.map { Double(bitPattern: $0) })
        case .booleans: return .booleans(entry.elements.map { $0 != 0 })
        case .sparse:
            return .sparse(try SparseWords(encoded: entry.elements).vector { (bits) throws(Corruption) in try string(bits) })
        }
    }

    private func string(_ bits: UInt64) throws(Corruption) -> String {
        String(decoding: try string(Int(clamping: bits), of: .strings), as: UTF8.self)
    }
}
