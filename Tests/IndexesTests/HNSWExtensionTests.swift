import Indexes
import TestSupport
import Testing
import VectorModel

/// Graphs that take over the links of older ones, as merges make them.
@Suite struct HNSWExtensionTests {
    private static let rowCount = 700

    /// Half of the rows die and as many are new, again and again: a graph that was never built anew finds as much as one that was.
    @Test(arguments: [ApproximateRows.Shape.clusters, .duplicates], Metric.allCases)
    func churnLeavesRecallAsItWas(_ shape: ApproximateRows.Shape, _ metric: Metric) {
        var generator = SeededGenerator(seed: 31)
        // Rows of one distribution, so that those that come are like those that go.
        var supply = ApproximateRows(shape, metric: metric, count: 4 * Self.rowCount, dimension: 32, seed: 32).rows.shuffled(using: &generator)
        var rows = Array(supply.prefix(Self.rowCount))
        supply.removeFirst(Self.rowCount)
        var graph = ApproximateRows(metric: metric, dimension: 32, rows: rows).graph()
        for round in 1...5 {
            let alive = rows.indices.filter { _ in generator.chance(percent: 50) }
            let newOrdinals = Dictionary(uniqueKeysWithValues: zip(alive.map { UInt32($0) }, (0 as UInt32)...))
            let comers = Self.rowCount - alive.count
            rows = alive.map { rows[$0] } + supply.prefix(comers)
            supply.removeFirst(min(comers, supply.count))
            let current = ApproximateRows(metric: metric, dimension: 32, rows: rows)
            graph = current.graph(seed: UInt64(round), extending: (graph, { newOrdinals[$0] }))
            guard round == 1 || round == 5 else { continue }
            let queries = current.queries(50, seed: 33)
            let (recall, fresh) = (current.recall(graph, queries: queries), current.recall(current.graph(), queries: queries))
            #expect(recall >= fresh - 0.02, "\(shape), \(metric), round \(round): \(recall), built anew \(fresh)")
            #expect(graph.search(rows[0], wanted: Self.rowCount, effort: 1).count == rows.count)
        }
    }

    /// Most rows die, or all but one, or those of whole clusters.
    @Test func fewSurvivors() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: Self.rowCount, dimension: 32, seed: 34)
        let old = rows.graph()
        for isAlive: (Int) -> Bool in [{ $0 == 300 }, { $0 % 20 == 3 }, { $0 % 20 > 9 }, { $0 % 50 == 0 }] {
            let alive = rows.rows.indices.filter(isAlive)
            let newOrdinals = Dictionary(uniqueKeysWithValues: zip(alive.map { UInt32($0) }, (0 as UInt32)...))
            let current = ApproximateRows(metric: .l2, dimension: 32, rows: alive.map { rows.rows[$0] } + rows.queries(300, seed: 35))
            let graph = current.graph(extending: (old, { newOrdinals[$0] }))
            #expect(graph.search(current.rows[0], wanted: current.rows.count, effort: 1).count == current.rows.count)
            let recall = current.recall(graph, queries: current.queries(40, seed: 36))
            #expect(recall >= 0.95, "\(alive.count) survivors: \(recall)")
        }
    }

    @Test func nothingChanged() {
        let rows = ApproximateRows(.clusters, metric: .cosine, count: 600, dimension: 32, seed: 37)
        let old = rows.graph()
        let recall = rows.recall(rows.graph(seed: 2, extending: (old, { $0 })), queries: rows.queries(40, seed: 38))
        #expect(recall >= 0.97, "\(recall)")
    }

    /// A graph of another metric, dimension or degree gives nothing: the new one is as if there were none.
    @Test func graphsThatDoNotFit() {
        let rows = ApproximateRows(.clusters, metric: .cosine, count: 300, dimension: 32, seed: 39)
        let fresh = rows.graph().bytes
        let others = [
            ApproximateRows(.clusters, metric: .l2, count: 300, dimension: 32, seed: 39).graph(),
            ApproximateRows(.clusters, metric: .cosine, count: 300, dimension: 31, seed: 39).graph(),
            rows.graph(M: 32),
        ]
        for other in others { #expect(rows.graph(extending: (other, { $0 })).bytes == fresh) }
    }

    /// An older image may have been damaged where no check can see it: what is built from it has every row all the same.
    @Test func ordinalsThatRepeatAreTakenOnce() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 400, dimension: 32, seed: 40)
        let old = rows.graph(seed: 1)
        for newOrdinal: (UInt32) -> UInt32? in [{ $0 / 2 }, { _ in 7 }, { $0 + 390 }] {
            let graph = rows.graph(extending: (old, newOrdinal))
            #expect(graph.search(rows.rows[0], wanted: 400, effort: 1).map(\.ordinal).sorted() == (0..<400).map { UInt32($0) })
        }
    }
}
