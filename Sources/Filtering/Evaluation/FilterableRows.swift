public import ByteCoding
public import ColumnStore
public import TextSearch
public import VectorModel

/// What a filter needs to know of the rows it is asked about: those of a memtable or of a segment.
///
/// Not `Sendable`: one evaluation uses a value of this from one thread, and it may keep what it read last.
public protocol FilterableRows {
    /// Ordinals are `0..<rowCount`.
    var rowCount: Int { get }

    /// The number by which entries name a metadata string; `nil` if no row has it.
    func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32?

    /// The UTF-8 of a metadata string, by the number that an entry has. Valid until the next call.
    func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer

    /// The UTF-8 of a record's id. Valid until the next call.
    func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer

    /// The only row of an id that can be alive; `nil` if no row has it.
    func row(of identifier: String) throws(Corruption) -> Int?

    /// Removes rows from `candidates` by their entry of one metadata key.
    ///
    /// A row that has the key stays if `accepts` its entry; a row without the key stays if `keepsMissing`.
    /// - Parameter candidates: its bound is `rowCount`.
    func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption)

    /// What an index knows of the values of a metadata key; `nil`: there is no index.
    ///
    /// It may be of the first rows only: those that a memtable had when it was made.
    func columnLookup(of key: String) throws(Corruption) -> ColumnLookup?

    /// Which documents can hold which texts; `nil`: there is no index. It may be of the first rows only.
    var documentTrigrams: TrigramIndex? { get }

    /// The document's UTF-8, or `nil` if the row has none. Valid until the next call.
    func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer?
}

extension FilterableRows {
    /// Rows without an index.
    public func columnLookup(of key: String) throws(Corruption) -> ColumnLookup? { nil }

    /// Rows without an index.
    public var documentTrigrams: TrigramIndex? { nil }
}
