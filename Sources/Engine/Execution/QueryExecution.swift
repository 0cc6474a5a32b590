import ByteCoding
import Filtering
import Indexes
import Segments
import VectorModel

/// A search over one snapshot: the matching rows are found and the parts planned once, then each query vector is searched for.
struct QueryExecution {
    let request: QueryRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let configuration: IndexConfiguration
    let control: SearchControl
    let costs: SearchCosts
    /// Called when an index that is on disk would be used and nobody has asked for it yet.
    let onMissingIndex: () -> Void

    func run() throws(RequestError) -> QueryResult {
        let records = snapshot.reader()
        let parts = try plannedParts(records)
        guard request.k > 0, request.dimension > 0, !parts.isEmpty else {
            return QueryResult(hits: Array(repeating: [], count: request.queryCount))
        }
        // Typed throws do not pass through `withUnsafeBufferPointer` of an array yet, hence the result.
        let found = try request.vectors.withUnsafeBufferPointer { numbers in
            Result { () throws(RequestError) in try search(numbers, in: parts) }
        }.get()
        var hits: [[QueryHit]] = []
        hits.reserveCapacity(found.count)
        for candidates in found { hits.append(try read(candidates, records)) }
        return QueryResult(hits: hits)
    }

    // MARK: Planning

    /// The parts of the snapshot in which something matches.
    func plannedParts(_ records: CollectionReader) throws(RequestError) -> [PartSearch] {
        let planner = SearchPlanner(configuration: configuration, overrides: request.overrides, k: request.k, costs: costs)
        let restricted = try restrictedRows(records)
        var parts: [PartSearch] = []
        for (number, part) in snapshot.parts.enumerated() {
            let matches = restricted.map { $0[number] } ?? (part.tombstones.count == 0 ? nil : part.alive())
            let statistics = PartStatistics(
                rowCount: part.rowCount, matchCount: restricted == nil ? part.liveCount : matches?.count ?? part.rowCount, index: .none)
            guard statistics.matchCount > 0 else { continue }
            let reader = try damageAsError { () throws(Corruption) in try records.reader(number) }
            let (plan, index) = plan(part, statistics, planner)
            parts.append(PartSearch(number, reader, matches: matches, index: index, plan: plan, control))
        }
        // What an index finds sets a threshold that spares scans most of their work.
        return parts.filter(\.plan.isApproximate) + parts.filter { !$0.plan.isApproximate }
    }

    /// The rows that the selector means, one set per part; `nil`: all that are alive.
    private func restrictedRows(_ records: CollectionReader) throws(RequestError) -> [OrdinalSet]? {
        guard request.selector.identifiers != nil || !filter.isTrivial else { return nil }
        let selection = try Selection(request.selector, filter, of: records, control)
        if let absent = selection.absent, filter.isTrivial, snapshot.dimension != nil { throw RequestError(.recordNotFound(absent)) }
        return selection.rows
    }

    /// An index that is not open yet is asked for, and the part scanned meanwhile.
    private func plan(
        _ part: CollectionPart, _ statistics: PartStatistics, _ planner: SearchPlanner
    ) -> (plan: PartPlan, index: SegmentIndex?) {
        guard let segment = part.rows.segment else { return (planner.plan(statistics), nil) }
        var known = statistics
        switch segment.indexState {
        case .none: break
        case .closed(let summary):
            known.index = PartStatistics.Index(summary.kind, lists: 1)
            if planner.plan(known).isApproximate, segment.wantIndex() { onMissingIndex() }
        case .open(let index):
            known.index = PartStatistics.Index(index.kind, lists: index.listCount ?? 1)
            return (planner.plan(known), index)
        }
        return (planner.plan(statistics), nil)
    }

    // MARK: Searching

    /// The nearest records of each query vector, their distances exact to the last digit.
    private func search(_ numbers: UnsafeBufferPointer<Float>, in parts: [PartSearch]) throws(RequestError) -> [[Candidate]] {
        let queries = QueryVectors(
            numbers, dimension: request.dimension, metric: configuration.metric, usesIndexes: parts.contains(where: \.plan.isApproximate))
        var nearest = Array(repeating: TopK(k: request.k), count: request.queryCount)
        for part in parts {
            try control.check()
            try part.search(queries, into: &nearest)
        }
        var readers = [RowReader?](repeating: nil, count: snapshot.parts.count)
        for part in parts { readers[Int(part.number)] = part.reader }
        return nearest.indices.map { query in
            queries.batch.refined(query, nearest[query]) { candidate in
                readers[Int(candidate.part)].unsafelyUnwrapped.announcedVector(of: Int(candidate.ordinal), dimension: request.dimension)
            }
        }
    }

    private func read(_ candidates: [Candidate], _ records: CollectionReader) throws(RequestError) -> [QueryHit] {
        var hits: [QueryHit] = []
        hits.reserveCapacity(candidates.count)
        for candidate in candidates {
            let address = RowAddress(part: Int(candidate.part), row: Int(candidate.ordinal))
            let record = try damageAsError { () throws(Corruption) in try records.record(address, request.fields) }
            hits.append(QueryHit(record: record, distance: candidate.distance))
        }
        return hits
    }
}

/// The query vectors of one request, ready to be compared. Borrowed numbers.
struct QueryVectors {
    private let numbers: UnsafeBufferPointer<Float>
    private let dimension: Int
    private let metric: Metric
    /// All of them at once, for scans.
    let batch: FlatBatchSearch
    /// One by one, for what indexes propose; none where no index is used.
    let singles: [FlatSearch]

    init(_ numbers: UnsafeBufferPointer<Float>, dimension: Int, metric: Metric, usesIndexes: Bool) {
        self.numbers = numbers
        self.dimension = dimension
        self.metric = metric
        batch = FlatBatchSearch(queries: numbers, dimension: dimension, metric: metric)
        singles = usesIndexes
            ? (0..<batch.count).map { FlatSearch(query: Self.vector($0, of: numbers, dimension), metric: metric) }
            : []
    }

    /// One query alone, for a scan.
    func batch(of query: Int) -> FlatBatchSearch { FlatBatchSearch(queries: self[query], dimension: dimension, metric: metric) }

    /// The numbers of one query.
    subscript(query: Int) -> UnsafeBufferPointer<Float> { Self.vector(query, of: numbers, dimension) }

    private static func vector(_ query: Int, of numbers: UnsafeBufferPointer<Float>, _ dimension: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: numbers[query * dimension..<(query + 1) * dimension])
    }
}

extension PartStatistics.Index {
    init(_ kind: IndexKind, lists: Int) {
        self = switch kind {
        case .hnsw: .graph
        case .ivf: .lists(count: lists)
        }
    }
}
