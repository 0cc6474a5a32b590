public import ByteCoding
public import ColumnStore
public import Filtering
import Indexes
public import TextSearch
public import VectorModel

/// Where some of a collection's rows lie.
public enum RowSource: Sendable {
    case memtable(MemtableRows)
    case segment(Segment)

    public var rowCount: Int {
        switch self {
        case .memtable(let rows): rows.rowCount
        case .segment(let segment): segment.rowCount
        }
    }

    /// The same memtable or the same segment, at whatever moment.
    public var identity: ObjectIdentifier {
        switch self {
        case .memtable(let rows): ObjectIdentifier(rows.memtable)
        case .segment(let segment): ObjectIdentifier(segment)
        }
    }

    public var segment: Segment? {
        switch self {
        case .memtable: nil
        case .segment(let segment): segment
        }
    }

    /// - Throws: `Corruption` when the segment's file cannot be used.
    public func reader() throws(Corruption) -> RowReader {
        switch self {
        case .memtable(let rows): .memtable(rows)
        case .segment(let segment): .segment(try segment.cursor())
        }
    }
}

/// Reads the rows of a source, one thread at a time.
public enum RowReader {
    case memtable(MemtableRows)
    case segment(SegmentCursor)

    /// The newest row of an id, dead or alive.
    public func find(_ identifier: UnsafeRawBufferPointer) throws(Corruption) -> Int? {
        switch self {
        case .memtable(let rows): rows.find(identifier)
        case .segment(let cursor): try cursor.find(identifier)
        }
    }

    /// The record at `row`, with the parts asked for.
    public func record(_ row: Int, _ fields: RecordFields) throws(Corruption) -> RecordView {
        switch self {
        case .memtable(let rows): RecordView(rows, row: row)
        case .segment(let cursor): RecordView(try cursor.record(row, fields: fields))
        }
    }

    /// Removes from `candidates` the rows that have no vector.
    public func keepRowsWithVectors(_ candidates: inout OrdinalSet) throws(Corruption) {
        switch self {
        case .memtable(let rows): rows.keepRowsWithVectors(&candidates)
        case .segment(let cursor): try cursor.keepRowsWithVectors(&candidates)
        }
    }

    /// The vector of a row that a search has announced to the reader before it read it; valid until the next call.
    public func announcedVector(of row: Int, dimension: Int) -> UnsafeBufferPointer<Float> {
        switch self {
        case .memtable(let rows): rows.vectors.unsafelyUnwrapped[row]
        case .segment(let cursor): cursor.announcedVector(of: row)
        }
    }

    /// Whether rows lie in ascending order of their insertion keys.
    var isInInsertionOrder: Bool {
        switch self {
        case .memtable(let rows): rows.isInInsertionOrder
        case .segment: true
        }
    }
}

extension RowReader: StoredRows {
    public var rowCount: Int {
        switch self {
        case .memtable(let rows): rows.rowCount
        case .segment(let cursor): cursor.rowCount
        }
    }

    public func insertionKey(of row: Int) throws(Corruption) -> UInt64 {
        switch self {
        case .memtable(let rows): try rows.insertionKey(of: row)
        case .segment(let cursor): try cursor.insertionKey(of: row)
        }
    }

    public func sequence(of row: Int) throws(Corruption) -> SequenceNumber {
        switch self {
        case .memtable(let rows): try rows.sequence(of: row)
        case .segment(let cursor): try cursor.sequence(of: row)
        }
    }

    public func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R {
        switch self {
        case .memtable(let rows): try rows.withIdentifier(of: row, body)
        case .segment(let cursor): try cursor.withIdentifier(of: row, body)
        }
    }

    public func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R {
        switch self {
        case .memtable(let rows): try rows.withVector(of: row, body)
        case .segment(let cursor): try cursor.withVector(of: row, body)
        }
    }

    public func withTexts<R>(
        of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R
    ) throws(Corruption) -> R {
        switch self {
        case .memtable(let rows): try rows.withTexts(of: row, body)
        case .segment(let cursor): try cursor.withTexts(of: row, body)
        }
    }

    public func metadata(of row: Int) throws(Corruption) -> Metadata? {
        switch self {
        case .memtable(let rows): try rows.metadata(of: row)
        case .segment(let cursor): try cursor.metadata(of: row)
        }
    }
}

extension RowReader: FilterableRows {
    public func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? {
        switch self {
        case .memtable(let rows): try rows.metadataStringNumber(string)
        case .segment(let cursor): try cursor.metadataStringNumber(string)
        }
    }

    public func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer {
        switch self {
        case .memtable(let rows): try rows.metadataString(number)
        case .segment(let cursor): try cursor.metadataString(number)
        }
    }

    public func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer {
        switch self {
        case .memtable(let rows): try rows.identifier(of: row)
        case .segment(let cursor): try cursor.identifier(of: row)
        }
    }

    public func row(of identifier: String) throws(Corruption) -> Int? {
        switch self {
        case .memtable(let rows): try rows.row(of: identifier)
        case .segment(let cursor): try cursor.row(of: identifier)
        }
    }

    public func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        switch self {
        case .memtable(let rows): try rows.keep(in: &candidates, key: key, keepsMissing: keepsMissing, where: accepts)
        case .segment(let cursor): try cursor.keep(in: &candidates, key: key, keepsMissing: keepsMissing, where: accepts)
        }
    }

    public func columnLookup(of key: String) throws(Corruption) -> ColumnLookup? {
        switch self {
        case .memtable(let rows): try rows.columnLookup(of: key)
        case .segment(let cursor): try cursor.columnLookup(of: key)
        }
    }

    public var documentTrigrams: TrigramIndex? {
        switch self {
        case .memtable(let rows): rows.documentTrigrams
        case .segment(let cursor): cursor.segment.lookup?.trigrams
        }
    }

    public func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer? {
        switch self {
        case .memtable(let rows): try rows.document(of: row)
        case .segment(let cursor): try cursor.document(of: row)
        }
    }
}
