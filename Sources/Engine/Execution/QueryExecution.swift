import Filtering
import Indexes
import Segments
import VectorModel

/// A search over one snapshot: the matching rows are found once, then each query vector is compared with them.
struct QueryExecution {
    let request: QueryRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let metric: Metric
    let control: SearchControl

    func run() throws(RequestError) -> QueryResult {
        let records = snapshot.records
        let selection = try Selection(request.selector, filter, of: records, control)
        if let absent = selection.absent, filter.isTrivial, snapshot.dimension != nil { throw RequestError(.recordNotFound(absent)) }
        var candidates = selection.rows
        records.keepRowsWithVectors(&candidates)
        var hits: [[QueryHit]] = []
        hits.reserveCapacity(request.queryCount)
        for query in 0..<request.queryCount {
            hits.append(try nearest(query, among: candidates, of: records))
        }
        return QueryResult(hits: hits)
    }

    private func nearest(_ query: Int, among candidates: OrdinalSet, of records: MemtableSnapshot) throws(RequestError) -> [QueryHit] {
        guard let vectors = records.vectors, request.k > 0 else { return [] }
        let start = query * request.dimension
        // Typed throws do not pass through `withUnsafeBufferPointer` of an array yet, hence the result.
        let outcome = request.vectors.withUnsafeBufferPointer { all -> Result<[Candidate], RequestError> in
            let vector = UnsafeBufferPointer(rebasing: all[start..<start + request.dimension])
            let search = FlatSearch(query: vector, metric: metric)
            var nearest = TopK(k: request.k)
            do throws(RequestError) {
                try vectors.forEachRun(rowCount: records.rowCount) { run throws(RequestError) in
                    try search.scan(run, accepted: candidates, into: &nearest, order: records.insertionKey) { () throws(RequestError) in
                        try control.check()
                    }
                }
            } catch {
                return .failure(error)
            }
            return .success(search.refined(nearest) { vectors[$0] })
        }
        return try outcome.get().map { candidate in
            QueryHit(record: RecordView(snapshot: records, row: Int(candidate.ordinal)), distance: candidate.distance)
        }
    }
}
