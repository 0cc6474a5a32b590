import Engine
import TestSupport
import Testing
import VectorModel

/// An index is a cache: whatever becomes of its file, answers stay right, and it comes back.
@Suite struct IndexDamageTests {
    private let names = (0..<200).map(String.init)

    private func settled(_ seed: UInt64 = 1) async throws -> IndexedCollection {
        let collection = try await IndexedCollection(IndexConfiguration(metric: .cosine, choice: .hnsw), seed: seed)
        try await collection.write(names)
        try await collection.settle()
        return collection
    }

    /// Searches until the index is open, and checks each answer.
    private func checkEverything(_ collection: IndexedCollection, _ comment: Comment) async throws {
        for _ in 0..<2 {
            let recall = try await collection.recall(queries: 3)
            #expect(recall >= 0.9, comment)
            collection.database.stepMaintenance()
        }
        let plans = try await collection.plans()
        #expect(plans.allSatisfy { $0.contains("graph") }, comment)
        #expect(collection.database.storageReport.isHealthy, comment)
    }

    @Test(arguments: Seeds.some(12))
    func aFlippedBitCostsNothingButTime(seed: UInt64) async throws {
        let collection = try await settled(seed)
        try await collection.reopen { disk in _ = disk.flipRandomBit { $0.hasSuffix(".hnsw") } }
        try await checkEverything(collection, "\(Seeds.replay(seed))")
        try await collection.close()
    }

    @Test func aMissingEmptyOrShortFileIsBuiltAgain() async throws {
        for length in [0, 5, 127, 128, 4_096, 5_000] {
            let collection = try await settled()
            let file = try #require(collection.indexFiles.first)
            let whole = collection.disk.contents(file)
            try await collection.reopen { $0.replaceContents(file, with: Array(whole.prefix(length))) }
            try await checkEverything(collection, "length \(length)")
            #expect(collection.disk.contents(file) == whole)
            try await collection.close()
        }
    }

    @Test func theIndexOfAnotherSegmentIsNotUsed() async throws {
        let collection = try await settled()
        let file = try #require(collection.indexFiles.first)
        let other = collection.disk.contents(file)
        try await collection.write((300..<500).map(String.init))
        try await collection.settle()
        let now = try #require(collection.indexFiles.first)
        #expect(now != file)
        try await collection.reopen { $0.replaceContents(now, with: other) }
        try await checkEverything(collection, "another segment's")
        #expect(collection.disk.contents(now) != other)
        try await collection.close()
    }

    @Test func damageIsNamedUntilTheIndexIsBuiltAgain() async throws {
        let collection = try await settled()
        try await collection.reopen { disk in
            guard let file = disk.paths.first(where: { $0.hasSuffix(".hnsw") }) else { return }
            disk.flipBit(file, at: 8 * 4_096 + 77)
        }
        collection.database.stepMaintenance()
        _ = try await collection.plans()
        let report = try await collection.database.verify()
        #expect(report.isSound && report.findings.map(\.severity) == [.note], "\(report)")
        #expect(report.findings.first?.offset == 4_096)
        // The damaged file goes, and the new one cannot be written at first: its space is gone too.
        let file = try #require(collection.indexFiles.first)
        let others = collection.disk.usedBytes - collection.disk.contents(file).count
        collection.disk.configure { $0.spaceBytes = others }
        collection.database.stepMaintenance()
        #expect(collection.database.storageReport.problems.count == 1, "\(collection.database.storageReport)")
        #expect(collection.indexFiles.isEmpty)
        let exact = try await collection.recall(queries: 3)
        #expect(exact == 1)
        collection.disk.configure { $0.spaceBytes = .max }
        collection.database.stepMaintenance()
        #expect(collection.database.storageReport.isHealthy)
        #expect(collection.indexFiles.count == 1)
        try await collection.close()
    }

    /// Wherever the machine stops while an index is built, what is found afterwards is right, and the index comes back.
    @Test(arguments: Seeds.some(20))
    func aCrashAtAnyPointOfABuildLeavesRightAnswers(seed: UInt64) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .hnsw), seed: seed)
        try await collection.write(names)
        try await collection.database.flush()
        if seed.isMultiple(of: 2) {
            try await collection.settle()
            try await collection.delete(Array(names.prefix(80)))
            try await collection.database.flush()
        }
        collection.disk.configure { $0.changesLeft = Int(seed % 10) }
        for _ in 0..<2 { collection.database.stepMaintenance() }
        try collection.losePower()
        for _ in 0..<2 { collection.database.stepMaintenance() }
        _ = try await collection.plans()
        collection.database.stepMaintenance()
        try await checkEverything(collection, "\(Seeds.replay(seed))")
        #expect(collection.indexFiles.count == 1 && !collection.disk.paths.contains { $0.hasSuffix(".tmp") })
        try await collection.close()
    }
}
