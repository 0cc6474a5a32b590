import Indexes
import TestSupport
import Testing
import VectorModel

/// What a graph finds, whatever the data look like.
@Suite struct HNSWRecallTests {
    @Test(arguments: ApproximateRows.Shape.allCases, Metric.allCases)
    func recallHasAFloor(_ shape: ApproximateRows.Shape, _ metric: Metric) {
        for seed in Seeds.some(1) {
            let rows = ApproximateRows(shape, metric: metric, count: 1_000, dimension: 48, seed: seed)
            // The rows of a tight cluster differ by little more than their codes' errors: all of one are proposed.
            let wanted = shape == .tightClusters ? 50 : HNSWIndex.proposalCount(k: 10)
            let recall = rows.recall(rows.graph(seed: seed), queries: rows.queries(40, seed: seed &+ 1), k: 10, wanted: wanted, effort: 100)
            // Copies take places of the beam from rows a little farther out.
            #expect(recall >= (shape == .duplicates ? 0.88 : 0.95), "\(shape), \(metric): \(recall); \(Seeds.replay(seed))")
        }
    }

    /// On both sides of what a rotation and a block of codes are padded to.
    @Test(arguments: [1, 2, 3, 12, 37, 60, 96, 128, 384, 1_536])
    func everyDimensionWorks(_ dimension: Int) {
        for metric in Metric.allCases {
            let rows = ApproximateRows(.clusters, metric: metric, count: 400, dimension: dimension, seed: 3)
            let recall = rows.recall(rows.graph(), queries: rows.queries(30, seed: 4))
            #expect(recall >= 0.95, "\(dimension), \(metric): \(recall)")
        }
    }

