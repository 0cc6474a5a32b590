/// What is known of a filter that reads documents before any is read.
package struct OpenFilter: Hashable, Sendable {
    /// Rows whose documents decide; the part's matching rows are all that may match.
    package var undecided: Int
    /// Which part of the rows that may match probably does.
    package var matchShare: Double

    package init(undecided: Int, matchShare: Double) {
        self.undecided = undecided
        self.matchShare = matchShare
    }
}

/// How far a search has come that is asked before documents are read.
package struct LateProgress: Hashable, Sendable {
    /// Rows that were asked for, for each query.
    package var proposals: Int
    /// Rows that were looked at, for all queries, and those of them that match.
    package var looked: Int
    package var matching: Int
    /// Documents that would have to be read to know all.
    package var unread: Int

    package init(proposals: Int, looked: Int, matching: Int, unread: Int) {
        self.proposals = proposals
        self.looked = looked
        self.matching = matching
        self.unread = unread
    }
}

extension SearchPlanner {
    /// How a part is searched before the documents are read that decide which of its rows match; `nil`: they are read first.
    ///
    /// As many proposals are asked for as probably hold the results. Their documents are read nearest first until there are enough, so that little
    /// is lost where more match than was thought; where fewer do, `moreProposals` says how to go on.
    /// - Parameters:
    ///   - part: with all rows that may match as matching.
    ///   - queryCount: query vectors, each with proposals of its own, while documents that are read first serve all of them.
    package func planBeforeReading(_ part: PartStatistics, _ filter: OpenFilter, queryCount: Int) -> PartPlan? {
        guard filter.undecided > 0, k > 0, let wanted = proposals(matchShare: filter.matchShare), wanted < part.matchCount else { return nil }
        let plan: PartPlan
        switch self.plan(part) {
        case .nothing, .filterLast: return nil
        case .scan: plan = .scan
        case .graph(let efSearch, let reranked): plan = .graph(efSearch: max(efSearch, wanted), wanted: reranked)
        case .lists(let nprobe, let reranked): plan = .lists(nprobe: nprobe, wanted: reranked)
        }
        let queries = Double(max(queryCount, 1))
        let undecidedShare = Double(filter.undecided) / Double(part.matchCount)
        let late = queries * (estimatedCost(of: plan, part) + Double(wanted) * undecidedShare * costs.singleDocument)
        var known = part
        known.matchCount = max(1, Int(Double(part.matchCount) * min(filter.matchShare, 1)))
        let first = reading(filter.undecided, of: part.rowCount) + queries * estimatedCost(of: self.plan(known), known)
        guard late * Self.lateGainMin <= first else { return nil }
        // More of them cost a scan little, a second scan as much as the first.
        return .filterLast(plan, proposals: plan.isApproximate ? wanted : min(wanted * Self.proposalsPerScanned, part.matchCount))
    }

    /// How many proposals to ask for where too few of those before match; `nil`: reading all documents is no worse.
    /// - Parameter queryCount: query vectors that have too few.
    package func moreProposals(_ part: PartStatistics, _ progress: LateProgress, queryCount: Int) -> Int? {
        // As if one of two more had matched: where none has, fewer than one in so many will.
        let share = Double(progress.matching + 1) / Double(progress.looked + 2)
        guard let wanted = proposals(matchShare: share) else { return nil }
        let more = max(wanted, 2 * progress.proposals)
        guard more <= Self.lateProposalsMax else { return nil }
        let cost = Double(more) * Double(queryCount) * costs.singleDocument
        return cost * Self.lateGainMin <= reading(progress.unread, of: part.rowCount) ? more : nil
    }

    /// How many rows hold the results, if this part of them matches: half as many more, so that chance seldom leaves too few.
    private func proposals(matchShare: Double) -> Int? {
        let expected = Double(k) / max(matchShare, .leastNormalMagnitude) * Self.proposalsPerExpected
        return expected <= Double(Self.lateProposalsMax) ? max(Int(expected), Self.lateProposalsMin) : nil
    }

    /// What reading so many documents of a part costs: one by one where they are few among others, or all in passing.
    func reading(_ documents: Int, of rowCount: Int) -> Double {
        min(Double(documents) * costs.singleDocument, Double(rowCount) * costs.document)
    }

    private static var proposalsPerExpected: Double { 1.5 }
    private static var proposalsPerScanned: Int { 4 }
    private static var lateProposalsMin: Int { 32 }
    private static var lateProposalsMax: Int { 1_024 }
    /// How many times more reading documents first must cost: how many match was only estimated.
    private static var lateGainMin: Double { 2 }
}
