import ByteCoding
import Segments
import VectorModel

/// Queries that ask for more than the nearest records. All they ask of the search is the nearest ones, more of them where some will be left out.
extension QueryExecution {
    /// The answer, with what the request makes of the nearest records. Where that takes several searches, the last one is explained.
    func answer() throws(RequestError) -> QueryResult {
        guard !request.refinement.isPlain else { return try run() }
        var resolved = self
        var excluded = Array(repeating: Set<[UInt8]>(), count: request.queryCount)
        if let examples = request.refinement.examples {
            let vectors = try ExampleVectors(examples, of: snapshot.reader())
            resolved.request.vectors = vectors.values
            resolved.request.dimension = vectors.dimension
            resolved.request.queryCount = vectors.excluded.count
            excluded = vectors.excluded
        }
        if let groups = request.refinement.groups { return try resolved.grouped(groups, excluded) }
        if let diversity = request.refinement.diversity { return try resolved.diversified(diversity, excluded) }
        let nearest = try resolved.nearest(request.k, leavingOut: excluded, request.fields)
        return QueryResult(hits: nearest.hits.map { Array($0.prefix(request.k)) }, explanation: nearest.explanation)
    }

    /// The nearest `count` records of each query and perhaps some more, without those left out and those too far away.
    /// - Returns: besides the answers, whether nothing is left that could be found farther away.
    private func nearest(
        _ count: Int, leavingOut excluded: [Set<[UInt8]>], _ fields: RecordFields
    ) throws(RequestError) -> (hits: [[QueryHit]], isAll: Bool, explanation: Explanation?) {
        var search = self
        search.request.k = count + (excluded.map(\.count).max() ?? 0)
        search.request.fields = fields
        let wanted = search.request.k
        var isAll = true
        let result = try search.run()
        let hits = result.hits.enumerated().map { query, hits in
            let near = hits.filter { hit in
                request.refinement.maxDistance.map { hit.distance <= $0 } ?? true
            }
            if hits.count == wanted, near.count == wanted { isAll = false }
            return excluded[query].isEmpty ? near : near.filter { !excluded[query].contains($0.record.withIdentifierBytes(Array.init)) }
        }
        return (hits, isAll, result.explanation)
    }

    /// The same search with one of its query vectors.
    private func single(_ query: Int) -> QueryExecution {
        var single = self
        single.request.vectors = Array(request.vectors[query * request.dimension..<(query + 1) * request.dimension])
        single.request.queryCount = 1
        return single
    }

    /// The answer to one query vector, and how it was found.
    private typealias Refined = (hits: [QueryHit], explanation: Explanation?)

    /// One query after the other: only one's candidates are in memory.
    private func eachQuery(_ answer: (Int) throws(RequestError) -> Refined) throws(RequestError) -> QueryResult {
        var answers: [[QueryHit]] = []
        var explanation: Explanation?
        for query in 0..<request.queryCount {
            let refined = try answer(query)
            answers.append(refined.hits)
            explanation = refined.explanation
        }
        return QueryResult(hits: answers, explanation: explanation)
    }

    // MARK: Groups

    private func grouped(_ groups: QueryRefinement.Groups, _ excluded: [Set<[UInt8]>]) throws(RequestError) -> QueryResult {
        try eachQuery { query throws(RequestError) in try single(query).grouped(groups, leavingOut: excluded[query]) }
    }

    /// Looks for more and more of the nearest until enough of them are in groups that are not full.
    private func grouped(_ groups: QueryRefinement.Groups, leavingOut excluded: Set<[UInt8]>) throws(RequestError) -> Refined {
        guard request.k > 0 else { return ([], nil) }
        var depth = max(request.k * Self.depthFactor, Self.depthMin)
        while true {
            let found = try nearest(depth, leavingOut: [excluded], .metadata)
            var sizes: [ValueIdentity: Int] = [:]
            let kept = found.hits[0].filter { hit in
                let group = ValueIdentity(hit.record.metadata?[groups.key])
                sizes[group, default: 0] += 1
                return sizes[group, default: 0] <= groups.limit
            }
            if kept.count >= request.k || found.isAll || depth >= snapshot.liveCount {
                return (try read(Array(kept.prefix(request.k))), found.explanation)
            }
            depth = min(depth * Self.depthFactor, snapshot.liveCount)
        }
    }

    private static var depthFactor: Int { 4 }
    private static var depthMin: Int { 64 }

    // MARK: Diversity

    private func diversified(_ diversity: QueryRefinement.Diversity, _ excluded: [Set<[UInt8]>]) throws(RequestError) -> QueryResult {
        try eachQuery { query throws(RequestError) in try single(query).diversified(diversity, leavingOut: excluded[query]) }
    }

    private func diversified(_ diversity: QueryRefinement.Diversity, leavingOut excluded: Set<[UInt8]>) throws(RequestError) -> Refined {
        let found = try nearest(max(diversity.candidates, request.k), leavingOut: [excluded], .vector)
        let hits = found.hits[0]
        var relevance = MarginalRelevance(lambda: diversity.lambda, metric: configuration.metric, dimension: request.dimension)
        for hit in hits { hit.record.withVector { relevance.add($0, distance: hit.distance) } }
        var chosen: [QueryHit] = []
        while chosen.count < request.k, let next = relevance.next() {
            try control.check()
            chosen.append(hits[next])
        }
        return (try read(chosen), found.explanation)
    }

    // MARK: Reading

    /// The same answers with the parts of the records that are asked for: only those of the winners are read.
    private func read(_ hits: [QueryHit]) throws(RequestError) -> [QueryHit] {
        let records = snapshot.reader()
        var complete: [QueryHit] = []
        complete.reserveCapacity(hits.count)
        for hit in hits {
            let record = try damageAsError { () throws(Corruption) in
                try hit.record.withIdentifierBytes { identifier in
                    Result { () throws(Corruption) in
                        try records.find(identifier).map { (address) throws(Corruption) in try records.record(address, request.fields) }
                    }
                }.get()
            }
            guard let record else { preconditionFailure("a record of the snapshot is not in it") }
            complete.append(QueryHit(record: record, distance: hit.distance))
        }
        return complete
    }
}
