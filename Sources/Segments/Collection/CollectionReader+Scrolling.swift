public import ByteCoding
public import VectorModel

extension CollectionReader {
    /// The members of `rows`, one set per part, whose records were first inserted after the one with a key.
    ///
    /// Cost: O(log rows) and one pass over the set for each part in order, otherwise linear in its members.
    public func rows(_ rows: [OrdinalSet], insertedAfter key: UInt64) throws(Corruption) -> [OrdinalSet] {
        var rest: [OrdinalSet] = []
        for (part, members) in rows.enumerated() { rest.append(members.isEmpty ? members : try self.members(members, of: part, insertedAfter: key)) }
        return rest
    }

    private func members(_ members: OrdinalSet, of part: Int, insertedAfter key: UInt64) throws(Corruption) -> OrdinalSet {
        let reader = try reader(part)
        var rest = members
        if reader.isInInsertionOrder {
            let first = try firstRow(of: reader, insertedAfter: key)
            for index in 0..<min(rest.wordCount, (first + 63) / 64) {
                let isWhole = (index + 1) * 64 <= first
                rest.setWord(index, isWhole ? 0 : rest.word(index) & ~((1 << UInt64(first - index * 64)) - 1))
            }
        } else {
            var failure: Corruption?
            rest.filter { row in
                guard failure == nil else { return false }
                do throws(Corruption) {
                    return try reader.insertionKey(of: row) > key
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
        }
        return rest
    }

    /// The first row whose record was inserted after the one with a key; the number of rows if none was.
    private func firstRow(of reader: RowReader, insertedAfter key: UInt64) throws(Corruption) -> Int {
        var (low, high) = (0, reader.rowCount)
        while low < high {
            let middle = (low + high) / 2
            if try reader.insertionKey(of: middle) > key { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
