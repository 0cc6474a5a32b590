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

    @Test func moreListsAreLookedIntoWhenFewOfTheirRowsMatch() {
        #expect(plan(1_000_000, matches: 50_000, .lists(count: 4_000), k: 100, IndexConfiguration(nprobe: 2)) == "lists, nprobe 32")
    }

    @Test func whoWantsMostRowsGetsAScan() {
        #expect(plan(100_000, .graph, k: 30_000) == "scan")
        #expect(plan(100_000, .lists(count: 10), k: 100_000) == "scan")
        #expect(plan(100_000, .graph, .init(efSearch: .min), SearchOverrides(efSearch: .max)) == "scan")
    }
}
