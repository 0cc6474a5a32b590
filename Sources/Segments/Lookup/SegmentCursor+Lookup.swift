public import ByteCoding
import ColumnStore
public import Filtering

extension SegmentCursor {
    /// See `FilterableRows`. `nil` also while the segment's lookup file is not open.
    public func columnLookup(of key: String) throws(Corruption) -> ColumnLookup? {
        guard let lookup = segment.lookup else { return nil }
        guard let number = try find(key, in: .keys) else { return lookup.columns.lookup(column: nil, values: NoValues()) }
        return lookup.columns.lookup(column: number, values: KeyValues(cursor: self, column: try column(number)))
    }
}

/// The values of one key of a segment, in place.
private struct KeyValues: ColumnValues {
    let cursor: SegmentCursor
    let column: SegmentColumn

    func bits(ofRow row: Int, kind: MetadataKind) throws(Corruption) -> UInt64 {
        guard let index = try cursor.index(of: row, in: column) else { throw missing(row, kind) }
        let entry = try cursor.entry(column, index)
        guard entry.kind == kind else { throw missing(row, kind) }
        return entry.bits
    }

    private func missing(_ row: Int, _ kind: MetadataKind) -> Corruption {
        Corruption(
            file: cursor.segment.lookupPath, offset: 0, what: "lookup file section columns",
            expected: "rows that have a value of kind \(kind) in column \(column.number)", found: "row \(row)")
    }
}

/// Those of a key that no row has.
private struct NoValues: ColumnValues {
    func bits(ofRow row: Int, kind: MetadataKind) throws(Corruption) -> UInt64 { preconditionFailure("no row has the key") }
}
