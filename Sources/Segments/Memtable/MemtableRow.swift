import ColumnStore

/// Where everything about one row version is. 56 bytes; texts and metadata lie in arenas and may be shared with an older version of the record.
struct MemtableRow: BitwiseCopyable {
    /// The document's bytes, then the URI's.
    var text: UnsafeRawPointer?
    var metadata: UnsafePointer<MetadataEntry>?
    /// When the record was first inserted; kept by its later versions. Orders `get`, pages and ties.
    var insertionKey: UInt64
    /// The change that made this version.
    var sequence: UInt64
    /// −1: no document.
    var documentBytes: Int32
    /// −1: no URI.
    var uriBytes: Int32
    /// The record id's number in the memtable's table of identifiers.
    var identifier: UInt32
    var metadataCount: UInt32
    /// The row of the same id before this one, or `MemtableRow.none`.
    var previous: UInt32
    /// Flags, see below.
    var flags: UInt32

    static let none = UInt32.max
    static let hasVector: UInt32 = 1
    /// The record has metadata, be it empty.
    static let hasMetadata: UInt32 = 2

    var documentBuffer: UnsafeRawBufferPointer? {
        documentBytes < 0 ? nil : UnsafeRawBufferPointer(start: text, count: Int(documentBytes))
    }

    var uriBuffer: UnsafeRawBufferPointer? {
        guard uriBytes >= 0 else { return nil }
        return UnsafeRawBufferPointer(start: text.map { $0 + max(0, Int(documentBytes)) }, count: Int(uriBytes))
    }

    var metadataEntries: UnsafeBufferPointer<MetadataEntry> { UnsafeBufferPointer(start: metadata, count: Int(metadataCount)) }
}
