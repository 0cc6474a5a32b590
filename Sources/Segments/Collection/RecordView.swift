import ByteCoding
import ColumnStore
public import VectorModel

/// One record that was read: of a memtable in place, of a segment with the parts that were asked for. Keeps the memory it needs alive; reading it cannot fail.
public struct RecordView: Sendable {
    private enum Storage: Sendable {
        case memtable(MemtableRows, row: Int)
        case segment(SegmentRecord)
    }

    private let storage: Storage

    /// - Parameter row: below the rows' `rowCount`.
    init(_ rows: MemtableRows, row: Int) {
        storage = .memtable(rows, row: row)
    }

    init(_ record: SegmentRecord) {
        storage = .segment(record)
    }

    public var identifier: String { withIdentifierBytes { String(decoding: $0, as: UTF8.self) } }

    /// The id's UTF-8.
    public func withIdentifierBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        switch storage {
        case .memtable(let rows, let row): try body(rows.memtable.identifiers.bytes(of: rows.memtable.rows[row].identifier))
        case .segment(let record): try record.withIdentifierBytes(body)
        }
    }

    public var document: String? { withDocumentBytes { $0.map { String(decoding: $0, as: UTF8.self) } } }

    /// The document's UTF-8, or `nil` if there is none.
    public func withDocumentBytes<R>(_ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        switch storage {
        case .memtable(let rows, let row): try body(rows.memtable.rows[row].documentBuffer)
        case .segment(let record): try record.withDocumentBytes(body)
        }
    }

    public var uri: String? {
        switch storage {
        case .memtable(let rows, let row): rows.memtable.rows[row].uriBuffer.map { String(decoding: $0, as: UTF8.self) }
        case .segment(let record): record.uri
        }
    }

    /// The vector's floats, or `nil` if the record has none.
    public func withVector<R>(_ body: (UnsafeBufferPointer<Float>?) throws -> R) rethrows -> R {
        switch storage {
        case .memtable(let rows, let row):
            guard rows.memtable.rows[row].flags & MemtableRow.hasVector != 0, let vectors = rows.vectors else { return try body(nil) }
            return try body(vectors[row])
        case .segment(let record): return try record.withVector(body)
        }
    }

    /// `nil` when the record has no metadata.
    public var metadata: Metadata? {
        switch storage {
        case .memtable(let rows, let row):
            let stored = rows.memtable.rows[row]
            return stored.flags & MemtableRow.hasMetadata == 0 ? nil : rows.memtable.metadataColumns.decode(stored.metadataEntries)
        case .segment(let record): return record.metadata
        }
    }

    /// Whether `metadata` is other than `nil`.
    public var hasMetadata: Bool {
        switch storage {
        case .memtable(let rows, let row): rows.memtable.rows[row].flags & MemtableRow.hasMetadata != 0
        case .segment(let record): record.metadata != nil
        }
    }

    public func forEachMetadataField(_ body: (_ key: String, _ value: MetadataValue) throws -> Void) rethrows {
        switch storage {
        case .memtable(let rows, let row):
            let columns = rows.memtable.metadataColumns
            for entry in rows.memtable.rows[row].metadataEntries { try body(columns.keys.string(of: entry.key), columns.value(of: entry)) }
        case .segment(let record):
            for field in record.metadata?.fields ?? [] {
                if let value = field.value { try body(field.key, value) }
            }
        }
    }
}
