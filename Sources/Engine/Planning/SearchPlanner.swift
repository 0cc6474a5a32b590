import Indexes

/// Decides how each part of a collection is searched: a pure function of what is asked and what there is.
///
/// A graph's walk takes longer the fewer rows match, a scan the more; where they meet, both cost what a few searches without a filter do.
/// So no filter makes a search take much longer than a slightly different one.
package struct SearchPlanner {
    let configuration: IndexConfiguration
    let overrides: SearchOverrides
    /// Results that are wanted of all parts together.
    let k: Int
    let costs: SearchCosts

    package init(configuration: IndexConfiguration, overrides: SearchOverrides, k: Int, costs: SearchCosts = .measured) {
        self.configuration = configuration
        self.overrides = overrides
        self.k = k
        self.costs = costs
    }

    package func plan(_ part: PartStatistics) -> PartPlan {
        guard part.matchCount > 0, k > 0 else { return .nothing }
        // Where most matching rows are wanted, an index only costs.
        guard !overrides.exact, configuration.choice != .flat, k <= part.matchCount / costs.matchesPerResultMin else { return .scan }
        switch part.index {
        case .none: return .scan
        case .graph:
            let efSearch = max(overrides.efSearch ?? configuration.efSearch, k)
            return cheaper(.graph(efSearch: efSearch, wanted: wanted(min(efSearch, HNSWIndex.proposalCount(k: k)))), part)
        case .lists(let count):
            return cheaper(.lists(nprobe: nprobe(part, lists: count), wanted: wanted(IVFIndex.proposalCount(k: k))), part)
        }
    }

    private func cheaper(_ plan: PartPlan, _ part: PartStatistics) -> PartPlan {
        estimatedCost(of: plan, part) < estimatedCost(of: .scan, part) ? plan : .scan
    }

    /// What a plan is taken to cost for one query vector, in the units of `SearchCosts`.
    package func estimatedCost(of plan: PartPlan, _ part: PartStatistics) -> Double {
        switch plan {
        case .nothing: return 0
        case .scan:
            // Matching rows are fetched one by one where they are few among others, and otherwise passed with all the others.
            return min(Double(part.matchCount) * costs.gatheredRow, Double(part.rowCount))
        case .graph(let efSearch, _):
            return HNSWIndex.expectedVisits(efSearch: efSearch, acceptedShare: part.matchShare) * costs.node
        case .lists(let nprobe, _):
            guard case .lists(let count) = part.index else { return .infinity }
            // Where few rows match, the search looks into more lists by itself.
            let probed = min(1, Double(nprobe) / Double(count) / part.matchShare.squareRoot())
            return (Double(count) + Double(part.rowCount) * probed) * costs.listRow
        case .filterLast(let search, let proposals):
            return estimatedCost(of: search, part) + reading(proposals, of: part.rowCount)
        }
    }

    /// How many of an index's proposals have their distances computed from the stored vectors: `usual`, unless the query says something else.
    private func wanted(_ usual: Int) -> Int {
        guard let rerank = overrides.rerank else { return max(k, usual) }
        let asked = k.multipliedReportingOverflow(by: max(rerank, 1))
        return max(k, asked.overflow ? Self.proposalsMax : min(asked.partialValue, Self.proposalsMax))
    }

    /// As many lists as asked for, and more when few of their rows match.
    private func nprobe(_ part: PartStatistics, lists: Int) -> Int {
        let asked = overrides.nprobe ?? configuration.nprobe ?? max(Self.nprobeMin, lists / Self.listsPerProbe)
        let matchesPerList = Double(part.matchCount) / Double(lists)
        let needed = (Double(k) * Self.matchesPerResultProbed / matchesPerList).rounded(.up)
        return min(lists, max(asked, 1, Int(min(needed, Double(lists)))))
    }

    /// However many proposals for each result a query asks for.
    private static let proposalsMax = 1 << 20
    private static let nprobeMin = 8
    /// Without a configured `nprobe` one list in so many is looked into.
    private static let listsPerProbe = 20
    /// Matching rows that the lists looked into must hold, for each result.
    private static let matchesPerResultProbed = 4.0
}

extension PartStatistics {
    fileprivate var matchShare: Double { min(1, Double(matchCount) / Double(max(rowCount, 1))) }
}
