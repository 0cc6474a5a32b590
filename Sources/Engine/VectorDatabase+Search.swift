import Filtering
public import VectorModel

extension VectorDatabase {
    /// Searches a collection, each search as its rank expression says.
    /// - Returns: for each search the page that it asks for; none from a collection without records.
    /// - Throws: `collectionIdentifierNotFound`, `dimensionMismatch`, `invalid` (expression, groups, limits, pattern), `overloaded`,
    ///   `deadlineExceeded`, `cancelled`.
    public func search(_ batch: SearchBatch, in identifier: CollectionIdentifier) async throws(RequestError) -> SearchResult {
        let entry = try entry(identifier)
        let snapshot = try entry.collection.snapshot()
        try check(batch, snapshot)
        var prepared: [(request: SearchRequest, filter: CompiledFilter)] = []
        for request in batch.searches {
            prepared.append((request, try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)))
        }
        let searches = prepared
        return try await workers.run(SearchControl(deadline: batch.deadline)) { [self] control throws(RequestError) in
            var answers: [[SearchHit]] = []
            for (request, filter) in searches {
                let execution = SearchExecution(
                    request: request, filter: filter, snapshot: snapshot, configuration: entry.index, control: control,
                    costs: configuration.searchCosts, limits: limits, onMissing: { self.note($0, of: entry.collection) })
                answers.append(try execution.run())
            }
            return SearchResult(answers: answers)
        }
    }

    private func check(_ batch: SearchBatch, _ snapshot: CollectionSnapshot) throws(RequestError) {
        guard batch.searches.count <= limits.searches else {
            throw .invalid("searches", "has \(batch.searches.count) searches; the limit is \(limits.searches)")
        }
        let rows = snapshot.liveCount
        var resultsLeft = limits.totalResultCount
        for search in batch.searches {
            guard search.offset >= 0, (search.limit ?? 0) >= 0 else { throw .invalid("limit", "offset and limit must not be negative") }
            try search.grouping?.check(limits)
            if let rank = search.rank {
                try rank.check(limits, rows: rows, resultsLeft: &resultsLeft)
                try checkDimensions(of: rank, snapshot)
            } else {
                resultsLeft -= min(search.limit ?? rows, rows)
            }
            guard resultsLeft >= 0 else {
                throw .invalid("limit", "the searches ask for more than \(limits.totalResultCount) results in all")
            }
        }
    }

    private func checkDimensions(of rank: RankExpression, _ snapshot: CollectionSnapshot) throws(RequestError) {
        guard let expected = snapshot.dimension else { return }
        for leaf in RankProgram(rank).leaves {
            guard case .dense(let vector, _) = leaf.query, vector.count != expected else { continue }
            throw RequestError(.dimensionMismatch(expected: expected, got: vector.count, inQuery: true))
        }
    }
}
