import Engine
import Filtering
import TestSupport
import Testing
import VectorModel

/// The nearest other records of many records.
@Suite struct NeighborTests {
    /// What a request must give, computed one by one.
    private struct Expected {
        let rows: [ScatteredRecords.Record]
        let candidates: [ScatteredRecords.Record]
    }

    private func check(
        _ graph: NeighborGraph, _ expected: Expected, _ request: NeighborRequest, of scattered: ScatteredRecords, _ note: Comment
    ) {
        let rows = expected.rows.map(\.identifier)
        #expect(Array(graph.identifiers.prefix(graph.rowCount)) == rows, note)
        #expect(Set(graph.identifiers).count == graph.identifiers.count, note)
        guard graph.rowCount == rows.count else { return }
        for (row, identifier) in rows.enumerated() {
            let nearest = scattered.nearest(to: identifier, among: expected.candidates, k: request.k, maxDistance: request.maxDistance)
            let found = graph.neighbors[graph.edges(of: row)].map { graph.identifiers[Int($0)] }
            #expect(Array(graph.distances[graph.edges(of: row)]) == nearest.map(\.distance), note)
            switch scattered.metric {
            case .l2, .innerProduct: #expect(found == nearest.map(\.identifier), note)
            // Vectors of one direction are equally far but for the rounding of floats, by which the last ones may be chosen.
            case .cosine: #expect(Set(found).count == nearest.count && !found.contains(identifier), note)
            }
        }
        if request.scope == .selected { #expect(graph.identifiers.count == rows.count, note) }
        #expect(graph.offsets.last == graph.neighbors.count && graph.neighbors.count == graph.distances.count, note)
    }

    @Test(arguments: Metric.allCases, Seeds.some(3))
    func agreesWithComparingAll(metric: Metric, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let scattered = try await ScatteredRecords(metric, &generator)
        for _ in 0..<12 {
            var request = NeighborRequest(
                k: Int.random(in: 1...8, using: &generator), scope: NeighborRequest.Scope.allCases.randomElement(using: &generator) ?? .all)
            if generator.chance(percent: 20) { request.k = 500 }
            if generator.chance(percent: 30) { request.maxDistance = metric == .l2 ? 4 : 0.5 }
            request.overrides.exact = generator.chance(percent: 50)
            var rows = scattered.records
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                request.records.selector = ScatteredRecords.even
                rows.removeAll { !$0.isEven }
            case 1:
                rows = Array(rows.shuffled(using: &generator).prefix(Int.random(in: 0...30, using: &generator)))
                request.records.selector.identifiers = rows.map(\.identifier)
            default: break
            }
            let matches = scattered.records.filter { record in rows.contains { $0.identifier == record.identifier } }
            if generator.chance(percent: 50) {
                request.records.offset = Int.random(in: 0...9, using: &generator)
                request.records.limit = Int.random(in: 0...20, using: &generator)
                rows = Array(rows.dropFirst(request.records.offset).prefix(request.records.limit ?? 0))
            }
            let selected = scattered.records.filter { record in rows.contains { $0.identifier == record.identifier } }
            let candidates = switch request.scope {
            case .all: scattered.records
            case .matches: matches
            case .selected: selected
            }
            let graph = try await scattered.database.neighbors(request, in: scattered.collection)
            check(graph, Expected(rows: rows, candidates: candidates), request, of: scattered, "\(Seeds.replay(seed))")
        }
        try await scattered.close()
    }

    @Test func pagesAndSamples() async throws {
        var generator = SeededGenerator(seed: 1)
        let scattered = try await ScatteredRecords(.l2, &generator)
        let even = NeighborRequest(records: GetRequest(selector: ScatteredRecords.even), k: 4)
        let whole = try await scattered.database.neighbors(even, in: scattered.collection)
        #expect(whole.scroll == nil)
        var (rows, edges): ([String], [[String]]) = ([], [])
        var request = even
        (request.records.limit, request.records.arrangement) = (7, .scroll(after: nil))
        while true {
            let page = try await scattered.database.neighbors(request, in: scattered.collection)
            rows += page.identifiers.prefix(page.rowCount)
            edges += (0..<page.rowCount).map { row in page.neighbors[page.edges(of: row)].map { page.identifiers[Int($0)] } }
            guard let next = try #require(page.scroll).next else { break }
            request.records.arrangement = .scroll(after: next)
        }
        #expect(rows == Array(whole.identifiers.prefix(whole.rowCount)))
        #expect(edges == (0..<whole.rowCount).map { row in whole.neighbors[whole.edges(of: row)].map { whole.identifiers[Int($0)] } })

        var sampled = NeighborRequest(k: 3, scope: .selected)
        sampled.records.arrangement = .sample(size: 20, seed: 5)
        let sample = try await scattered.database.neighbors(sampled, in: scattered.collection)
        #expect(sample.rowCount == 20 && sample.identifiers.count == 20 && sample.neighbors.count == 60)
        let chosen = sample.identifiers.compactMap { identifier in scattered.records.first { $0.identifier == identifier } }
        let candidates = scattered.records.filter { sample.identifiers.contains($0.identifier) }
        check(sample, Expected(rows: chosen, candidates: candidates), sampled, of: scattered, "a sample")
        #expect(try await scattered.database.neighbors(sampled, in: scattered.collection).identifiers == sample.identifiers)
        // All of them by chance.
        sampled.records.arrangement = .sample(size: 1_000, seed: 5)
        #expect(try await scattered.database.neighbors(sampled, in: scattered.collection).rowCount == scattered.records.count)
        try await scattered.close()
    }

