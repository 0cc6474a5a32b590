import ByteCoding
public import Filtering
import Segments
public import VectorModel

extension VectorDatabase {
    /// How many records a selector means. Ids that do not exist count for nothing.
    /// - Throws: `collectionIdentifierNotFound`, `invalid` for a pattern that does not compile, `overloaded`, `cancelled`.
    public func count(_ selector: RecordSelector, in identifier: CollectionIdentifier) async throws(RequestError) -> Int {
        try await selected(selector, in: identifier) { (selection, _, _) throws(RequestError) in selection.rows.reduce(0) { $0 + $1.count } }
    }

    /// The values of some keys and how often records have them, in the order of the keys asked for.
    /// - Throws: as `count`, and `invalid` for too many keys or a key with too many values.
    public func facets(_ request: FacetRequest, of identifier: CollectionIdentifier) async throws(RequestError) -> [Facet] {
        try request.check(limits)
        return try await selected(request.selector, in: identifier) { (selection, records, control) throws(RequestError) in
            var facets: [Facet] = []
            for key in request.keys {
                var counter = FacetCounter(key)
                for part in selection.rows.indices where !selection.rows[part].isEmpty {
                    try control.check()
                    let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
                    try counter.count(selection.rows[part], of: reader)
                }
                facets.append(counter.facet(limit: request.limit))
            }
            return facets
        }
    }

    /// Runs `body` on a worker with what a selector means at this moment.
    private func selected<Value: Sendable>(
        _ selector: RecordSelector, in identifier: CollectionIdentifier,
        _ body: @escaping @Sendable (Selection, CollectionReader, SearchControl) throws(RequestError) -> Value
    ) async throws(RequestError) -> Value {
        let collection = try entry(identifier).collection
        let snapshot = try collection.snapshot()
        let filter = try CompiledFilter(metadata: selector.metadata, document: selector.document, limits: limits)
        return try await workers.run(SearchControl()) { [self] control throws(RequestError) in
            let records = snapshot.reader()
            let selection = try Selection(selector, filter, of: records, control) { note($0, of: collection) }
            return try body(selection, records, control)
        }
    }
}
