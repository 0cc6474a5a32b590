import Engine
import Filtering
import Segments
import TestSupport
import Testing
import VectorModel

/// Distances between records.
@Suite struct DistanceTests {
    @Test(arguments: Metric.allCases, Seeds.some(2))
    func agreesWithComparingAll(metric: Metric, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let scattered = try await ScatteredRecords(metric, &generator)
        let (database, collection) = (scattered.database, scattered.collection)
        func check(_ matrix: DistanceMatrix, _ rows: [ScatteredRecords.Record], _ columns: [ScatteredRecords.Record]?) {
            #expect(matrix.rows == rows.map(\.identifier) && matrix.columns == columns.map { $0.map(\.identifier) }, "\(Seeds.replay(seed))")
            let expected = rows.flatMap { row in (columns ?? rows).map { exactDistance(row.vector, $0.vector, metric) } }
            #expect(matrix.distances == expected, "\(Seeds.replay(seed))")
        }
        let records = scattered.records
        check(try await database.distances(DistanceRequest(), in: collection), records, nil)
        let even = GetRequest(selector: ScatteredRecords.even, limit: 20, offset: 3)
        let rest = Array(records.filter(\.isEven).dropFirst(3).prefix(20))
        check(try await database.distances(DistanceRequest(records: even), in: collection), rest, nil)
        let rows = Array(records.shuffled(using: &generator).prefix(9))
        let columns = Array(records.shuffled(using: &generator).prefix(4))
        var request = DistanceRequest(records: GetRequest(selector: RecordSelector(identifiers: rows.map(\.identifier))))
        check(try await database.distances(request, in: collection), rows, nil)
        // An id that is named twice is one record.
        request.others = columns.map(\.identifier) + [columns[0].identifier]
        let rectangle = try await database.distances(request, in: collection)
        check(rectangle, rows, columns)
        #expect(rectangle.distances(of: 1).elementsEqual(rectangle.distances[4..<8]))
        request.others = []
        check(try await database.distances(request, in: collection), rows, [])
        try await scattered.close()
    }

    /// Every number is the one that a query gives.
    @Test func asAQueryHasThem() async throws {
        let indexed = try await IndexedCollection(IndexConfiguration(metric: .cosine, element: .float16), dimension: 24)
        try await indexed.write((0..<80).map { "\($0)" })
        try await indexed.settle()
        try await indexed.write((80..<100).map { "\($0)" })
        let matrix = try await indexed.database.distances(DistanceRequest(), in: indexed.identifier)
        #expect(matrix.rows.count == 100)
        for (row, identifier) in matrix.rows.enumerated() {
            let vector = try #require(indexed.records[identifier])
            let found = try await indexed.database.query(indexed.request(vector, k: 100, exact: true), in: indexed.identifier).hits[0]
            let known = Dictionary(uniqueKeysWithValues: zip(matrix.rows, matrix.distances(of: row)))
            #expect(found.count == 100 && found.allSatisfy { known[$0.record.identifier] == $0.distance })
            #expect(abs(known[identifier] ?? 1) < 1e-6)
        }
        try await indexed.close()
    }

    /// More numbers than a block of columns has.
    @Test func longVectors() async throws {
        let fixture = try await SearchFixture()
        let (count, dimension) = (45, 30_000)
        for start in stride(from: 0, to: count, by: 5) {
            let rows = start..<start + 5
            try await fixture.add(
                rows.map { "\($0)" }, rows.map { row in (0..<dimension).map { $0 == row ? 1 : 0 } }, Array(repeating: nil, count: 5))
        }
        let matrix = try await fixture.database.distances(DistanceRequest(), in: fixture.collection)
        #expect(matrix.distances == (0..<count).flatMap { row in (0..<count).map { $0 == row ? 0 : 2 } })
        try await fixture.close()
    }

    @Test func pagesAgainstSomeOthers() async throws {
        let fixture = try await SearchFixture.line()
        var request = DistanceRequest(records: GetRequest(limit: 4), others: ["f", "a"])
        request.records.arrangement = .scroll(after: nil)
        let first = try await fixture.database.distances(request, in: fixture.collection)
        #expect(first.rows == ["a", "b", "c", "d"] && first.columns == ["f", "a"] && first.distances == [25, 0, 16, 1, 9, 4, 4, 9])
        request.records.arrangement = .scroll(after: try #require(first.scroll?.next))
        let last = try await fixture.database.distances(request, in: fixture.collection)
        #expect(last.rows == ["e", "f"] && last.distances == [1, 16, 0, 25])
        #expect(try #require(last.scroll).next == nil)
        try await fixture.close()
    }

    @Test func whatIsRefused() async throws {
        let fixture = try await SearchFixture { $0.limits.matrixDistances = 24 }
        func answer(_ records: GetRequest = GetRequest(), _ others: [String]? = nil) async -> String {
            do {
                let matrix = try await fixture.database.distances(DistanceRequest(records: records, others: others), in: fixture.collection)
                return "\(matrix.rows.count) × \((matrix.columns ?? matrix.rows).count)"
            } catch { return "\(error)" }
        }
        #expect(await answer() == "0 × 0")
        try await fixture.add(["a", "b", "c", "d", "e"], [[0], [1], [2], [3], [4]], Array(repeating: nil, count: 5))
        try await fixture.database.write(RecordBatch(identifiers: ["bare"], documents: ["x"]), as: .add, to: fixture.collection)
        #expect(await answer(GetRequest(limit: 4)) == "4 × 4")
        #expect(await answer().contains("more than 4 records are meant; a matrix may have 24 distances"))
        #expect(await answer(GetRequest(), ["a", "b", "c", "d"]) == "5 × 4")
        #expect(await answer(GetRequest(), ["a", "b", "c", "d", "e"]).contains("more than 4 records are meant"))
        #expect(await answer(GetRequest(), Array(repeating: "a", count: 25)).contains("other_ids"))
        #expect(await answer(GetRequest(), ["nobody"]) == "\(RequestError(.recordNotFound("nobody")))")
        #expect(await answer(GetRequest(), ["bare"]) == "\(RequestError.invalid("other_ids", "the record [bare] has no embedding"))")
        #expect(await answer(GetRequest(selector: RecordSelector(identifiers: ["bare"]))).contains("has no embedding"))
        try await fixture.close()
    }
}
