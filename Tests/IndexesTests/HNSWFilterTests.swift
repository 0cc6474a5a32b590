import Indexes
import TestSupport
import Testing
import VectorModel

/// Searches that may return a part of the rows only.
@Suite struct HNSWFilterTests {
    private static let rowCount = 2_000

    private static func accepted(_ rows: some Sequence<Int>) -> OrdinalSet {
        var accepted = OrdinalSet(bound: rowCount)
        for row in rows { accepted.insert(row) }
        return accepted
    }

    /// The nearest of the accepted rows are found, as well as without a filter, and no others.
    @Test(arguments: Metric.allCases)
    func theNearestOfTheAcceptedAreFound(_ metric: Metric) {
        let rows = ApproximateRows(.clusters, metric: metric, count: Self.rowCount, dimension: 32, seed: 13)
        let (graph, queries) = (rows.graph(), rows.queries(40, seed: 15))
        var generator = SeededGenerator(seed: 14)
        for step in [1, 2, 10, 100, Self.rowCount] {
            let kept = (0..<Self.rowCount).shuffled(using: &generator).prefix(Self.rowCount / step).sorted()
            let accepted = Self.accepted(kept)
            let k = min(10, kept.count)
            var hits = 0
            for query in queries {
                let found = graph.search(query, wanted: HNSWIndex.proposalCount(k: k), effort: 100, accepted: accepted)
                #expect(found.allSatisfy { accepted.contains(Int($0.ordinal)) })
                #expect(Set(found.map(\.ordinal)).count == found.count)
                hits += rows.hits(query, found, k: k, among: kept)
            }
            // A single row may not be met, since a scan of so few costs less than a walk to them; no other comes instead.
            guard kept.count > 1 else { continue }
            let recall = Double(hits) / Double(k * queries.count)
            #expect(recall >= 0.95, "one in \(step), \(metric): \(recall)")
        }
    }

    /// Accepted rows that all lie far from the query may not be met: but then few are returned, and no wrong ones.
    @Test func acceptedRowsFarFromTheQuery() {
        let rows = ApproximateRows(.tightClusters, metric: .l2, count: Self.rowCount, dimension: 32, seed: 16)
        let accepted = Self.accepted(stride(from: 7, to: Self.rowCount, by: 20))
        let graph = rows.graph()
        for row in 0..<20 {
            let found = graph.search(rows.rows[row], wanted: 10, effort: 100, accepted: accepted)
            #expect(found.allSatisfy { $0.ordinal % 20 == 7 })
            if row == 7 { #expect(found.count == 10) }
        }
    }

    @Test func emptyAndFullSets() {
        let rows = ApproximateRows(.clusters, metric: .cosine, count: Self.rowCount, dimension: 16, seed: 17)
        let graph = rows.graph()
        #expect(graph.search(rows.rows[0], wanted: 10, effort: 100, accepted: OrdinalSet(bound: Self.rowCount)).isEmpty)
        let all = graph.search(rows.rows[0], wanted: 10, effort: 100, accepted: .all(below: Self.rowCount))
        #expect(all.map(\.ordinal) == graph.search(rows.rows[0], wanted: 10, effort: 100).map(\.ordinal))
    }

    /// A part has rows without vectors, too; sets of accepted rows know nothing of that.
    @Test func acceptedRowsThatHaveNoVector() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 333, dimension: 16, seed: 18)
        let graph = rows.graph(ordinals: (0..<333).map { UInt32(6 * $0) })
        let found = graph.search(rows.rows[4], wanted: 1, effort: 50, accepted: .all(below: Self.rowCount))
        #expect(found.map(\.ordinal) == [24])
        #expect(graph.search(rows.rows[4], wanted: 9, effort: 50, accepted: Self.accepted([1, 2, 3])).isEmpty)
        #expect(graph.search(rows.rows[4], wanted: 9, effort: 50, accepted: Self.accepted([1, 2, 3, 1_992])).map(\.ordinal) == [1_992])
    }
}
