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
            // Few rows are left to a scan, which costs less than a walk to them; no others come instead.
            guard kept.count >= 100 else {
                #expect(hits == 0)
                continue
            }
            let recall = Double(hits) / Double(k * queries.count)
            #expect(recall >= 0.95, "one in \(step), \(metric): \(recall)")
        }
    }

    /// Accepted rows that all lie together, mostly far from the query, are found too, or left to a scan.
    @Test(arguments: Metric.allCases)
    func acceptedRowsThatLieTogether(_ metric: Metric) {
        let rows = ApproximateRows(.clusters, metric: metric, count: Self.rowCount, dimension: 32, seed: 16)
        let (graph, queries) = (rows.graph(), rows.queries(40, seed: 19))
        for clusters in [1, 2, 5, 10] {
            let kept = (0..<Self.rowCount).filter { $0 % 20 < clusters }
            let accepted = Self.accepted(kept)
            var (hits, answered) = (0, 0)
            for query in queries {
                let found = graph.search(query, wanted: HNSWIndex.proposalCount(k: 10), effort: 100, accepted: accepted)
                #expect(found.allSatisfy { accepted.contains(Int($0.ordinal)) })
                guard found.count >= 10 else { continue }
                answered += 1
                hits += rows.hits(query, found, k: 10, among: kept)
            }
            let recall = Double(hits) / Double(max(answered, 1) * 10)
            #expect(answered > queries.count / 2 && recall >= 0.95, "\(clusters) of 20 clusters, \(metric): \(answered) answered, \(recall)")
        }
    }

    @Test func emptyAndFullSets() {
        let rows = ApproximateRows(.clusters, metric: .cosine, count: Self.rowCount, dimension: 16, seed: 17)
        let graph = rows.graph()
        #expect(graph.search(rows.rows[0], wanted: 10, effort: 100, accepted: OrdinalSet(bound: Self.rowCount)).isEmpty)
        let all = graph.search(rows.rows[0], wanted: 10, effort: 100, accepted: .all(below: Self.rowCount))
        #expect(all.first?.ordinal == 0 && all.count == 10)
        #expect(rows.hits(rows.rows[0], all, k: 10) >= 9)
    }

    /// A part has rows without vectors, too; sets of accepted rows know nothing of that.
    @Test func acceptedRowsThatHaveNoVector() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 333, dimension: 16, seed: 18)
        let graph = rows.graph(ordinals: (0..<333).map { UInt32(6 * $0) })
        let found = graph.search(rows.rows[4], wanted: 1, effort: 50, accepted: .all(below: Self.rowCount))
        #expect(found.map(\.ordinal) == [24])
        // Every second row, of which every third has a vector.
        let even = graph.search(rows.rows[4], wanted: 5, effort: 50, accepted: Self.accepted(stride(from: 0, to: Self.rowCount, by: 4)))
        #expect(even.count == 5 && even.allSatisfy { $0.ordinal % 12 == 0 } && even.contains { $0.ordinal == 24 })
        #expect(graph.search(rows.rows[4], wanted: 9, effort: 50, accepted: Self.accepted([1, 2, 3])).isEmpty)
        #expect(graph.search(rows.rows[4], wanted: 9, effort: 50, accepted: Self.accepted([1, 2, 3, 1_992])).allSatisfy { $0.ordinal == 1_992 })
    }
}
