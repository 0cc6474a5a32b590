import Engine
import Testing

@Suite struct SearchPlannerTests {
    /// Without the number of proposals, which is the index's business, unless the query says one.
    private func plan(
        _ rows: Int, matches: Int? = nil, _ index: PartStatistics.Index, k: Int = 10, _ configuration: IndexConfiguration = .init(),
        _ overrides: SearchOverrides = .init()
    ) -> String {
        let text = SearchPlanner(configuration: configuration, overrides: overrides, k: k)
            .plan(PartStatistics(rowCount: rows, matchCount: matches ?? rows, index: index)).description
        return overrides.rerank == nil ? text.withoutProposals : text
    }

    @Test func withoutAnIndexEverythingIsScanned() {
        #expect(plan(1_000_000, .none) == "scan")
        #expect(plan(1_000_000, matches: 0, .graph) == "nothing")
        #expect(plan(1_000_000, .graph, k: 0) == "nothing")
    }

    @Test func aLargePartIsSearchedThroughItsIndex() {
        #expect(plan(100_000, .graph) == "graph, efSearch 100")
        #expect(plan(100_000, .lists(count: 1_000)) == "lists, nprobe 50")
        #expect(plan(100_000, .graph, k: 300) == "graph, efSearch 300")
    }

    @Test func whatIsAskedForIsDone() {
        #expect(plan(100_000, .graph, IndexConfiguration(efSearch: 64)) == "graph, efSearch 64")
        #expect(plan(100_000, .graph, .init(), SearchOverrides(efSearch: 400)) == "graph, efSearch 400")
        #expect(plan(100_000, .graph, .init(), SearchOverrides(rerank: 30)) == "graph, efSearch 100, re-rank 300")
        #expect(plan(100_000, .lists(count: 1_000), IndexConfiguration(nprobe: 3)) == "lists, nprobe 3")
        #expect(plan(100_000, .lists(count: 1_000), IndexConfiguration(nprobe: 3), SearchOverrides(nprobe: 7)) == "lists, nprobe 7")
        #expect(plan(100_000, .graph, .init(), SearchOverrides(exact: true)) == "scan")
        #expect(plan(100_000, .graph, IndexConfiguration(choice: .flat)) == "scan")
    }

    @Test func fewMatchingRowsAreScanned() {
        #expect(plan(100_000, matches: 600, .graph) == "scan")
        #expect(plan(100_000, matches: 60_000, .graph) == "graph, efSearch 100")
        // The walk would meet a hundred times as many nodes.
        #expect(plan(1_000_000, matches: 10_000, .graph) == "scan")
        #expect(plan(1_000_000, matches: 100_000, .graph) == "graph, efSearch 100")
        #expect(plan(1_000, .graph) == "scan")
        #expect(plan(1_000_000, matches: 10_000, .lists(count: 6_000)) == "scan")
        #expect(plan(1_000_000, matches: 50_000, .lists(count: 6_000)) == "lists, nprobe 300")
    }

    /// No plan costs much more than that for a filter which keeps a little more or less.
    @Test(arguments: [1_000, 10_000, 117_000, 1_000_000, 20_000_000], [10, 100])
    func noFilterIsACliff(rows: Int, k: Int) {
        let planner = SearchPlanner(configuration: .init(), overrides: .init(), k: k)
        var costs: [Double] = []
        for step in 0...60 {
            let matches = Int(Double(rows) / Double(1 << (step / 4)) / [1, 1.19, 1.41, 1.68][step % 4])
            guard matches >= 30 else { break }
            let part = PartStatistics(rowCount: rows, matchCount: matches, index: .graph)
            costs.append(planner.estimatedCost(of: planner.plan(part), part))
        }
        #expect(costs.count > 15)
        for (cost, next) in zip(costs, costs.dropFirst()) { #expect(cost <= 1.5 * next && next <= 1.5 * cost, "\(costs)") }
    }

    /// Documents are read last where reading those of some proposals is far less than reading all that decide.
    @Test func documentsAreReadLast() {
        func plan(
            _ rows: Int, _ index: PartStatistics.Index, k: Int = 10, possible: Int? = nil, undecided: Int? = nil, share: Double = 0.5, queries: Int = 1,
            exact: Bool = false
        ) -> String? {
            let (possible, part) = (possible ?? rows, PartStatistics(rowCount: rows, matchCount: possible ?? rows, index: index))
            return SearchPlanner(configuration: .init(), overrides: SearchOverrides(exact: exact), k: k)
                .planBeforeReading(part, OpenFilter(undecided: undecided ?? possible, matchShare: share), queryCount: queries)?.description
        }
        #expect(plan(100_000, .graph) == "graph, efSearch 100, re-rank 12; 32 proposals, then documents")
        #expect(plan(100_000, .graph, share: 0.1) == "graph, efSearch 150, re-rank 12; 150 proposals, then documents")
        #expect(plan(100_000, .lists(count: 1_000)) == "lists, nprobe 50, re-rank 24; 32 proposals, then documents")
        // A scan of few possible rows, or of all where there is no index or none is to be used: exact.
        #expect(plan(100_000, .graph, possible: 2_000) == "scan; 128 proposals, then documents")
        #expect(plan(100_000, .none) == "scan; 128 proposals, then documents")
        #expect(plan(100_000, .graph, exact: true) == "scan; 128 proposals, then documents")
        // Few documents decide, few rows match, most are wanted, or documents that are read once serve many queries.
        #expect(plan(100_000, .graph, possible: 2_000, undecided: 3, share: 1) == nil)
        #expect(plan(100_000, .graph, undecided: 0) == nil)
        #expect(plan(100_000, .graph, share: 0.001) == nil)
        #expect(plan(100_000, .graph, share: 0) == nil)
        #expect(plan(100, .graph) == nil)
        #expect(plan(100_000, .graph, k: 1_000) == nil)
        #expect(plan(100_000, .graph, k: .max) == nil)
        #expect(plan(100_000, .graph, share: 0.1, queries: 100) == nil)
    }

    @Test func moreProposalsAreAskedForWhereFewMatch() {
        let planner = SearchPlanner(configuration: .init(), overrides: .init(), k: 10)
        let part = PartStatistics(rowCount: 100_000, matchCount: 100_000, index: .graph)
        func more(_ proposals: Int, _ matching: Int, unread: Int = 100_000, queries: Int = 1) -> Int? {
            planner.moreProposals(
                part, LateProgress(proposals: proposals, looked: proposals * queries, matching: matching * queries, unread: unread), queryCount: queries)
        }
        #expect(more(32, 9) == 64)
        #expect(more(32, 2) == 170)
        #expect(more(32, 0) == 510)
        #expect(more(510, 0) == nil)
        #expect(more(510, 9) == 1_020)
        #expect(more(510, 9, unread: 1_000) == nil, "their documents cost more than half of all")
        #expect(more(32, 2, unread: 300) == nil)
        #expect(more(32, 2, queries: 20) == nil)
    }

    @Test func moreListsAreLookedIntoWhenFewOfTheirRowsMatch() {
        #expect(plan(1_000_000, matches: 50_000, .lists(count: 4_000), k: 100, IndexConfiguration(nprobe: 2)) == "lists, nprobe 32")
    }

    @Test func whoWantsMostRowsGetsAScan() {
        #expect(plan(100_000, .graph, k: 30_000) == "scan")
        #expect(plan(100_000, .lists(count: 10), k: 100_000) == "scan")
        #expect(plan(100_000, .graph, .init(efSearch: .min), SearchOverrides(efSearch: .max)) == "scan")
    }
}
