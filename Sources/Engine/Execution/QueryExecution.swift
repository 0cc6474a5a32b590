import ByteCoding
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
        let records = snapshot.reader()
        let selection = try Selection(request.selector, filter, of: records, control)
        if let absent = selection.absent, filter.isTrivial, snapshot.dimension != nil { throw RequestError(.recordNotFound(absent)) }
        var candidates = selection.rows
        for part in candidates.indices where !candidates[part].isEmpty {
            try damageAsError { () throws(Corruption) in try records.reader(part).keepRowsWithVectors(&candidates[part]) }
        }
        var hits: [[QueryHit]] = []
        hits.reserveCapacity(request.queryCount)
        for query in 0..<request.queryCount {
            hits.append(try nearest(query, among: candidates, of: records))
        }
        return QueryResult(hits: hits)
    }

    private func nearest(_ query: Int, among candidates: [OrdinalSet], of records: CollectionReader) throws(RequestError) -> [QueryHit] {
        guard request.k > 0 else { return [] }
        let start = query * request.dimension
        // Typed throws do not pass through `withUnsafeBufferPointer` of an array yet, hence the result.
        let found = try request.vectors.withUnsafeBufferPointer { all in
            let vector = UnsafeBufferPointer(rebasing: all[start..<start + request.dimension])
            return Result { () throws(RequestError) in try search(vector, among: candidates, of: records) }
        }.get()
        var hits: [QueryHit] = []
        hits.reserveCapacity(found.count)
        for candidate in found {
            let address = RowAddress(part: Int(candidate.part), row: Int(candidate.ordinal))
            let record = try damageAsError { () throws(Corruption) in try records.record(address, request.fields) }
            hits.append(QueryHit(record: record, distance: candidate.distance))
        }
        return hits
    }

    private func search(
        _ vector: UnsafeBufferPointer<Float>, among candidates: [OrdinalSet], of records: CollectionReader
    ) throws(RequestError) -> [Candidate] {
        let search = FlatSearch(query: vector, metric: metric)
        var nearest = TopK(k: request.k)
        var readers = [RowReader?](repeating: nil, count: candidates.count)
        for (part, accepted) in candidates.enumerated() where !accepted.isEmpty {
            let reader = try damageAsError { () throws(Corruption) in try records.reader(part) }
            readers[part] = reader
            switch reader {
            case .memtable(let rows):
                try rows.vectors?.forEachRun(part: UInt32(part), rowCount: rows.rowCount) { run throws(RequestError) in
                    try search.scan(run, accepted: accepted, into: &nearest) { (row) throws(RequestError) in
                        rows.insertionKey(at: row)
                    } shouldContinue: { () throws(RequestError) in
                        try control.check()
                    }
                }
            case .segment(let cursor):
                guard let run = cursor.vectorRun(part: UInt32(part)) else { continue }
                try search.scan(run, accepted: accepted, access: VerifiedRows(cursor: cursor), into: &nearest) { (row) throws(RequestError) in
                    try damageAsError { () throws(Corruption) in try cursor.insertionKey(of: row) }
                } shouldContinue: { () throws(RequestError) in
                    try control.check()
                }
            }
        }
        return search.refined(nearest) { candidate in
            readers[Int(candidate.part)].unsafelyUnwrapped.announcedVector(of: Int(candidate.ordinal), dimension: request.dimension)
        }
    }
}

/// Lets a search read a segment's rows only once their checksums have been compared.
private struct VerifiedRows: RowAccess {
    let cursor: SegmentCursor

    func willReadVectors(rows: Range<Int>) throws(RequestError) {
        try damageAsError { () throws(Corruption) in try cursor.ensureVectors(rows: rows) }
    }

    func willReadCodes(rows: Range<Int>) throws(RequestError) {
        try damageAsError { () throws(Corruption) in try cursor.ensureCodes(rows: rows) }
    }
}
