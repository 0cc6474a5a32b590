import ColumnStore
public import VectorModel

/// One record of a snapshot, read in place. Keeps the snapshot's memory alive.
public struct RecordView: Sendable {
    private let memtable: Memtable
    private let vectors: VectorRows?
    private let row: Int

    /// - Parameter row: below the snapshot's `rowCount`.
    public init(snapshot: MemtableSnapshot, row: Int) {
        memtable = snapshot.memtable
        vectors = snapshot.vectors
        self.row = row
    }

    private var stored: MemtableRow { memtable.rows[row] }

    public var identifier: String { withIdentifierBytes { String(decoding: $0, as: UTF8.self) } }

    /// The id's UTF-8.
    public func withIdentifierBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(memtable.identifiers.bytes(of: stored.identifier))
    }

    public var document: String? { stored.documentBuffer.map { String(decoding: $0, as: UTF8.self) } }

    /// The document's UTF-8, or `nil` if there is none.
    public func withDocumentBytes<R>(_ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        try body(stored.documentBuffer)
    }

    public var uri: String? { stored.uriBuffer.map { String(decoding: $0, as: UTF8.self) } }

    /// The vector's floats, or `nil` if the record has none.
    public func withVector<R>(_ body: (UnsafeBufferPointer<Float>?) throws -> R) rethrows -> R {
        guard stored.flags & MemtableRow.hasVector != 0, let vectors else { return try body(nil) }
        return try body(vectors[row])
    }

    /// `nil` when the record has no metadata.
    public var metadata: Metadata? {
        stored.flags & MemtableRow.hasMetadata == 0 ? nil : memtable.metadataColumns.decode(stored.metadataEntries)
    }

    /// Whether `metadata` is other than `nil`.
    public var hasMetadata: Bool { stored.flags & MemtableRow.hasMetadata != 0 }

    public func forEachMetadataField(_ body: (_ key: String, _ value: MetadataValue) throws -> Void) rethrows {
        let columns = memtable.metadataColumns
        for entry in stored.metadataEntries {
            try body(columns.keys.string(of: entry.key), columns.value(of: entry))
        }
    }
}
