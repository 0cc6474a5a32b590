public import ByteCoding
import ColumnStore
public import VectorModel

/// Reads the values of one metadata key, row by row; the key is looked up once.
public struct MetadataKeyReader {
    private enum Source {
        case memtable(MemtableRows, key: UInt32)
        case segment(SegmentCursor, SegmentColumn)
        case none
    }

    private let source: Source

    public init(_ key: String, of reader: RowReader) throws(Corruption) {
        switch reader {
        case .memtable(let rows):
            source = if let number = rows.memtable.metadataColumns.keys.find(key) { .memtable(rows, key: number) } else { .none }
        case .segment(let cursor):
            source = if let number = try cursor.find(key, in: .keys) { .segment(cursor, try cursor.column(number)) } else { .none }
        }
    }

    /// `nil`: the row does not have the key. Cost: O(keys of the row) in a memtable, O(log rows) in a segment.
    public func value(of row: Int) throws(Corruption) -> MetadataValue? {
        switch source {
        case .memtable(let rows, let key):
            return rows.memtable.rows[row].metadataEntries.first { $0.key == key }.map { rows.memtable.metadataColumns.value(of: $0) }
        case .segment(let cursor, let column):
            guard let index = try cursor.index(of: row, in: column) else { return nil }
            return try cursor.value(try cursor.entry(column, index))
        case .none: return nil
        }
    }
}
