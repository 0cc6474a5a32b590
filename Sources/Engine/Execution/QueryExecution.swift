import ByteCoding
import Filtering
import Indexes
import Segments
import VectorModel

/// A search over one snapshot: the matching rows are found and the parts planned once, then each query vector is searched for.
struct QueryExecution {
    var request: QueryRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let configuration: IndexConfiguration
    let control: SearchControl
    let costs: SearchCosts
    /// The rows that may be returned, one set per part, where the caller knows them already.
    var matches: [OrdinalSet]?
    /// Called when an index or a lookup file that is on disk would be used and nobody has asked for it yet.
    let onMissing: (MissingIndex) -> Void

    func run() throws(RequestError) -> QueryResult {
        let start = ContinuousClock.now
        let records = snapshot.reader()
        let parts = try plannedParts(records)
        let planned = ContinuousClock.now
        let found = try nearest(in: parts)
        let searched = ContinuousClock.now
        var hits: [[QueryHit]] = []
        hits.reserveCapacity(found.count)
        for candidates in found { hits.append(try read(candidates, records)) }
        return QueryResult(
            hits: hits, explanation: explanation(parts, plan: planned - start, search: searched - planned, read: .now - searched))
    }

    /// The nearest rows of each query vector, unread.
    func nearest(_ records: CollectionReader) throws(RequestError) -> [[Candidate]] { try nearest(in: plannedParts(records)) }

    private func nearest(in parts: [PartSearch]) throws(RequestError) -> [[Candidate]] {
        guard request.k > 0, request.dimension > 0, !parts.isEmpty else { return Array(repeating: [], count: request.queryCount) }
        // Typed throws do not pass through `withUnsafeBufferPointer` of an array yet, hence the result.
        return try request.vectors.withUnsafeBufferPointer { numbers in
            Result { () throws(RequestError) in try search(numbers, in: parts) }
        }.get()
    }

    /// Where the request asks for it.
    private func explanation(_ parts: [PartSearch], plan: Duration, search: Duration, read: Duration) -> Explanation? {
        guard request.explain else { return nil }
        let explained = parts.sorted { $0.number < $1.number }.map { part in
            PartExplanation(
                number: Int(part.number), isSegment: snapshot.parts[Int(part.number)].rows.segment != nil, rows: part.reader.rowCount,
                plan: part.plan, part.account)
        }
        let excluded = snapshot.parts.count - parts.count
        return Explanation(
            queries: request.queryCount, k: request.k, parts: explained, excludedParts: excluded, planning: plan, search: search, read: read)
    }

    // MARK: Planning

    /// The parts of the snapshot in which something matches, or may match where the filter is asked last.
    func plannedParts(_ records: CollectionReader) throws(RequestError) -> [PartSearch] {
        let planner = SearchPlanner(configuration: configuration, overrides: request.overrides, k: request.k, costs: costs)
        let named = try namedRows(records)
        var parts: [PartSearch] = []
        for (number, part) in snapshot.parts.enumerated() where part.liveCount > 0 {
            let matches = named.map { $0[number] } ?? (part.tombstones.count == 0 ? nil : part.alive())
            if let planned = try plan(part, number, matches, isFiltered: named != nil || filter.isTrivial, planner, records) { parts.append(planned) }
        }
        // What an index finds sets a threshold that spares scans most of their work.
        return parts.filter(\.plan.isApproximate) + parts.filter { !$0.plan.isApproximate }
    }

    /// The rows that the caller knows to match, or those of the ids that the selector names and that match its conditions, one set per part; `nil`:
    /// neither is so.
    private func namedRows(_ records: CollectionReader) throws(RequestError) -> [OrdinalSet]? {
        if let matches { return matches }
        guard request.selector.identifiers != nil else { return nil }
        let selection = try Selection(request.selector, filter, of: records, control, onMissing: onMissing)
        if let absent = selection.absent, filter.isTrivial, snapshot.dimension != nil { throw RequestError(.recordNotFound(absent)) }
        return selection.rows
    }

    /// Filters a part's rows, unless the index is better asked first, and plans its search; `nil`: nothing in it matches.
    /// - Parameter matches: the rows that may match; `nil`: all.
    private func plan(
        _ part: CollectionPart, _ number: Int, _ matches: OrdinalSet?, isFiltered: Bool, _ planner: SearchPlanner, _ records: CollectionReader
    ) throws(RequestError) -> PartSearch? {
        var matches = matches
        var account = PartAccount()
        var known = PartStatistics(rowCount: part.rowCount, matchCount: matches?.count ?? part.rowCount, index: .none)
        guard known.matchCount > 0 else { return nil }
        let reader = try damageAsError { () throws(Corruption) in try records.reader(number) }
        if !isFiltered {
            if let missing = part.rows.missingLookup() { onMissing(missing) }
            let start = ContinuousClock.now
            let filter = try filter.arranged(for: reader)
            account.estimate = filter.estimate
            account.filteredRows = known.matchCount
            let late = LateFilter(
                filter, try filter.bounds(of: matches ?? .all(below: part.rowCount), in: reader) { () throws(RequestError) in try control.check() },
                reader, control)
            account.filter = .now - start
            if let search = lateSearch(part, number, late, planner, reader, account) { return search }
            let rows = try late.allMatching()
            account.filter = .now - start
            account.documentsRead = late.readCount
            known.matchCount = rows.count
            matches = known.matchCount == part.rowCount ? nil : rows
            guard known.matchCount > 0 else { return nil }
        }
        account.matches = known.matchCount
        let (plan, index) = plan(part, known, planner)
        return PartSearch(number, reader, matches: matches, index: index, plan: plan, account: account, control)
    }

    /// A search that comes before documents are read, where that is quicker.
    private func lateSearch(
        _ part: CollectionPart, _ number: Int, _ filter: LateFilter, _ planner: SearchPlanner, _ reader: RowReader, _ account: PartAccount
    ) -> PartSearch? {
        guard let open = filter.openness else { return nil }
        let index = part.rows.segment?.indexState.index
        var known = PartStatistics(rowCount: part.rowCount, matchCount: filter.possible.count, index: .none)
        if let index { known.index = PartStatistics.Index(index.kind, lists: index.listCount ?? 1) }
        guard let plan = planner.planBeforeReading(known, open, queryCount: request.queryCount) else { return nil }
        if !plan.isApproximate { known.index = .none }
        return PartSearch(
            number, reader, matches: filter.possible, index: index, plan: plan,
            late: PartSearch.Late(filter: filter, planner: planner, statistics: known), account: account, control)
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
            if planner.plan(known).isApproximate, segment.wantIndex() { onMissing(.file) }
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
            ? (0..<batch.count).map { FlatSearch(query: Self.vector($0, of: numbers, dimension), metric: metric, usesCodes: false) }
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
