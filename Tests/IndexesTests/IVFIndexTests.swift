import Indexes
import TestSupport
import Testing
import VectorModel

/// Lists around centres: what is found, whatever the data look like.
@Suite struct IVFIndexTests {
    @Test(arguments: ApproximateRows.Shape.allCases, Metric.allCases)
    func recallHasAFloor(_ shape: ApproximateRows.Shape, _ metric: Metric) {
        for seed in Seeds.some(1) {
            let rows = ApproximateRows(shape, metric: metric, count: 2_000, dimension: 48, seed: seed)
            let index = rows.lists(seed: seed)
            let queries = rows.queries(40, seed: seed &+ 1)
            let recall = rows.recall(index, queries: queries, k: 10, wanted: 40, effort: index.nlist / 4)
            #expect(recall >= 0.95, "\(shape), \(metric): \(recall); \(Seeds.replay(seed))")
            // All lists together lose nothing but what the codes hide.
            let all = rows.recall(index, queries: queries, k: 10, wanted: 60, effort: index.nlist)
            #expect(all >= 0.97, "\(shape), \(metric), all lists: \(all); \(Seeds.replay(seed))")
        }
    }

    /// Rows this wide have codes of two bits; as many proposals as a search takes make up for them.
    @Test(arguments: ApproximateRows.Shape.allCases, Metric.allCases)
    func recallOfWideRowsHasAFloor(_ shape: ApproximateRows.Shape, _ metric: Metric) {
        for seed in Seeds.some(1) {
            let rows = ApproximateRows(shape, metric: metric, count: 600, dimension: 300, seed: seed)
            let index = rows.lists(seed: seed)
            // Rows that hardly differ but from those of other clusters are told apart by the floats alone.
            let wanted = shape == .tightClusters ? 50 : IVFIndex.proposalCount(k: 10)
            let recall = rows.recall(index, queries: rows.queries(20, seed: seed &+ 1), k: 10, wanted: wanted, effort: index.nlist)
            // In so many dimensions uniform rows are all about as far: their order is the hardest to tell.
            let floor = shape == .uniform ? 0.9 : 0.95
            #expect(recall >= floor, "\(shape), \(metric): \(recall); \(Seeds.replay(seed))")
        }
    }

