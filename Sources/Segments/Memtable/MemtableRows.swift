public import ByteCoding
public import ColumnStore
public import Filtering
public import VectorModel

/// The rows that a memtable had at one moment. A value that never changes and keeps the table's memory alive.
///
/// Its reading methods throw `Corruption` only because rows on disk may: these never do.
public struct MemtableRows: Sendable {
    public let memtable: Memtable
    public let vectors: VectorRows?
    public let rowCount: Int
    let hasVectorlessRows: Bool
    /// Rows lie in ascending order of their insertion keys.
    let isInInsertionOrder: Bool

    init(memtable: Memtable, vectors: VectorRows?, rowCount: Int, hasVectorlessRows: Bool, isInInsertionOrder: Bool) {
        self.memtable = memtable
        self.vectors = vectors
        self.rowCount = rowCount
        self.hasVectorlessRows = hasVectorlessRows
        self.isInInsertionOrder = isInInsertionOrder
    }

    /// The newest row of an id, dead or alive. Cost: O(length of the id).
    public func find(_ identifier: UnsafeRawBufferPointer) -> Int? {
        memtable.newestRow(of: identifier, below: rowCount)
    }

    /// When the record of a row was first inserted.
    public func insertionKey(at row: Int) -> UInt64 { memtable.rows[row].insertionKey }

    /// Removes from `candidates` the rows that have no vector.
    func keepRowsWithVectors(_ candidates: inout OrdinalSet) {
        guard hasVectorlessRows else { return }
        candidates.filter { memtable.rows[$0].flags & MemtableRow.hasVector != 0 }
    }
}

extension MemtableRows: StoredRows {
    public func insertionKey(of row: Int) throws(Corruption) -> UInt64 { memtable.rows[row].insertionKey }

    public func sequence(of row: Int) throws(Corruption) -> SequenceNumber { SequenceNumber(memtable.rows[row].sequence) }

    public func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R {
        body(memtable.identifiers.bytes(of: memtable.rows[row].identifier))
    }

    public func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R {
        guard memtable.rows[row].flags & MemtableRow.hasVector != 0, let vectors else { return body(nil) }
        return body(vectors[row])
    }

    public func withTexts<R>(
        of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R
    ) throws(Corruption) -> R {
        let stored = memtable.rows[row]
        return body(stored.documentBuffer, stored.uriBuffer)
    }

    public func metadata(of row: Int) throws(Corruption) -> Metadata? {
        let stored = memtable.rows[row]
        return stored.flags & MemtableRow.hasMetadata == 0 ? nil : memtable.metadataColumns.decode(stored.metadataEntries)
    }
}

extension MemtableRows: FilterableRows {
    public func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? {
        memtable.metadataColumns.strings.find(string)
    }

    public func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer { memtable.metadataColumns.strings.bytes(of: number) }

    public func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer {
        memtable.identifiers.bytes(of: memtable.rows[row].identifier)
    }

    public func row(of identifier: String) throws(Corruption) -> Int? {
        var identifier = identifier
        return identifier.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    public func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        guard let key = memtable.metadataColumns.keys.find(key) else {
            if !keepsMissing { candidates = OrdinalSet(bound: candidates.bound) }
            return
        }
        // Rows that are written one after the other mostly have the same keys in the same order.
        var usualPlace = 0
        candidates.filter { row in
            let entries = memtable.rows[row].metadataEntries
            if usualPlace < entries.count, entries[usualPlace].key == key { return accepts(entries[usualPlace]) }
            guard let place = entries.firstIndex(where: { $0.key == key }) else { return keepsMissing }
            usualPlace = place
            return accepts(entries[place])
        }
    }

    public func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer? { memtable.rows[row].documentBuffer }
}

extension MemtableRows {
    /// A table for writing on that holds the rows that are alive, in the order they were first inserted.
    ///
    /// Cost: linear in the living rows.
    public func copy(without tombstones: Tombstones) -> Memtable {
        let copy = Memtable(
            metric: memtable.metric, dimension: vectors?.dimension, element: memtable.element, lookupRowsMin: memtable.lookupSlot.newRowsMin)
        var living: [Int] = []
        tombstones.alive(below: rowCount).forEach { living.append($0); return true }
        if !isInInsertionOrder { living.sort { memtable.rows[$0].insertionKey < memtable.rows[$1].insertionKey } }
        for row in living {
            let record = RecordView(self, row: row)
            let stored = memtable.rows[row]
            record.withVector { vector in
                copy.append(
                    record.identifier,
                    RecordParts(vector: vector, document: record.document, uri: record.uri, metadata: record.metadata),
                    insertionKey: stored.insertionKey, sequence: SequenceNumber(stored.sequence))
            }
        }
        return copy
    }
}
