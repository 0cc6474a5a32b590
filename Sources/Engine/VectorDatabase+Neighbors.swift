import Filtering
public import VectorModel

extension VectorDatabase {
    /// The nearest other records of each record that is asked about, all of one moment.
    ///
    /// As exact as a query is: a scan has the nearest, an index may lack one of them. Each record gets `k` neighbours if so many may be ones and are
    /// near enough.
    /// - Throws: `collectionIdentifierNotFound`, `recordNotFound`, `invalid` (k, too many records or results, an id without a vector, pattern),
    ///   `overloaded`, `deadlineExceeded`, `cancelled`.
    public func neighbors(_ request: NeighborRequest, in identifier: CollectionIdentifier) async throws(RequestError) -> NeighborGraph {
        let entry = try entry(identifier)
        let snapshot = try entry.collection.snapshot()
        let filter = try compiled(request.records.selector)
        try request.check(limits)
        return try await workers.run(SearchControl(deadline: request.deadline)) { [self] control throws(RequestError) in
            try NeighborExecution(
                request: request, filter: filter, snapshot: snapshot, configuration: entry.index, control: control,
                costs: configuration.searchCosts, limits: limits, onMissing: { self.note($0, of: entry.collection) }
            ).run()
        }
    }

    /// The distances between records of one moment: of some to each other, or of some to some others.
    /// - Throws: `collectionIdentifierNotFound`, `recordNotFound`, `invalid` (too many distances, an id without a vector, pattern), `overloaded`,
    ///   `deadlineExceeded`, `cancelled`.
    public func distances(_ request: DistanceRequest, in identifier: CollectionIdentifier) async throws(RequestError) -> DistanceMatrix {
        let entry = try entry(identifier)
        let snapshot = try entry.collection.snapshot()
        let filter = try compiled(request.records.selector)
        try request.records.checkArrangement(limits)
        return try await workers.run(SearchControl(deadline: request.deadline)) { [self] control throws(RequestError) in
            try DistanceExecution(
                request: request, filter: filter, snapshot: snapshot, metric: entry.index.metric, control: control, limits: limits,
                onMissing: { self.note($0, of: entry.collection) }
            ).run()
        }
    }

    private func compiled(_ selector: RecordSelector) throws(RequestError) -> CompiledFilter {
        try CompiledFilter(metadata: selector.metadata, document: selector.document, limits: limits)
    }
}
