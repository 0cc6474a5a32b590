import Engine
import Filtering
import Segments
import TestSupport
import Testing
import VectorModel

/// Lookup files through a collection's life: made, opened when a filter asks, made again when they are lost, gone with their segments.
@Suite struct LookupLifeTests {
    private let names = (0..<200).map(String.init)

    private func collection(_ seed: UInt64 = 1) async throws -> IndexedCollection {
        let collection = try await IndexedCollection(IndexConfiguration(metric: .l2, choice: .hnsw), seed: seed) { $0.storage.lookupRowsMin = 1 }
        try await collection.write(names)
        try await collection.settle()
        return collection
    }

    private func files(_ collection: IndexedCollection) -> [String] { collection.disk.paths.filter { $0.hasSuffix(".lookup") } }

    /// Filtered searches and reads, before the file is open and after.
    private func checkEverything(_ collection: IndexedCollection, _ comment: Comment) async throws {
        for _ in 0..<2 {
            let recall = try await collection.recall(queries: 3, onlyEven: true)
            #expect(recall >= 0.9, comment)
            for condition in [MetadataConditions.even, MetadataConditions.odd] {
                let found = try await collection.identifiers(condition)
                let expected = collection.records.keys.filter { ((Int($0) ?? 0) % 2 == 0) == (condition == MetadataConditions.even) }
                #expect(Set(found) == Set(expected), comment)
            }
            collection.database.stepMaintenance()
        }
        #expect(files(collection).count == 1 && collection.database.storageReport.isHealthy, comment)
        let report = try await collection.database.verify()
        #expect(report.isSound && report.findings.isEmpty, "\(comment): \(report)")
    }

    @Test func itLivesAsLongAsItsSegment() async throws {
        let collection = try await collection()
        try await checkEverything(collection, "new")
        let first = files(collection)
        try await collection.write((300..<500).map(String.init))
        try await collection.delete(Array(names.prefix(50)))
        try await collection.settle()
        #expect(files(collection) != first)
        try await checkEverything(collection, "merged")
        try await collection.reopen()
        try await checkEverything(collection, "restarted")
        try await collection.database.deleteCollection(named: "indexed", tenant: "default_tenant", database: "default_database")
        collection.database.stepMaintenance()
        #expect(files(collection).isEmpty)
        try await collection.close()
    }

    @Test(arguments: Seeds.some(8))
    func damageCostsNothingButTime(seed: UInt64) async throws {
        let collection = try await collection(seed)
        let file = try #require(files(collection).first)
        let whole = collection.disk.contents(file)
        try await collection.reopen { disk in
            switch seed % 4 {
            case 0: disk.replaceContents(file, with: Array(whole.prefix(Int(seed * 977) % whole.count)))
            case 1: disk.replaceContents(file, with: [])
            default: _ = disk.flipRandomBit { $0 == file }
            }
        }
        try await checkEverything(collection, "\(Seeds.replay(seed))")
        #expect(collection.disk.contents(file) == whole)
        try await collection.close()
    }

    /// Wherever the machine stops while it is made, what is found afterwards is right, and it comes back.
    @Test(arguments: Seeds.some(12))
    func aCrashLeavesRightAnswers(seed: UInt64) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(choice: .flat), seed: seed) { $0.storage.lookupRowsMin = 1 }
        try await collection.write(names)
        try await collection.database.flush()
        collection.disk.configure { $0.changesLeft = Int(seed % 8) }
        for _ in 0..<2 { collection.database.stepMaintenance() }
        try collection.losePower()
        for _ in 0..<2 { collection.database.stepMaintenance() }
        try await checkEverything(collection, "\(Seeds.replay(seed))")
        #expect(!collection.disk.paths.contains { $0.hasSuffix(".tmp") })
        try await collection.close()
    }

    /// A filter of rows in memory has a lookup made of them, which is of no use to who reads an earlier moment, and goes with the rows.
    @Test func rowsInMemoryGetOneToo() async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: .l2)) { $0.storage.lookupRowsMin = 20 }
        try await collection.write((0..<20).map(String.init))
        try await collection.write((20..<25).map { String(2 * $0) })
        /// What is known of the filter's answer beforehand; and the answers are right.
        func expectation() async throws -> Int? {
            for condition in [MetadataConditions.even, MetadataConditions.odd] {
                let isEven = condition == MetadataConditions.even
                let found = try await collection.identifiers(condition)
                #expect(Set(found) == Set(collection.records.keys.filter { ((Int($0) ?? 0) % 2 == 0) == isEven }))
            }
            var request = collection.request(collection.vector(), k: 5)
            request.selector = RecordSelector(metadata: MetadataConditions.even)
            request.explain = true
            return try await collection.database.query(request, in: collection.identifier).explanation?.parts.first?.expectedMatches
        }
        // A tenth, as long as nothing is known.
        #expect(try await expectation() == 3)
        collection.database.stepMaintenance()
        #expect(try await expectation() == 15)
        // Too few to make a new one; they count as the others do.
        try await collection.write((25..<40).map { String(2 * $0) })
        #expect(try await expectation() == 24)
        collection.database.stepMaintenance()
        #expect(try await expectation() == 24)
        try await collection.write((40..<60).map { String(2 * $0) })
        _ = try await expectation()
        collection.database.stepMaintenance()
        #expect(try await expectation() == 50)
        #expect(files(collection).isEmpty)
        try await collection.settle()
        #expect(try await expectation() == 50)
        try await collection.close()
    }

    @Test func whoOnlyReadsUsesWhatIsThere() async throws {
        let collection = try await collection()
        try await collection.close()
        let before = collection.disk.paths
        let disk = collection.disk.afterProcessDeath()
        let database = try IndexedCollection.openReadOnly(disk)
        for _ in 0..<2 {
            let found = try await database.get(
                GetRequest(selector: RecordSelector(metadata: MetadataConditions.even), fields: []), from: collection.identifier)
            #expect(found.records.count == 100)
        }
        try await database.close()
        #expect(disk.paths == before)
    }
}

private enum MetadataConditions {
    static let even = MetadataCondition.compare(key: "even", .equal(.boolean(true)))
    static let odd = MetadataCondition.compare(key: "even", .notEqual(.boolean(true)))
}

extension IndexedCollection {
    /// The ids of the records that match.
    fileprivate func identifiers(_ condition: MetadataCondition) async throws -> [String] {
        try await database.get(GetRequest(selector: RecordSelector(metadata: condition), fields: []), from: identifier).records.map(\.identifier)
    }
}