    @Test func theWidestVectors() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 20, dimension: 65_535, seed: 3)
        #expect(rows.graph(M: 2, efConstruction: 8).search(rows.rows[7], wanted: 1, effort: 20).map(\.ordinal) == [7])
    }

    @Test(arguments: Metric.allCases)
    func moreEffortFindsMore(_ metric: Metric) {
        let rows = ApproximateRows(.uniform, metric: metric, count: 2_000, dimension: 64, seed: 21)
        let (graph, queries) = (rows.graph(M: 8, efConstruction: 40), rows.queries(40, seed: 22))
        let recalls = [14, 60, 400].map { rows.recall(graph, queries: queries, efSearch: $0) }
        #expect(recalls[0] < recalls[1] && recalls[1] <= recalls[2] && recalls[2] >= 0.97, "\(recalls)")
    }

    /// Codes of 8 bits hardly tell the rows of such clusters apart, but all rows of the right one must be found.
    @Test func farClustersAreFound() {
        var generator = SeededGenerator(seed: 23)
        let centres = (0..<40).map { _ in generator.vector(24).map { 1_000 * $0 } }
        let vectors = (0..<1_000).map { row in zip(centres[row % 40], generator.vector(24)).map { $0 + $1 } }
        let rows = ApproximateRows(metric: .l2, dimension: 24, rows: vectors)
        let queries = (0..<40).map { cluster in zip(centres[cluster], generator.vector(24)).map { $0 + $1 } }
        let recall = rows.recall(rows.graph(), queries: queries, k: 10, wanted: 25, effort: 100)
        #expect(recall >= 0.97, "\(recall)")
    }

    /// A single long row must not take the resolution from all others.
    @Test(arguments: [Float(1e3), 1e6, 1e15])
    func oneRowIsFarLongerThanAllOthers(_ factor: Float) {
        for metric in [Metric.l2, .cosine] {
            var rows = ApproximateRows(.clusters, metric: metric, count: 1_000, dimension: 48, seed: 24).rows
            rows[500] = rows[500].map { $0 * factor }
            let long = ApproximateRows(metric: metric, dimension: 48, rows: rows)
            let others = ApproximateRows(metric: metric, dimension: 48, rows: rows.filter { abs($0[0]) < 3 })
            let recall = long.recall(long.graph(), queries: others.queries(30, seed: 25))
            #expect(recall >= 0.97, "\(metric), \(factor): \(recall)")
        }
    }

    /// For inner products a query's length changes no order.
    @Test(arguments: [Metric.innerProduct, .cosine])
    func theLengthOfAQueryDoesNotMatter(_ metric: Metric) {
        let rows = ApproximateRows(.clusters, metric: metric, count: 1_000, dimension: 48, seed: 26)
        let (graph, queries) = (rows.graph(), rows.queries(30, seed: 27))
        for factor: Float in [1e-12, 1e-5, 1e5, 1e12] {
            let recall = rows.recall(graph, queries: queries.map { $0.map { factor * $0 } })
            #expect(recall >= 0.97, "\(metric), \(factor): \(recall)")
        }
    }

    /// Distances are those of the metric, roughly, and ascend.
    @Test(arguments: Metric.allCases)
    func distancesAreAsTheMetricCountsThem(_ metric: Metric) {
        for shape in [ApproximateRows.Shape.clusters, .zeros, .mixedNorms, .tiny, .huge] {
            let rows = ApproximateRows(shape, metric: metric, count: 800, dimension: 64, seed: 5)
            let graph = rows.graph()
            for query in rows.queries(10, seed: 6) {
                let found = graph.search(query, wanted: 20, effort: 100)
                #expect(zip(found, found.dropFirst()).allSatisfy { $0.distance <= $1.distance })
                let scale = rows.rows.indices.map { abs(rows.distance(query, $0)) }.max()!
                for neighbor in found {
                    #expect(abs(Double(neighbor.distance) - rows.distance(query, Int(neighbor.ordinal))) <= 0.02 * scale, "\(shape), \(metric)")
                }
            }
        }
    }

    @Test func zeroVectorsUnderCosineAreAtDistanceOne() {
        var rows = ApproximateRows(.clusters, metric: .cosine, count: 200, dimension: 32, seed: 8).rows
        rows[17] = [Float](repeating: 0, count: 32)
        let graph = ApproximateRows(metric: .cosine, dimension: 32, rows: rows).graph()
        let found = graph.search(rows[0], wanted: 200, effort: 1)
        #expect(found.count == 200)
        #expect(abs(found.first { $0.ordinal == 17 }!.distance - 1) < 0.02)
        let ofZero = graph.search(rows[17], wanted: 10, effort: 1)
        #expect(ofZero.count == 10 && ofZero.allSatisfy { $0.distance == 1 })
    }

    /// Queries far outside of the rows' range neither crash nor come back empty.
    @Test func anyFiniteQueryIsAnswered() {
        for metric in Metric.allCases {
            for shape in [ApproximateRows.Shape.clusters, .tiny, .huge, .zeros] {
                let graph = ApproximateRows(shape, metric: metric, count: 300, dimension: 20, seed: 18).graph()
                for value: Float in [0, .leastNonzeroMagnitude, 1e-30, 1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude] {
                    let found = graph.search([Float](repeating: value, count: 20), wanted: 10, effort: 3)
                    #expect(found.count == 10 && found.allSatisfy { $0.distance.isFinite }, "\(metric), \(shape), \(value)")
                }
            }
        }
    }

    /// Rows from one end of the floats to the other.
    @Test(arguments: Metric.allCases)
    func anyFiniteRowsAreIndexed(_ metric: Metric) {
        let values: [Float] = [0, .leastNonzeroMagnitude, 1e-30, 1, 1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        let rows = ApproximateRows(metric: metric, dimension: 20, rows: (0..<140).map { [Float](repeating: values[$0 % 7], count: 20) })
        let found = rows.graph().search([Float](repeating: 1, count: 20), wanted: 140, effort: 1)
        #expect(found.map(\.ordinal).sorted() == (0..<140).map { UInt32($0) } && found.allSatisfy { $0.distance.isFinite })
    }
}
