import ByteCoding
import Filtering
import Indexes
import Segments
import VectorModel

/// One search over one snapshot: the matching rows are found once, each leaf of the rank expression finds its list among them, the rows in the lists
/// are scored, grouped and cut to the page asked for, and only then read.
struct SearchExecution {
    let request: SearchRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let configuration: IndexConfiguration
    let control: SearchControl
    let costs: SearchCosts
    let limits: Limits
    /// Called when an index or a lookup file that is on disk would be used and nobody has asked for it yet.
    let onMissing: (MissingIndex) -> Void

    func run() throws(RequestError) -> [SearchHit] {
        let records = snapshot.reader()
        var rows = try rows(records)
        if let grouping = request.grouping { rows = try select(grouping, from: rows, records) }
        var hits: [SearchHit] = []
        for row in page(rows) {
            try control.check()
            let record = try damageAsError { () throws(Corruption) in try records.record(row.address, request.fields) }
            hits.append(SearchHit(record: record, score: row.score))
        }
        return hits
    }

    /// The end of the page asked for, counted from the first row.
    private var end: Int {
        let (end, overflow) = request.offset.addingReportingOverflow(request.limit ?? .max)
        return overflow ? .max : end
    }

    private func page(_ rows: [RankedRow]) -> ArraySlice<RankedRow> {
        rows[min(request.offset, rows.count)..<min(end, rows.count)]
    }

    // MARK: Ranking

    /// The rows in their order.
    private func rows(_ records: CollectionReader) throws(RequestError) -> [RankedRow] {
        guard let rank = request.rank else { return try rowsOfOneScore(nil, records) }
        let program = RankProgram(rank)
        guard !program.leaves.isEmpty else {
            var stack: [Double] = []
            return try rowsOfOneScore(program.score(UnsafeBufferPointer(start: nil, count: 0), &stack), records)
        }
        let lists = try lists(program.leaves, records)
        return try program.rank(lists) { () throws(RequestError) in try control.check() }
    }

    /// Every matching row, in the order of insertion; without groups only those up to the end of the page.
    private func rowsOfOneScore(_ score: Double?, _ records: CollectionReader) throws(RequestError) -> [RankedRow] {
        let found = try Selection(request.selector, filter, of: records, control, onMissing: onMissing)
            .oldest(of: records, limit: request.grouping == nil ? end : .max)
        return found.enumerated().map { RankedRow(address: $1, score: score, order: UInt64($0)) }
    }

    // MARK: Leaves

    /// What each leaf finds, the nearest first.
    private func lists(_ leaves: [RankLeaf], _ records: CollectionReader) throws(RequestError) -> [[Candidate]] {
        var lists = [[Candidate]](repeating: [], count: leaves.count)
        let dense = DenseLeaves.groups(of: leaves)
        let matches = try matches(leaves, dense, records)
        for group in dense {
            for (leaf, found) in zip(group.leaves, try nearest(group, matches, records)) { lists[leaf] = found }
        }
        guard let matches else { return lists }
        noteMissingLookups(for: leaves)
        for (number, leaf) in leaves.enumerated() {
            switch leaf.query {
            case .dense: break
            case .sparse(let vector, let key):
                lists[number] = try SparseRanking(query: vector, key: key, limit: leaf.limit, scalesByRarity: request.keysScaledByRarity.contains(key))
                    .nearest(among: matches, of: records) { () throws(RequestError) in try control.check() }
            case .words(let query, let parameters):
                lists[number] = try WordRanking(query: query.terms(configuration, limits), parameters: parameters, limit: leaf.limit)
                    .nearest(among: matches, of: records) { () throws(RequestError) in try control.check() }
            }
        }
        return lists
    }

    /// Has the lookup files opened that leaves of words and sparse vectors would use.
    private func noteMissingLookups(for leaves: [RankLeaf]) {
        guard leaves.contains(where: \.usesLookup) else { return }
        for part in snapshot.parts where part.rows.segment?.wantLookup() == true { onMissing(.file) }
    }

    /// The matching rows, one set per part. `nil` when a single search of vectors is all there is: it plans its own way to them.
    private func matches(
        _ leaves: [RankLeaf], _ dense: [DenseLeaves], _ records: CollectionReader
    ) throws(RequestError) -> [OrdinalSet]? {
        if request.selector.identifiers == nil, dense.count == 1, dense[0].leaves.count == leaves.count { return nil }
        return try Selection(request.selector, filter, of: records, control, onMissing: onMissing).rows
    }

    private func nearest(
        _ group: DenseLeaves, _ matches: [OrdinalSet]?, _ records: CollectionReader
    ) throws(RequestError) -> [[Candidate]] {
        var query = QueryRequest(
            vectors: group.vectors, dimension: group.dimension, queryCount: group.leaves.count, k: group.limit, selector: request.selector)
        query.overrides = group.overrides
        return try QueryExecution(
            request: query, filter: filter, snapshot: snapshot, configuration: configuration, control: control, costs: costs,
            matches: request.selector.isUnrestricted ? nil : matches, onMissing: onMissing
        ).nearest(records)
    }

    // MARK: Groups

    private func select(_ grouping: SearchGrouping, from rows: [RankedRow], _ records: CollectionReader) throws(RequestError) -> [RankedRow] {
        var selection = GroupSelection(grouping)
        for (place, row) in rows.enumerated() {
            try control.check()
            let record = try damageAsError { () throws(Corruption) in try records.record(row.address, .metadata) }
            selection.add(place, score: row.score, record.metadata)
        }
        return selection.places().map { rows[$0] }
    }
}

extension RankLeaf {
    /// Whether a segment's lookup file helps with it.
    fileprivate var usesLookup: Bool {
        switch query {
        case .dense: false
        case .sparse, .words: true
        }
    }
}

/// The leaves of an expression that compare vectors in the same way: one search answers them all.
private struct DenseLeaves {
    let limit: Int
    let overrides: SearchOverrides
    let dimension: Int
    /// Their numbers among the expression's leaves.
    private(set) var leaves: [Int] = []
    private(set) var vectors: [Float] = []

    static func groups(of leaves: [RankLeaf]) -> [DenseLeaves] {
        var groups: [DenseLeaves] = []
        for (number, leaf) in leaves.enumerated() {
            guard case .dense(let vector, let overrides) = leaf.query else { continue }
            let group = groups.firstIndex { $0.limit == leaf.limit && $0.overrides == overrides } ?? groups.count
            if group == groups.count { groups.append(DenseLeaves(limit: leaf.limit, overrides: overrides, dimension: vector.count)) }
            groups[group].leaves.append(number)
            groups[group].vectors += vector
        }
        return groups
    }
}
