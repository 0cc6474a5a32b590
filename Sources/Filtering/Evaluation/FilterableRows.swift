public import ColumnStore
import VectorModel

/// What a filter needs to know of the rows it is asked about: a memtable or a segment.
public protocol FilterableRows {
    /// Ordinals are `0..<rowCount`.
    var rowCount: Int { get }
    var metadataColumns: MetadataColumns { get }
    func metadataEntries(of row: Int) -> UnsafeBufferPointer<MetadataEntry>
    /// The document's UTF-8; a `nil` base address with `hasDocument` false.
    func document(of row: Int) -> UnsafeRawBufferPointer?
}
