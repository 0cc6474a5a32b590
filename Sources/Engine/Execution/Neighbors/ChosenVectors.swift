import ByteCoding
import Filtering
import Segments
import VectorModel

/// Records that have a vector, chosen as a `get` chooses records.
struct ChosenVectors {
    /// In the order in which the `get` shows them.
    let rows: [RowAddress]
    /// All rows that the selector means, whatever page or sample of them was asked for; one set for each part.
    let matches: [OrdinalSet]
    /// For a page of a scroll: how it goes on.
    let scroll: ScrollPage?

    /// - Parameters:
    ///   - request: its arrangement has been checked.
    ///   - limit: if there are more rows, one more is returned, and no more.
    ///   - field: which of the request's fields the ids come from.
    /// - Throws: `recordNotFound` or `invalid` for an id without a record or a vector, unless there are conditions; what a filter throws.
    init(
        _ request: GetRequest, _ filter: CompiledFilter, of records: CollectionReader, limit: Int, field: String = "ids", _ control: SearchControl,
        onMissing: (MissingIndex) -> Void
    ) throws(RequestError) {
        var selection = try Selection(request.selector, filter, of: records, control, onMissing: onMissing)
        let bare = try selection.keepRowsWithVectors(of: records)
        if filter.isTrivial {
            if let absent = selection.absent { throw RequestError(.recordNotFound(absent)) }
            if let bare {
                let identifier = try damageAsError { () throws(Corruption) in try records.identifier(of: bare) }
                throw .invalid(field, "the record [\(identifier)] has no embedding")
            }
        }
        var bounded = request
        bounded.limit = min(request.limit ?? .max, limit + 1)
        matches = selection.rows
        (rows, scroll) = try selection.page(of: records, as: bounded, control)
    }
}

extension CollectionReader {
    /// The vectors of some rows, one after the other, `dimension` numbers each.
    /// - Parameter rows: all have a vector.
    func vectors(of rows: ArraySlice<RowAddress>, dimension: Int) throws(RequestError) -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(rows.count * dimension)
        for row in rows {
            try damageAsError { () throws(Corruption) in
                try reader(row.part).withVector(of: row.row) { vector in
                    guard let vector else { preconditionFailure("a row was chosen that has no vector") }
                    vectors += vector
                }
            }
        }
        return vectors
    }

    /// The ids of some rows.
    func identifiers(of rows: [RowAddress]) throws(RequestError) -> [String] {
        try damageAsError { () throws(Corruption) in
            var identifiers: [String] = []
            identifiers.reserveCapacity(rows.count)
            for row in rows { identifiers.append(try identifier(of: row)) }
            return identifiers
        }
    }
}
