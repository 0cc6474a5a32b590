import ByteCoding

/// Which rows of which sources a new segment is to hold, in the order in which they were first inserted.
public struct SegmentRows {
    /// One row of one source.
    public struct Reference: BitwiseCopyable, Sendable {
        /// The place in `sources`.
        public let source: UInt32
        /// The row in that source.
        public let row: UInt32

        /// - Parameter source: the place in `sources`.
        public init(source: Int, row: Int) {
            self.source = UInt32(source)
            self.row = UInt32(row)
        }
    }

    /// Where the rows lie now.
    public let sources: [any StoredRows]
    /// The rows of the new segment, in order.
    public let rows: [Reference]

    /// - Parameter rows: in strictly ascending order of their insertion keys, no two with the same id.
    public init(sources: [any StoredRows], rows: [Reference]) {
        precondition(rows.allSatisfy { $0.source < sources.count && Int($0.row) < sources[Int($0.source)].rowCount })
        self.sources = sources
        self.rows = rows
    }

    /// All rows of one source.
    public init(all source: any StoredRows) {
        self.init(sources: [source], rows: (0..<source.rowCount).map { Reference(source: 0, row: $0) })
    }

    /// Rows of the new segment.
    public var count: Int { rows.count }

    /// Calls `body` with the source and the row in it of each row, and its place in the segment.
    func forEach(_ body: (_ index: Int, _ source: any StoredRows, _ row: Int) throws(SegmentWriteError) -> Void) throws(SegmentWriteError) {
        for index in rows.indices {
            let reference = rows[index]
            try body(index, sources[Int(reference.source)], Int(reference.row))
        }
    }
}

/// Reads from a source: damage there is the writer's `source` error.
func reading<Value>(_ read: () throws(Corruption) -> Value) throws(SegmentWriteError) -> Value {
    do throws(Corruption) { return try read() } catch { throw .source(error) }
}

/// As `reading`, for a read whose result is that of a write made from within.
func copying(_ read: () throws(Corruption) -> Result<Void, SegmentWriteError>) throws(SegmentWriteError) {
    try reading(read).get()
}
