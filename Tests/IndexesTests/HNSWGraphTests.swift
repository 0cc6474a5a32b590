import Indexes
import TestSupport
import Testing
import VectorModel

/// What holds for every graph: the same from the same, nothing out of reach, and an end when one is asked for.
@Suite struct HNSWGraphTests {
    @Test(arguments: Metric.allCases)
    func theSameImageWhateverTheThreads(_ metric: Metric) {
        let rows = ApproximateRows(.clusters, metric: metric, count: 700, dimension: 40, seed: 9)
        let one = rows.graph(seed: 5, threads: 1)
        #expect(one.bytes == rows.graph(seed: 5, threads: 2).bytes)
        #expect(one.bytes == rows.graph(seed: 5, threads: 3).bytes)
        #expect(one.bytes != rows.graph(seed: 6, threads: 1).bytes)
        // Rows that live on under other numbers, and new ones.
        let grown = ApproximateRows(metric: metric, dimension: 40, rows: Array(rows.rows[300...]) + rows.queries(400, seed: 10))
        let images = [1, 2, 3].map { threads in
            grown.graph(seed: 5, threads: threads, extending: (one, { $0 < 300 ? nil : $0 - 300 })).bytes
        }
        #expect(images[0] == images[1] && images[0] == images[2])
    }

    @Test(arguments: ApproximateRows.Shape.allCases)
    func everyRowIsReachableOnce(_ shape: ApproximateRows.Shape) {
        for metric in Metric.allCases {
            let rows = ApproximateRows(shape, metric: metric, count: 500, dimension: 24, seed: 11)
            let found = rows.graph(M: 4, efConstruction: 16).search(rows.rows[0], wanted: 500, effort: 1)
            #expect(found.map(\.ordinal).sorted() == (0..<500).map { UInt32($0) }, "\(shape), \(metric)")
        }
    }

    /// More copies of a row than a node has links, or a search candidates.
    @Test(arguments: [40, 300, 1_000])
    func copiesLoseNobody(_ copies: Int) {
        let different = ApproximateRows(.uniform, metric: .l2, count: 200, dimension: 16, seed: 12).rows
        let rows = ApproximateRows(metric: .l2, dimension: 16, rows: Array(repeating: different[0], count: copies) + different)
        let graph = rows.graph()
        let all = graph.search(different[7], wanted: rows.rows.count, effort: 1)
        #expect(all.map(\.ordinal).sorted() == rows.rows.indices.map { UInt32($0) })
        let recall = rows.recall(graph, queries: rows.queries(40, seed: 13))
        #expect(recall >= 0.95, "\(copies) copies: \(recall)")
    }

    @Test func onlyCopies() {
        for value: Float in [0, 1] {
            for metric in Metric.allCases {
                let rows = ApproximateRows(metric: metric, dimension: 8, rows: Array(repeating: [Float](repeating: value, count: 8), count: 500))
                let found = rows.graph().search(rows.rows[0], wanted: 500, effort: 1)
                #expect(found.map(\.ordinal).sorted() == (0..<500).map { UInt32($0) }, "\(value), \(metric)")
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 32, 33, 34, 64, 65])
    func fewRows(_ count: Int) {
        for metric in Metric.allCases {
            let rows = ApproximateRows(.uniform, metric: metric, count: count, dimension: 3, seed: 2)
            let graph = rows.graph()
            #expect(graph.rowCount == count && graph.dimension == 3 && graph.metric == metric && graph.byteCount == graph.bytes.count)
            let found = graph.search([1, 2, 3], wanted: 100, effort: 1)
            #expect(found.map(\.ordinal).sorted() == (0..<UInt32(count)).map { $0 }, "\(count) rows")
            #expect(graph.search([1, 2, 3], wanted: 0, effort: 10).isEmpty)
            #expect(graph.search([1, 2, 3], wanted: 2, effort: 10).count == min(2, count))
            // The same again, from an older graph that has all of them or none.
            #expect(rows.graph(extending: (graph, { $0 })).rowCount == count)
            #expect(rows.graph(extending: (graph, { _ in nil })).search([1, 2, 3], wanted: 100, effort: 1).count == count)
        }
    }

    @Test func ordinalsNeedNotBeContiguous() throws {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 300, dimension: 16, seed: 12)
        let graph = rows.graph(ordinals: rows.rows.indices.map { UInt32(7 * $0 + 3) })
        for row in stride(from: 0, to: 300, by: 17) {
            #expect(graph.search(rows.rows[row], wanted: 1, effort: 50).map(\.ordinal) == [UInt32(7 * row + 3)])
        }
        _ = try HNSWIndex(graph.image, ordinalBound: 7 * 299 + 4)
        #expect(throws: IndexImageDamage.self) { try HNSWIndex(graph.image, ordinalBound: 7 * 299 + 3) }
    }

