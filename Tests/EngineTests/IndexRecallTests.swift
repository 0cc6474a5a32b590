import Engine
import TestSupport
import Testing
import VectorModel

/// How much of the nearest is found, whatever the vectors are like: when the index is new, after half of the records have changed, and
/// after a restart.
@Suite struct IndexRecallTests {
    /// A query that misses one vector misses all copies of it, and few queries are asked.
    private static let floor = 0.85
    private let names = (0..<500).map(String.init)

    struct Case: Sendable, CustomTestStringConvertible {
        let choice: IndexChoice
        let metric: Metric
        let shape: VectorShape

        var testDescription: String { "\(choice), \(metric), \(shape)" }

        static let all = [IndexChoice.hnsw, .ivf].flatMap { choice in
            Metric.allCases.flatMap { metric in VectorShape.allCases.map { Case(choice: choice, metric: metric, shape: $0) } }
        }
    }

    @Test(arguments: Case.all)
    func theNearestAreFoundAllTheirLife(_ test: Case) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: test.metric, choice: test.choice), shape: test.shape)
        try await collection.write(names)
        try await collection.settle()
        try await check(collection, "new")
        // A quarter goes, a quarter is replaced, and as many as went come.
        try await collection.delete(names.filter { (Int($0) ?? 0) % 4 == 0 })
        try await collection.write(names.filter { (Int($0) ?? 0) % 4 == 1 } + (600..<725).map(String.init))
        try await check(collection, "changed, and not settled yet")
        try await collection.settle()
        try await check(collection, "after churn")
        try await collection.reopen()
        // The first search asks for the index, which is there for the second.
        collection.database.stepMaintenance()
        _ = try await collection.plans()
        collection.database.stepMaintenance()
        try await check(collection, "after a restart")
        try await collection.close()
    }

    private func check(_ collection: IndexedCollection, _ moment: Comment) async throws {
        let plans = try await collection.plans()
        #expect(plans.contains { !$0.contains("scan") }, moment)
        let recall = try await collection.recall(queries: 12)
        #expect(recall >= Self.floor, moment)
        let filtered = try await collection.recall(queries: 4, onlyEven: true)
        #expect(filtered >= Self.floor, moment)
    }
}