    /// More records than are searched for at once, each with two as near: the older comes first.
    @Test func manyRecords() async throws {
        let fixture = try await SearchFixture()
        let count = 2_500
        try await fixture.add((0..<count).map { "\($0)" }, (0..<count).map { [Float($0)] }, Array(repeating: nil, count: count))
        let graph = try await fixture.database.neighbors(NeighborRequest(k: 2, maxDistance: 1), in: fixture.collection)
        #expect(graph.identifiers == (0..<count).map { "\($0)" } && graph.distances.allSatisfy { $0 == 1 })
        for row in 0..<count {
            let expected = [row - 1, row + 1].filter { (0..<count).contains($0) }
            #expect(graph.neighbors[graph.edges(of: row)].map { Int($0) } == expected)
        }
        try await fixture.close()
    }

    @Test(arguments: [IndexChoice.hnsw, .ivf], Metric.allCases)
    func indexesAreUsed(choice: IndexChoice, metric: Metric) async throws {
        let indexed = try await IndexedCollection(IndexConfiguration(metric: metric, choice: choice))
        try await indexed.write((0..<160).map { "\($0)" })
        try await indexed.settle()
        try await indexed.write((160..<190).map { "\($0)" })
        try await indexed.delete((0..<15).map { "\($0 * 3)" })
        #expect(try await indexed.plans().contains { !$0.contains("scan") })
        for (onlyEven, exact) in [(false, false), (true, false), (false, true), (true, true)] {
            let selector = RecordSelector(metadata: onlyEven ? .compare(key: "even", .equal(.boolean(true))) : nil)
            let request = NeighborRequest(records: GetRequest(selector: selector), k: 10, overrides: SearchOverrides(exact: exact))
            let graph = try await indexed.database.neighbors(request, in: indexed.identifier)
            let matching = indexed.records.filter { !onlyEven || (Int($0.key) ?? 1).isMultiple(of: 2) }
            #expect(graph.rowCount == matching.count && Set(graph.identifiers) == Set(matching.keys))
            var found = 0
            for row in 0..<graph.rowCount {
                let identifier = graph.identifiers[row]
                let own = try #require(matching[identifier])
                let neighbors = graph.neighbors[graph.edges(of: row)].map { graph.identifiers[Int($0)] }
                let distances = Array(graph.distances[graph.edges(of: row)])
                #expect(neighbors.count == 10 && Set(neighbors).count == 10 && !neighbors.contains(identifier))
                #expect(distances == distances.sorted())
                #expect(zip(neighbors, distances).allSatisfy { name, distance in matching[name].map { exactDistance(own, $0, metric) } == distance })
                let nearest = matching.filter { $0.key != identifier }.map { exactDistance(own, $0.value, metric) }.sorted().prefix(10)
                if exact { #expect(distances == Array(nearest)) }
                found += distances.count { $0 <= nearest.last ?? 0 }
            }
            #expect(Double(found) >= 0.9 * Double(10 * graph.rowCount), "\(found) of \(10 * graph.rowCount)")
        }
        try await indexed.close()
    }

    @Test func whatIsRefused() async throws {
        var generator = SeededGenerator(seed: 1)
        let scattered = try await ScatteredRecords(.l2, &generator)
        func failure(_ change: (inout NeighborRequest) -> Void) async -> String {
            var request = NeighborRequest(k: 3)
            change(&request)
            do {
                _ = try await scattered.database.neighbors(request, in: scattered.collection)
                return "none"
            } catch { return "\(error)" }
        }
        #expect(await failure { $0.k = 0 }.contains("n_results"))
        #expect(await failure { $0.k = 100_001 }.contains("n_results"))
        #expect(await failure { $0.maxDistance = .nan }.contains("max_distance"))
        #expect(await failure { $0.records.selector.identifiers = ["1000"] } == "\(RequestError(.recordNotFound("1000")))")
        let bare = "\(RequestError.invalid("ids", "the record [\(scattered.bare)] has no embedding"))"
        #expect(await failure { $0.records.selector.identifiers = [scattered.bare] } == bare)
        #expect(await failure { $0.deadline = .now.advanced(by: .seconds(-1)) } == "\(RequestError(.deadlineExceeded))")
        #expect(await failure { ($0.records.arrangement, $0.records.offset) = (.scroll(after: nil), 1) }.contains("offset"))
        // Conditions leave out what they do not match.
        let conditions = ScatteredRecords.even.metadata
        #expect(await failure { $0.records.selector = RecordSelector(identifiers: ["1000", scattered.bare, "1"], metadata: conditions) } == "none")
        try await scattered.close()
    }

    @Test func limits() async throws {
        let fixture = try await SearchFixture { ($0.limits.neighborRows, $0.limits.totalResultCount) = (4, 8) }
        #expect(try await fixture.database.neighbors(NeighborRequest(k: 3), in: fixture.collection).identifiers.isEmpty)
        try await fixture.add(["a", "b", "c", "d", "e"], [[0], [1], [2], [3], [4]], Array(repeating: nil, count: 5))
        func failure(_ records: GetRequest, k: Int) async -> String {
            do {
                return "\(try await fixture.database.neighbors(NeighborRequest(records: records, k: k), in: fixture.collection).rowCount) records"
            } catch { return "\(error)" }
        }
        #expect(await failure(GetRequest(limit: 4), k: 2) == "4 records")
        #expect(await failure(GetRequest(), k: 1).contains("more than 4 records are meant"))
        #expect(await failure(GetRequest(limit: 4), k: 3).contains("asks for 12 results in all; the limit is 8"))
        #expect(await failure(GetRequest(limit: 1), k: 5) == "1 records")
        try await fixture.close()
    }
}
