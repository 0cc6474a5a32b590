public import ByteCoding
import ColumnStore
public import Filtering
public import TextSearch

extension MemtableRows {
    /// The memtable's lookup, unless it is of rows that these are not among.
    package var lookup: MemtableLookup? {
        guard let lookup = memtable.lookupSlot.lookup, lookup.rowCount <= rowCount else { return nil }
        return lookup
    }

    /// Notes that a filter goes through rows that a lookup should be of. Returns whether it is the first to say so.
    public func wantLookup() -> Bool { memtable.lookupSlot.want(rowCount: rowCount) }

    /// See `FilterableRows`: of the first rows, those of the lookup.
    public func columnLookup(of key: String) throws(Corruption) -> ColumnLookup? {
        guard let lookup else { return nil }
        guard let number = memtable.metadataColumns.keys.find(key), Int(number) < lookup.columns.columnCount else {
            return lookup.columns.lookup(column: nil, values: KeyValues(rows: self, key: .max))
        }
        return lookup.columns.lookup(column: Int(number), values: KeyValues(rows: self, key: number))
    }

    /// See `FilterableRows`: of the first rows, those of the lookup.
    public var documentTrigrams: TrigramIndex? { lookup?.trigrams }

    // MARK: Building

    /// Makes a lookup of these rows. Runs beside a writer and other readers.
    ///
    /// Cost: a pass over metadata and documents, and sorting each key's values; memory of 24 bytes a value, and about twice the lookup.
    /// - Parameter pace: called every few hundred rows; may wait, or throw, and then there is no new lookup.
    public func buildLookup<Failure: Error>(pace: () throws(Failure) -> Void) throws(Failure) {
        let columns = try columns(pace)
        memtable.lookupSlot.set(MemtableLookup(rowCount: rowCount, columns: columns, trigrams: try trigrams(pace)))
    }

    private func columns<Failure: Error>(_ pace: () throws(Failure) -> Void) throws(Failure) -> ColumnIndex {
        var counts: [Int] = []
        for row in 0..<rowCount {
            for entry in memtable.rows[row].metadataEntries {
                while counts.count <= Int(entry.key) { counts.append(0) }
                counts[Int(entry.key)] += 1
            }
            if row.isMultiple(of: Self.rowsPerPace) { try pace() }
        }
        // All values of one key after the other, each key's in the order of the rows.
        var ends: [Int] = []
        for count in counts { ends.append((ends.last ?? 0) + count) }
        var places = zip(ends, counts).map { $0 - $1 }
        var values = Array(repeating: (row: 0, entry: MetadataEntry(key: 0, kind: .boolean, bits: 0)), count: ends.last ?? 0)
        for row in 0..<rowCount {
            for entry in memtable.rows[row].metadataEntries {
                values[places[Int(entry.key)]] = (row, entry)
                places[Int(entry.key)] += 1
            }
            if row.isMultiple(of: Self.rowsPerPace) { try pace() }
        }
        var builder = ColumnIndexBuilder(rowCount: rowCount)
        for (end, count) in zip(ends, counts) {
            var entries = ColumnEntries()
            for value in values[end - count..<end] { entries.append(row: value.row, value.entry) }
            builder.append(entries)
            try pace()
        }
        do throws(ColumnIndexDamage) {
            return try ColumnIndex(builder.finish(), rowCount: rowCount, columnCount: counts.count)
        } catch {
            preconditionFailure("an image that was just built is sound: \(error)")
        }
    }

    private func trigrams<Failure: Error>(_ pace: () throws(Failure) -> Void) throws(Failure) -> TrigramIndex? {
        var builder = TrigramIndexBuilder()
        var hasDocuments = false
        for row in 0..<rowCount {
            if let document = memtable.rows[row].documentBuffer {
                builder.add(row: row, document: document)
                hasDocuments = true
            }
            if row.isMultiple(of: Self.rowsPerPace) { try pace() }
        }
        guard hasDocuments else { return nil }
        do throws(TextImageDamage) {
            return try TrigramIndex(TextImage(builder.finish(rowCount: rowCount)), rowCount: rowCount)
        } catch {
            preconditionFailure("an image that was just built is sound: \(error)")
        }
    }

    private static let rowsPerPace = 256
}

/// The values of one key of a memtable.
private struct KeyValues: ColumnValues {
    let rows: MemtableRows
    let key: UInt32

    func bits(ofRow row: Int, kind: MetadataKind) throws(Corruption) -> UInt64 {
        guard let entry = rows.memtable.rows[row].metadataEntries.first(where: { $0.key == key }) else {
            preconditionFailure("the lookup names only rows that have the key, and rows never change")
        }
        return entry.bits
    }
}
