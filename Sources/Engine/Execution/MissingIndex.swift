import Segments

/// What a request would have used, and what was the first to miss it.
enum MissingIndex {
    /// An index or a lookup file of a segment that is there and not open.
    case file
    /// A lookup of these rows, many of which no lookup is of.
    case memtable(MemtableRows)
}

extension RowSource {
    /// What a filter of these rows misses, if it is the first.
    func missingLookup() -> MissingIndex? {
        switch self {
        case .segment(let segment): segment.wantLookup() ? .file : nil
        case .memtable(let rows): rows.wantLookup() ? .memtable(rows) : nil
        }
    }
}
