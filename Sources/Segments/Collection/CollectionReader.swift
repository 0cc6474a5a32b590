public import ByteCoding
public import VectorModel

/// Reads the records of a collection's parts, at one moment. Used by one thread.
///
/// Invariant: among the living rows of all parts an id occurs once.
///
/// A part's reader is made when it is first needed, so that what lies in memory can be read though a file cannot.
public final class CollectionReader {
    public let parts: [CollectionPart]
    private var readers: [RowReader?]

    public init(_ parts: [CollectionPart]) {
        self.parts = parts
        readers = Array(repeating: nil, count: parts.count)
    }

    /// The reader of one part.
    public func reader(_ part: Int) throws(Corruption) -> RowReader {
        if let reader = readers[part] { return reader }
        let reader = try parts[part].rows.reader()
        readers[part] = reader
        return reader
    }

    /// The living row of an id. Cost: one lookup per part, the newest first.
    public func find(_ identifier: String) throws(Corruption) -> RowAddress? {
        var identifier = identifier
        // Typed throws do not pass through `withUTF8`, hence the result.
        return try identifier.withUTF8 { bytes in
            Result { () throws(Corruption) in try find(UnsafeRawBufferPointer(bytes)) }
        }.get()
    }

    /// The living row of an id, given its UTF-8.
    public func find(_ identifier: UnsafeRawBufferPointer) throws(Corruption) -> RowAddress? {
        for part in parts.indices.reversed() where parts[part].liveCount > 0 {
            if let row = try reader(part).find(identifier), !parts[part].tombstones.contains(row) { return RowAddress(part: part, row: row) }
        }
        return nil
    }

    /// The record at an address, with the parts asked for.
    public func record(_ address: RowAddress, _ fields: RecordFields) throws(Corruption) -> RecordView {
        try reader(address.part).record(address.row, fields)
    }

    public func identifier(of address: RowAddress) throws(Corruption) -> String {
        try reader(address.part).withIdentifier(of: address.row) { String(decoding: $0, as: UTF8.self) }
    }

    /// The members of `rows`, one set per part, the record inserted first coming first.
    ///
    /// Cost: linear in the members, or in `limit` times the parts when they lie in order.
    /// - Parameter limit: how many are wanted.
    public func addressesInInsertionOrder(_ rows: [OrdinalSet], limit: Int = .max) throws(Corruption) -> [RowAddress] {
        guard limit > 0 else { return [] }
        var keyed: [(key: UInt64, address: RowAddress)] = []
        var filledParts = 0
        for (part, members) in rows.enumerated() {
            let before = keyed.count
            try append(members, of: part, limit: limit, to: &keyed)
            if keyed.count > before { filledParts += 1 }
        }
        if filledParts > 1 { keyed.sort { $0.key < $1.key } }
        return keyed.prefix(limit).map(\.address)
    }

    /// Appends the oldest members of one part, in order.
    private func append(
        _ members: OrdinalSet, of part: Int, limit: Int, to keyed: inout [(key: UInt64, address: RowAddress)]
    ) throws(Corruption) {
        guard !members.isEmpty else { return }
        let reader = try reader(part)
        var found: [(key: UInt64, address: RowAddress)] = []
        var failure: Corruption?
        members.forEach { row in
            do throws(Corruption) {
                found.append((try reader.insertionKey(of: row), RowAddress(part: part, row: row)))
            } catch {
                failure = error
                return false
            }
            return !reader.isInInsertionOrder || found.count < limit
        }
        if let failure { throw failure }
        if !reader.isInInsertionOrder {
            found.sort { $0.key < $1.key }
            if limit < found.count { found.removeLast(found.count - limit) }
        }
        keyed += found
    }
}
