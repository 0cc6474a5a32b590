import Engine
import TestSupport
import Testing
import VectorModel

/// What becomes of indexes from the first row to the last.
@Suite struct IndexLifeTests {
    private static let kinds = [IndexChoice.automatic, .hnsw, .ivf]
    private let names = (0..<600).map(String.init)

    @Test(arguments: kinds, Metric.allCases)
    func searchesThroughAnIndexFindTheNearest(_ choice: IndexChoice, _ metric: Metric) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: metric, choice: choice))
        try await collection.write(names)
        try await collection.settle()
        let plans = try await collection.plans()
        #expect(plans.count == 1 && !plans[0].contains("scan"), "\(plans)")
        let recall = try await collection.recall()
        #expect(recall >= 0.95)
        let filtered = try await collection.recall(onlyEven: true)
        #expect(filtered >= 0.95)
        let status = try collection.database.indexingStatus(of: collection.identifier)
        #expect(status.total == 600 && status.indexed == 600 && status.buildProgress == nil)
        try await collection.close()
    }

    @Test(arguments: kinds)
    func recallDoesNotDecayUnderChurn(_ choice: IndexChoice) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: .cosine, choice: choice))
        try await collection.write(names)
        try await collection.settle()
        for round in 0..<5 {
            try await collection.delete(names.filter { (Int($0) ?? 0) % 10 == round })
            try await collection.write(names.filter { (Int($0) ?? 0) % 10 == round + 5 })
            // Before anything is merged the dead are in the index, and the new ones are not.
            let before = try await collection.recall(queries: 5)
            #expect(before >= 0.9)
            try await collection.settle()
        }
        let plans = try await collection.plans()
        #expect(plans.count == 1 && !plans[0].contains("scan"), "\(plans)")
        let recall = try await collection.recall()
        #expect(recall >= 0.95)
        try await collection.close()
    }

    @Test func aCollectionWrittenInSmallBatchesSettlesIntoOnePart() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw)) { $0.storage.settleMilliseconds = .max }
        for start in stride(from: 0, to: names.count, by: 40) {
            try await collection.write(Array(names[start..<start + 40]))
            try await collection.settle()
        }
        #expect(try await collection.plans().count > 1)
        try await collection.reopen()
        let settled = try await collection.plans()
        #expect(settled.count > 1)
        try await collection.close()

        let other = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        for start in stride(from: 0, to: names.count, by: 40) {
            try await other.write(Array(names[start..<start + 40]))
            try await other.settle()
        }
        #expect(try await other.plans() == ["part 0: graph, efSearch 100"])
        let recall = try await other.recall()
        #expect(recall >= 0.95)
        try await other.close()
    }

    @Test(arguments: kinds)
    func anIndexIsFoundAgainAndOpenedByTheFirstSearch(_ choice: IndexChoice) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: choice))
        try await collection.write(names)
        try await collection.settle()
        let files = collection.indexFiles
        let contents = files.map(collection.disk.contents)
        #expect(files.count == 1)
        try await collection.reopen()
        collection.database.stepMaintenance()
        let first = try await collection.plans()
        #expect(first == ["part 0: scan"])
        collection.database.stepMaintenance()
        let second = try await collection.plans()
        #expect(!second[0].contains("scan"))
        let recall = try await collection.recall()
        #expect(recall >= 0.95)
        #expect(collection.indexFiles == files && files.map(collection.disk.contents) == contents, "it was built again")
        try await collection.close()
    }

    @Test func vectorsOfHalfPrecisionAreIndexedToo() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: .cosine, choice: .hnsw, element: .float16))
        try await collection.write(names)
        let inMemory = try await collection.recall(queries: 5)
        #expect(inMemory == 1)
        try await collection.settle()
        let recall = try await collection.recall()
        #expect(recall >= 0.95)
        let tooLarge = [Float](repeating: 70_000, count: collection.dimension)
        await #expect(throws: RequestError.self) {
            try await collection.database.write(
                RecordBatch(identifiers: ["large"], embeddings: EmbeddingColumn(dimension: tooLarge.count, values: tooLarge)), as: .add,
                to: collection.identifier)
        }
        try await collection.close()
    }

    @Test func rowsWithoutAVectorAreNoneOfAnIndexsBusiness() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        try await collection.database.write(
            try RecordBatch(identifiers: (0..<50).map { "bare\($0)" }, documents: (0..<50).map { "\($0)" }), as: .add, to: collection.identifier)
        try await collection.write(Array(names.prefix(100)))
        try await collection.settle()
        let recall = try await collection.recall(k: 25)
        #expect(recall >= 0.95)
        // More than there are with a vector.
        let all = try await collection.recall(queries: 2, k: 120)
        #expect(all == 1)
        try await collection.close()
    }

    // MARK: Changes

    @Test func otherParametersMakeAnotherIndexAndTheOldOneServesUntilThen() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        try await collection.write(names)
        try await collection.settle()
        try await collection.database.changeCollection(
            collection.identifier, CollectionChange(index: IndexConfiguration(choice: .ivf, efSearch: 33)))
        let between = try await collection.plans()
        #expect(between == ["part 0: graph, efSearch 33"])
        let waiting = try collection.database.indexReport(of: collection.identifier)
        #expect(waiting.choice == .ivf && waiting.pendingRows == 600 && waiting.bytes > 0)
        collection.database.stepMaintenance()
        let after = try await collection.plans()
        #expect(after[0].hasPrefix("part 0: lists"))
        #expect(collection.indexFiles.count == 1 && collection.indexFiles[0].hasSuffix(".ivf"))
        try await collection.database.changeCollection(collection.identifier, CollectionChange(index: IndexConfiguration(choice: .flat)))
        collection.database.stepMaintenance()
        #expect(collection.indexFiles.isEmpty)
        let flat = try collection.database.indexReport(of: collection.identifier)
        #expect(flat.flatRows == 600 && flat.bytes == 0)
        let recall = try await collection.recall(queries: 3)
        #expect(recall == 1)
        try await collection.close()
    }

    @Test func indexesAreBuiltAnewOnDemand() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        try await collection.write(names)
        try await collection.settle()
        let file = try #require(collection.indexFiles.first)
        let before = collection.disk.contents(file)
        collection.disk.replaceContents(file, with: [1, 2, 3])
        let report = try await collection.database.rebuildIndexes(of: collection.identifier)
        #expect(report.indexes == 1 && report.rows == 600 && report.failures.isEmpty && !report.wasCancelled)
        #expect(collection.disk.contents(file) == before, "the same rows and seed give the same bytes")
        let cancelled = try await collection.database.rebuildIndexes(of: nil) { _ in false }
        #expect(cancelled.wasCancelled && cancelled.indexes == 0)
        #expect(try collection.database.scheduleIndexRebuild(of: nil) == 1)
        #expect(try collection.database.indexReport(of: collection.identifier).isBuilding)
        collection.database.stepMaintenance()
        #expect(try !collection.database.indexReport(of: collection.identifier).isBuilding)
        let recall = try await collection.recall(queries: 5)
        #expect(recall >= 0.95)
        try await collection.close()
    }

    @Test func whoOnlyReadsUsesTheIndexesThatAreThere() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        try await collection.write(names)
        try await collection.settle()
        try await collection.close()
        let disk = collection.disk.afterProcessDeath()
        let reader = try IndexedCollection.openReadOnly(disk)
        let request = collection.request(collection.vector())
        let first = try await reader.plan(request, in: collection.identifier).map(\.withoutProposals)
        let second = try await reader.plan(request, in: collection.identifier).map(\.withoutProposals)
        #expect(first == ["part 0: scan"] && second == ["part 0: graph, efSearch 100"])
        #expect(try reader.indexReport(of: collection.identifier).hnswRows == 600)
        try await reader.close()
        // A file that is not whole stays where it is, and costs nothing but time.
        let file = try #require(collection.indexFiles.first)
        disk.flipBit(file, at: 8 * 4_096 + 77)
        let other = try IndexedCollection.openReadOnly(disk)
        for _ in 0..<2 { #expect(try await other.plan(request, in: collection.identifier) == ["part 0: scan"]) }
        #expect(!other.storageReport.isHealthy && disk.paths.contains(file))
        try await other.close()
    }

    @Test func graphsOfAllSegmentsCountAsMemory() async throws {
        let collection = try await IndexedCollection(IndexConfiguration()) { configuration in
            configuration.storage.settleMilliseconds = .max
            configuration.storage.indexMemory = 130_000
        }
        for start in [0, 120, 240] {
            try await collection.write(Array(names[start..<start + 120]))
            try await collection.settle()
        }
        let report = try collection.database.indexReport(of: collection.identifier)
        #expect(report.hnswRows == 120 && report.ivfRows == 240, "\(report)")
        try await collection.close()
    }

    @Test func aDroppedCollectionLeavesNothing() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw))
        try await collection.write(names)
        try await collection.settle()
        try await collection.database.deleteCollection(named: "indexed", tenant: "default_tenant", database: "default_database")
        for _ in 0..<2 { collection.database.stepMaintenance() }
        #expect(collection.disk.paths.filter { $0.contains("collections/") }.isEmpty)
        try await collection.close()
    }
}
