import ByteCoding
import Filtering
import Segments
import VectorModel

/// Which rows of a snapshot a selector means.
struct Selection {
    /// One set per part of the snapshot.
    private(set) var rows: [OrdinalSet]
    /// The rows in the order of the ids asked for; `nil` when no ids were given.
    private(set) var asked: [RowAddress]?
    /// The first of the ids asked for that no record has.
    let absent: String?

    /// - Parameter onMissing: called when the filter would use a lookup file that nobody has opened, or a lookup of a memtable that nobody has made.
    init(
        _ selector: RecordSelector, _ filter: CompiledFilter, of records: CollectionReader, _ control: SearchControl,
        onMissing: (MissingIndex) -> Void
    ) throws(RequestError) {
        var rows: [OrdinalSet]
        var asked: [RowAddress]?
        var absent: String?
        if let identifiers = selector.identifiers {
            let found = try Self.find(identifiers, in: records)
            (rows, asked, absent) = (found.rows, found.addresses, found.absent)
        } else {
            rows = records.parts.map { $0.alive() }
        }
        if !filter.isTrivial {
            for part in rows.indices where !rows[part].isEmpty {
                if let missing = records.parts[part].rows.missingLookup() { onMissing(missing) }
                let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
                try filter.apply(to: &rows[part], of: reader) { () throws(RequestError) in try control.check() }
            }
            asked?.removeAll { !rows[$0.part].contains($0.row) }
        }
        self.rows = rows
        self.asked = asked
        self.absent = absent
    }

    private static func find(
        _ identifiers: [String], in records: CollectionReader
    ) throws(RequestError) -> (rows: [OrdinalSet], addresses: [RowAddress], absent: String?) {
        var rows = records.parts.map { OrdinalSet(bound: $0.rowCount) }
        var addresses: [RowAddress] = []
        var absent: String?
        for identifier in identifiers {
            guard let address = try damageAsError({ () throws(Corruption) in try records.find(identifier) }) else {
                absent = absent ?? identifier
                continue
            }
            guard !rows[address.part].contains(address.row) else { continue }
            rows[address.part].insert(address.row)
            addresses.append(address)
        }
        return (rows, addresses, absent)
    }

    /// Leaves out the rows that have no vector.
    /// - Returns: the row of the first of the ids asked for that is left out.
    mutating func keepRowsWithVectors(of records: CollectionReader) throws(RequestError) -> RowAddress? {
        for part in rows.indices where !rows[part].isEmpty {
            try damageAsError { () throws(Corruption) in try records.reader(part).keepRowsWithVectors(&rows[part]) }
        }
        guard let named = asked else { return nil }
        asked = named.filter { rows[$0.part].contains($0.row) }
        return named.first { !rows[$0.part].contains($0.row) }
    }

    /// At most `limit` rows, in the order of insertion whatever was asked for.
    func oldest(of records: CollectionReader, limit: Int) throws(RequestError) -> [RowAddress] {
        try damageAsError { () throws(Corruption) in try records.addressesInInsertionOrder(rows, limit: limit) }
    }

    /// The rows from `offset` on, at most `limit`: in the order asked for, or of insertion.
    func page(of records: CollectionReader, limit: Int?, offset: Int) throws(RequestError) -> [RowAddress] {
        let (end, overflow) = offset.addingReportingOverflow(limit ?? .max)
        let ordered = if let asked { asked } else { try oldest(of: records, limit: overflow ? .max : end) }
        guard offset < ordered.count else { return [] }
        return Array(ordered[offset..<min(ordered.count, overflow ? ordered.count : end)])
    }
}

/// Runs `body`, whose findings of damage become errors of the request.
func damageAsError<Result>(_ body: () throws(Corruption) -> Result) throws(RequestError) -> Result {
    do throws(Corruption) {
        return try body()
    } catch {
        throw RequestError(error)
    }
}