    @Test func parametersAreBroughtIntoTheirRanges() {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 200, dimension: 8, seed: 14)
        for (M, efConstruction) in [(0, 0), (2, 8), (17, 50), (64, 200), (1_000, 64)] {
            let graph = rows.graph(M: M, efConstruction: efConstruction)
            #expect(HNSWParameters.MRange.contains(graph.parameters.M))
            #expect(HNSWParameters.efConstructionRange.contains(graph.parameters.efConstruction))
            #expect(rows.recall(graph, queries: rows.queries(20, seed: 15)) >= 0.97, "\(M), \(efConstruction)")
        }
    }

    private struct Stopped: Error {}

    @Test(arguments: [0.0, 0.05, 0.5, 0.85, 1])
    func aBuildCanBeStopped(_ share: Double) {
        let rows = ApproximateRows(.uniform, metric: .l2, count: 500, dimension: 16, seed: 17)
        #expect(throws: Stopped.self) {
            let build = IndexBuild<Stopped>(seed: 1, threads: 2) { done throws(Stopped) in if done >= share { throw Stopped() } }
            _ = try HNSWIndex.build(rows.source(), HNSWParameters(), build)
        }
        let unreadable = IndexSource<Stopped>(metric: .l2, dimension: 16, ordinals: Array(0..<500)) { (ordinal, vector) throws(Stopped) in
            if ordinal == 400 { throw Stopped() }
            vector.update(repeating: 1, count: 16)
        }
        #expect(throws: Stopped.self) { _ = try HNSWIndex.build(unreadable, HNSWParameters(), IndexBuild<Stopped>(seed: 1)) }
    }

    @Test func progressGrows() {
        var reports: [Double] = []
        withUnsafeMutablePointer(to: &reports) { reports in
            nonisolated(unsafe) let reports = reports
            let rows = ApproximateRows(.uniform, metric: .l2, count: 2_000, dimension: 8, seed: 17)
            _ = HNSWIndex.build(rows.source(), HNSWParameters(), IndexBuild<Never>(seed: 1) { reports.pointee.append($0) })
        }
        #expect(reports.count > 10 && reports == reports.sorted() && reports.first == 0 && reports.last == 1)
    }

    @Test func aSearchCanBeStopped() {
        let rows = ApproximateRows(.uniform, metric: .l2, count: 1_000, dimension: 16, seed: 17)
        let graph = rows.graph()
        let before = graph.search(rows.rows[3], wanted: 20, effort: 50).map(\.ordinal)
        for limit in [0, 1, 2] {
            var questions = 0
            #expect(throws: Stopped.self) {
                try rows.rows[0].withUnsafeBufferPointer { query throws(Stopped) in
                    _ = try graph.search(query, wanted: 3, effort: 1_000, accepted: nil) { () throws(Stopped) in
                        questions += 1
                        if questions > limit { throw Stopped() }
                    }
                }
            }
            #expect(questions == limit + 1)
            // The memory of a search that was stopped serves the next one.
            #expect(graph.search(rows.rows[3], wanted: 20, effort: 50).map(\.ordinal) == before)
        }
    }

    /// Memory that one search leaves grows for the next, whatever the two ask for.
    @Test func searchesDoNotDisturbOneAnother() async {
        let rows = ApproximateRows(.clusters, metric: .cosine, count: 500, dimension: 32, seed: 19)
        let graph = rows.graph()
        let asked = [(1, 1), (10, 100), (200, 10), (3, 400), (500, 1), (10, 50)]
        let expected = asked.map { graph.search(rows.rows[1], wanted: $0.0, effort: $0.1).map(\.ordinal) }
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for place in asked.indices {
                        let turn = (place + task) % asked.count
                        #expect(graph.search(rows.rows[1], wanted: asked[turn].0, effort: asked[turn].1).map(\.ordinal) == expected[turn])
                    }
                }
            }
        }
    }
}
