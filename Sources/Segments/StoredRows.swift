public import ByteCoding
public import VectorModel

/// Row versions read one at a time, wherever they lie: what a segment writer needs of its sources, and an update of the version before it.
///
/// Not `Sendable`: a value may keep what it read last, such as a decompressed block of documents. Rows are `0..<rowCount`; buffers are valid
/// during the call that hands them out.
///
/// Cost: O(1) plus the bytes handed out; a row that follows the last one read is cheaper than a distant one.
/// - Throws: `Corruption` when the bytes on disk are not those that were written.
public protocol StoredRows {
    var rowCount: Int { get }

    /// When the record was first inserted; kept by its later versions. Orders `get`, pages and ties.
    func insertionKey(of row: Int) throws(Corruption) -> UInt64

    /// The change that made this version.
    func sequence(of row: Int) throws(Corruption) -> SequenceNumber

    func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R

    /// `nil`: the record has no vector.
    func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R

    /// The UTF-8 of the document and the URI; `nil` for the one that the record does not have.
    func withTexts<R>(of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R) throws(Corruption) -> R

    /// Fields in the order in which they were given; `nil`: the record has no metadata, which is different from having none of any key.
    func metadata(of row: Int) throws(Corruption) -> Metadata?
}
