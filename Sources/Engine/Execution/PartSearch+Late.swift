import Filtering
import Indexes
import VectorModel

extension PartSearch {
    /// What a search needs that is asked before documents are read.
    struct Late {
        let filter: LateFilter
        let planner: SearchPlanner
        /// Of the part, its matches being the possible ones.
        let statistics: PartStatistics
    }

    /// Searches the possible rows and reads the documents of the nearest; where that leaves too few, those of more, and at last all of them.
    func searchFirst(
        _ queries: QueryVectors, _ chosen: [Int], by plan: PartPlan, proposals: Int, _ late: Late, into nearest: inout [TopK]
    ) throws(RequestError) {
        var (unanswered, wanted) = (chosen, proposals)
        while true {
            unanswered = try propose(queries, unanswered, by: plan, wanted: wanted, late, into: &nearest)
            account.documentsRead = late.filter.readCount
            guard !unanswered.isEmpty else { return }
            let progress = LateProgress(
                proposals: wanted, looked: late.filter.proposedCount, matching: late.filter.acceptedCount, unread: late.filter.unreadCount)
            guard let more = late.planner.moreProposals(late.statistics, progress, queryCount: unanswered.count) else { break }
            wanted = more
        }
        let start = ContinuousClock.now
        restrict(to: try late.filter.allMatching())
        account.filter += .now - start
        account.documentsRead = late.filter.readCount
        account.matches = matches?.count
        var known = late.statistics
        known.matchCount = matches?.count ?? known.rowCount
        let second = late.planner.plan(known)
        account.secondPlan = second
        try search(queries, unanswered, by: second, into: &nearest)
    }

    /// - Returns: the query vectors of which too few proposals match.
    private func propose(
        _ queries: QueryVectors, _ chosen: [Int], by plan: PartPlan, wanted: Int, _ late: Late, into nearest: inout [TopK]
    ) throws(RequestError) -> [Int] {
        var unanswered: [Int] = []
        var unproposed = chosen
        if let (_, reranked) = plan.proposals {
            unproposed = []
            for query in chosen {
                let found = try proposals(queries[query], wanted: wanted, effort: plan.effort(forProposals: wanted))
                guard found.count >= wanted else {
                    unproposed.append(query)
                    continue
                }
                let matching = try late.filter.first(max(reranked, nearest[query].k), of: found.sorted { $0.distance < $1.distance }, row: \.ordinal)
                if matching.count >= nearest[query].k {
                    try offer(matching, queries.singles[query], into: &nearest[query])
                } else {
                    unanswered.append(query)
                }
            }
        }
        guard !unproposed.isEmpty else { return unanswered }
        // Where an index proposes too few, or there is none, the possible rows are compared one by one.
        if plan.isApproximate { account.rescans += unproposed.count }
        var wide = nearest.map { _ in TopK(k: wanted) }
        try scan(queries, unproposed, into: &wide)
        for query in unproposed {
            let threshold = nearest[query].threshold
            let found = wide[query].sorted()
            let near = found.prefix { $0.distance <= threshold }
            let matching = try late.filter.first(nearest[query].k, of: Array(near), row: \.ordinal)
            // Rows that were not proposed are beyond those that were.
            if matching.count >= nearest[query].k || near.count < found.count || found.count < wanted {
                for candidate in matching { nearest[query].offer(candidate) }
            } else {
                unanswered.append(query)
            }
        }
        return unanswered
    }
}
