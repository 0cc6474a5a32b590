public import ColumnStore
public import Filtering
public import VectorModel

/// A memtable as it was at one moment. A value that never changes and keeps the table's memory alive.
public struct MemtableSnapshot: Sendable, FilterableRows {
    let memtable: Memtable
    public let vectors: VectorRows?
    public let rowCount: Int
    public let tombstones: Tombstones
    let hasVectorlessRows: Bool
    let isInInsertionOrder: Bool
    /// Every metadata key that a record has had, living or not, in the order in which they first came; of more than 10,000 the first.
    public let metadataKeys: [MetadataKey]

    public var liveCount: Int { rowCount - tombstones.count }
    public var metric: Metric { memtable.metric }
    public var metadataColumns: MetadataColumns { memtable.metadataColumns }

    public func metadataEntries(of row: Int) -> UnsafeBufferPointer<MetadataEntry> { memtable.rows[row].metadataEntries }

    public func document(of row: Int) -> UnsafeRawBufferPointer? { memtable.rows[row].documentBuffer }

    /// The living row of `identifier`. Cost: O(length of the id).
    public func find(_ identifier: String) -> VectorOrdinal? {
        guard let row = memtable.newestRow(of: identifier, below: rowCount), !tombstones.contains(row) else { return nil }
        return VectorOrdinal(row)
    }

    /// The record at `row`, below `rowCount`.
    public func record(_ row: Int) -> RecordView { RecordView(snapshot: self, row: row) }

    public func identifier(of row: Int) -> String { record(row).identifier }

    /// Every living row.
    public func alive() -> OrdinalSet { tombstones.alive(below: rowCount) }

    /// Removes from `candidates` the rows that have no vector.
    public func keepRowsWithVectors(_ candidates: inout OrdinalSet) {
        guard hasVectorlessRows else { return }
        candidates.filter { memtable.rows[$0].flags & MemtableRow.hasVector != 0 }
    }

    /// When the record of a row was first inserted; grows with time.
    public func insertionKey(of row: Int) -> UInt64 { memtable.rows[row].insertionKey }

    /// The members of `rows`, the record inserted first coming first.
    /// - Parameter limit: how many are wanted; the rest may be left out.
    public func ordinalsInInsertionOrder(_ rows: OrdinalSet, limit: Int = .max) -> [Int] {
        guard limit > 0 else { return [] }
        var ordinals: [Int] = []
        if isInInsertionOrder {
            rows.forEach { ordinals.append($0); return ordinals.count < limit }
            return ordinals
        }
        rows.forEach { ordinals.append($0); return true }
        ordinals.sort { insertionKey(of: $0) < insertionKey(of: $1) }
        return limit < ordinals.count ? Array(ordinals[..<limit]) : ordinals
    }

    /// A table for writing on that holds the living records only, in the order they were first inserted, so that dead versions give their memory back.
    ///
    /// Cost: linear in the living records.
    public func rewritten() -> Memtable {
        let copy = Memtable(metric: metric, dimension: vectors?.dimension)
        copy.adopt(metadataKeys)
        for row in ordinalsInInsertionOrder(alive()) {
            let record = record(row)
            record.withVector { vector in
                copy.insert(
                    record.identifier,
                    RecordParts(vector: vector, document: record.document, uri: record.uri, metadata: record.metadata),
                    insertionKey: insertionKey(of: row))
            }
        }
        return copy
    }
}
