import ByteCoding
import Segments
import VectorModel

/// Which of the rows selected a `get` shows, and in which order.
extension Selection {
    /// - Returns: besides the rows, how a scroll goes on.
    func page(
        of records: CollectionReader, as request: GetRequest, _ control: SearchControl
    ) throws(RequestError) -> (rows: [RowAddress], scroll: ScrollPage?) {
        switch request.arrangement {
        case .usual: return (try page(of: records, limit: request.limit, offset: request.offset), nil)
        case .ordered(let orders):
            let (end, overflow) = request.offset.addingReportingOverflow(request.limit ?? .max)
            var ordering = RecordOrdering(orders, limit: overflow ? .max : end)
            try forEachRow(of: records, control) { address, reader throws(Corruption) in try ordering.offer(address, reader) }
            return (Array(ordering.ordered().dropFirst(request.offset)), nil)
        case .scroll(let cursor):
            let (rows, next) = try scroll(records, after: cursor, limit: request.limit)
            return (rows, ScrollPage(next: next))
        case .sample(let size, let seed):
            var sample = RandomSample(size: size, seed: seed)
            try forEachRow(of: records, control) { address, reader throws(Corruption) in
                sample.offer(address, insertionKey: try reader.insertionKey(of: address.row))
            }
            return (sample.chosen(), nil)
        }
    }

    private func scroll(
        _ records: CollectionReader, after cursor: ScrollCursor?, limit: Int?
    ) throws(RequestError) -> (rows: [RowAddress], next: ScrollCursor?) {
        let limit = limit ?? .max
        return try damageAsError { () throws(Corruption) in
            let rest = if let cursor { try records.rows(rows, insertedAfter: cursor.insertionKey) } else { rows }
            // One more, to know whether there is a next page.
            var page = try records.addressesInInsertionOrder(rest, limit: limit == .max ? limit : limit + 1)
            guard page.count > limit else { return (page, nil) }
            page.removeLast()
            // A page of none stands where the last one stood.
            guard let last = page.last else { return (page, cursor ?? ScrollCursor(insertionKey: 0)) }
            return (page, ScrollCursor(insertionKey: try records.reader(last.part).insertionKey(of: last.row)))
        }
    }

    /// Calls `body` with every row selected, part by part, its reader beside it.
    private func forEachRow(
        of records: CollectionReader, _ control: SearchControl, _ body: (RowAddress, RowReader) throws(Corruption) -> Void
    ) throws(RequestError) {
        for part in rows.indices where !rows[part].isEmpty {
            let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
            for index in 0..<rows[part].wordCount {
                if index.isMultiple(of: 64) { try control.check() }
                var word = rows[part].word(index)
                while word != 0 {
                    let address = RowAddress(part: part, row: index * 64 + word.trailingZeroBitCount)
                    do throws(Corruption) { try body(address, reader) } catch { throw RequestError(error) }
                    word &= word &- 1
                }
            }
        }
    }
}