    @Test func aRowTakesLittleMemory() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 2_000, dimension: 384, seed: 15)
        let index = rows.lists(nlist: 10)
        #expect(index.byteCount < 2_000 * (384 / 2 + 32))
    }

    @Test(arguments: [1, 2, 12, 60, 64, 100, 384])
    func everyDimensionWorks(_ dimension: Int) {
        for metric in Metric.allCases {
            let rows = ApproximateRows(.clusters, metric: metric, count: 600, dimension: dimension, seed: 3)
            let index = rows.lists()
            let recall = rows.recall(index, queries: rows.queries(30, seed: 4), k: 5, wanted: 40, effort: index.nlist / 2)
            #expect(recall >= 0.9, "\(dimension), \(metric): \(recall)")
        }
    }

    @Test func theWidestVectors() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 40, dimension: 65_535, seed: 3)
        let index = rows.lists()
        #expect(index.search(rows.rows[7], wanted: 1, effort: 2).map(\.ordinal) == [7])
    }

    /// Distances are those of the metric, roughly, and ascend.
    @Test(arguments: Metric.allCases)
    func distancesAreAsTheMetricCountsThem(_ metric: Metric) {
        for shape in [ApproximateRows.Shape.clusters, .zeros, .mixedNorms, .tiny] {
            let rows = ApproximateRows(shape, metric: metric, count: 800, dimension: 64, seed: 5)
            let index = rows.lists()
            for query in rows.queries(10, seed: 6) {
                let found = index.search(query, wanted: 20, effort: index.nlist)
                #expect(zip(found, found.dropFirst()).allSatisfy { $0.distance <= $1.distance })
                let scale = rows.rows.indices.map { abs(rows.distance(query, $0)) }.max()!
                for neighbor in found {
                    #expect(abs(Double(neighbor.distance) - rows.distance(query, Int(neighbor.ordinal))) <= 0.05 * scale, "\(shape), \(metric)")
                }
            }
        }
    }

    @Test func zeroVectorsUnderCosineAreAtDistanceOne() {
        var rows = ApproximateRows(.clusters, metric: .cosine, count: 200, dimension: 32, seed: 8).rows
        rows[17] = [Float](repeating: 0, count: 32)
        let index = ApproximateRows(metric: .cosine, dimension: 32, rows: rows).lists()
        let found = index.search(rows[0], wanted: 200, effort: index.nlist)
        #expect(found.count == 200)
        #expect(abs(found.first { $0.ordinal == 17 }!.distance - 1) < 0.02)
        let ofZero = index.search(rows[17], wanted: 10, effort: 1)
        #expect(ofZero.count == 10 && ofZero.allSatisfy { $0.distance == 1 })
    }

    @Test(arguments: Metric.allCases)
    func theSameImageWhateverTheThreads(_ metric: Metric) {
        let rows = ApproximateRows(.clusters, metric: metric, count: 3_000, dimension: 40, seed: 9)
        let one = rows.lists(seed: 5, threads: 1).bytes
        #expect(one == rows.lists(seed: 5, threads: 2).bytes)
        #expect(one == rows.lists(seed: 5, threads: 3).bytes)
        #expect(one != rows.lists(seed: 6, threads: 1).bytes)
    }

    @Test func fewRows() {
        #expect(ApproximateRows(metric: .l2, dimension: 3, rows: []).lists().search([1, 2, 3], wanted: 5, effort: 1).isEmpty)
        for count in 1...9 {
            let rows = ApproximateRows(.uniform, metric: .l2, count: count, dimension: 3, seed: 2)
            for nlist in [nil, 1, 3, 100] {
                let index = rows.lists(nlist: nlist)
                #expect(index.rowCount == count && (1...count).contains(index.nlist))
                let found = index.search(rows.rows[0], wanted: 50, effort: 1)
                #expect(found.map(\.ordinal).sorted() == (0..<UInt32(count)).map { $0 }, "\(count) rows, nlist \(nlist ?? 0)")
            }
        }
    }

    @Test func everyRowIsReachableOnce() {
        for shape in ApproximateRows.Shape.allCases {
            let rows = ApproximateRows(shape, metric: .cosine, count: 700, dimension: 24, seed: 11)
            let found = rows.lists().search(rows.rows[0], wanted: 700, effort: 1)
            #expect(found.map(\.ordinal).sorted() == (0..<700).map { UInt32($0) }, "\(shape)")
        }
    }

    @Test func ordinalsNeedNotBeContiguous() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 300, dimension: 16, seed: 12)
        let index = rows.lists(ordinals: rows.rows.indices.map { UInt32(7 * $0 + 3) })
        #expect(index.search(rows.rows[5], wanted: 1, effort: 4).map(\.ordinal) == [38])
    }

    @Test(arguments: Seeds.some(3))
    func onlyAcceptedRowsAreReturned(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let rows = ApproximateRows(.clusters, metric: .cosine, count: 2_000, dimension: 32, seed: seed)
        let index = rows.lists()
        for share in [0.0, 0.002, 0.05, 0.5, 0.99, 1] {
            var accepted = OrdinalSet(bound: 2_000)
            for row in 0..<2_000 where generator.chance(share) { accepted.insert(row) }
            for query in rows.queries(10, seed: seed) {
                let found = index.search(query, wanted: 20, effort: 4, accepted: accepted)
                #expect(found.allSatisfy { accepted.contains(Int($0.ordinal)) }, "\(Seeds.replay(seed))")
                #expect(Set(found.map(\.ordinal)).count == found.count, "\(Seeds.replay(seed))")
                #expect(found.count == min(20, accepted.count), "share \(share); \(Seeds.replay(seed))")
            }
        }
    }

    @Test func aFilteredSearchFindsTheNearestOfWhatItAccepts() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 3_000, dimension: 32, seed: 13)
        let index = rows.lists()
        var accepted = OrdinalSet(bound: 3_000)
        for row in stride(from: 0, to: 3_000, by: 20) { accepted.insert(row) }
        let kept = ApproximateRows(metric: .l2, dimension: 32, rows: stride(from: 0, to: 3_000, by: 20).map { rows.rows[$0] })
        var hits = 0
        let queries = rows.queries(30, seed: 14)
        for query in queries {
            let found = index.search(query, wanted: 30, effort: index.nlist / 8, accepted: accepted)
            hits += kept.hits(query, found.map { ApproximateNeighbor(ordinal: $0.ordinal / 20, distance: $0.distance) }, k: 10)
        }
        #expect(Double(hits) / Double(10 * queries.count) >= 0.9)
    }

    @Test func aBuildAndASearchCanBeStopped() {
        struct Stopped: Error {}
        let rows = ApproximateRows(.uniform, metric: .l2, count: 500, dimension: 16, seed: 17)
        #expect(throws: Stopped.self) {
            let build = IndexBuild<Stopped>(seed: 1) { done throws(Stopped) in if done > 0.5 { throw Stopped() } }
            _ = try IVFIndex.build(rows.source(), IVFParameters(), build)
        }
        let index = rows.lists()
        #expect(throws: Stopped.self) {
            try rows.rows[0].withUnsafeBufferPointer { query throws(Stopped) in
                _ = try index.search(query, wanted: 3, effort: 5, accepted: nil) { () throws(Stopped) in throw Stopped() }
            }
        }
        // The memory of a search that was stopped serves the next one.
        #expect(index.search(rows.rows[0], wanted: 1, effort: 5).map(\.ordinal) == [0])
    }

    /// Queries far outside of the rows' range neither crash nor come back empty.
    @Test func anyFiniteQueryIsAnswered() {
        for metric in Metric.allCases {
            let rows = ApproximateRows(.clusters, metric: metric, count: 300, dimension: 20, seed: 18)
            let index = rows.lists()
            for value: Float in [0, .leastNonzeroMagnitude, 1e-30, 1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude] {
                let found = index.search([Float](repeating: value, count: 20), wanted: 10, effort: 3)
                #expect(found.count == 10 && found.allSatisfy { $0.distance.isFinite }, "\(metric), \(value)")
            }
        }
    }
}
