import Indexes

/// Decides how each part of a collection is searched: a pure function of what is asked and what there is.
///
/// A graph's walk meets about `efSearch` nodes over the share of rows that match, since it goes on until it has seen enough of those;
/// a scan of few matching rows fetches each of them from somewhere else.
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
            let cost = Double(efSearch) * costs.node / part.matchShare
            return cost < scanCost(part) ? .graph(efSearch: efSearch, wanted: wanted(min(efSearch, HNSWIndex.proposalCount(k: k)))) : .scan
        case .lists(let count):
            let nprobe = nprobe(part, lists: count)
            // Where few rows match, the search looks into more lists by itself.
            let probed = min(1, Double(nprobe) / Double(count) / part.matchShare.squareRoot())
            let cost = (Double(count) + Double(part.rowCount) * probed) * costs.listRow
            return cost < scanCost(part) ? .lists(nprobe: nprobe, wanted: wanted(IVFIndex.proposalCount(k: k))) : .scan
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

    private func scanCost(_ part: PartStatistics) -> Double {
        Double(part.matchCount) * (part.matchShare <= Self.gatherShareMax ? costs.gatheredRow : 1)
    }

    /// Below this share of matching rows a scan gathers them.
    private static let gatherShareMax = 0.5
    /// However many proposals for each result a query asks for.
    private static let proposalsMax = 1 << 20
    private static let nprobeMin = 8
    /// Without a configured `nprobe` one list in so many is looked into.
    private static let listsPerProbe = 20
    /// Matching rows that the lists looked into must hold, for each result.
    private static let matchesPerResultProbed = 4.0
}

extension PartStatistics {
    fileprivate var matchShare: Double { Double(matchCount) / Double(max(rowCount, 1)) }
}
