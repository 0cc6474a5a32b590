import Durability
import Engine
import FileIO
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Forks of collections: a copy that shares files and nothing else.
@Suite struct ForkTests {
    private let disk = SimulatedFileSystem(seed: 1)

    private func open(
        _ disk: any FileSystem, _ change: (inout VectorDatabase.Configuration) -> Void = { _ in }
    ) throws -> VectorDatabase {
        var configuration = SteppedLife.configuration()
        configuration.makeIdentifier = CollectionIdentifier.random
        change(&configuration)
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    private func lines(_ database: VectorDatabase, _ identifier: CollectionIdentifier) async throws -> [String] {
        try await database.get(GetRequest(), from: identifier).records.map { record in
            "\(record.identifier) \(record.withVector { $0.map(Array.init) ?? [] }) \(record.document ?? "-") \(String(describing: record.metadata))"
        }
    }

    private func paths(_ disk: SimulatedFileSystem, of identifier: CollectionIdentifier) -> [String] {
        disk.paths.filter { $0.hasPrefix("data/collections/\(identifier)/") }
    }

    @Test func aForkHasWhatItsSourceHadAndGoesItsOwnWay() async throws {
        let database = try open(disk)
        let creation = CollectionCreation(
            name: "source", metadata: Metadata(["about": .string("finches")]), index: IndexConfiguration(metric: .cosine, M: 7),
            wireConfiguration: Array("{}".utf8))
        let source = try await database.createCollection(creation, tenant: "default_tenant", database: "default_database").collection.identifier
        try await database.put(Array(0..<30), in: source)
        try await database.flush()
        try await database.remove([1, 2], from: source)
        try await database.put([3, 35], in: source)
        let before = try await lines(database, source)

        let fork = try await database.fork(source, named: "fork")
        let original = try database.collection(source)
        #expect(fork.name == "fork" && fork.version == 0 && fork.identifier != source)
        #expect(fork.metadata == original.metadata && fork.index == original.index && fork.wireConfiguration == original.wireConfiguration)
        #expect(fork.dimension == 4 && fork.metadataKeys == original.metadataKeys)
        #expect(try await lines(database, fork.identifier) == before)

        try await database.put([0, 36], in: source)
        try await database.remove([5], from: fork.identifier)
        try await database.put([37], in: fork.identifier)
        #expect(try database.count(of: source) == 30 && (try database.count(of: fork.identifier)) == 29)
        #expect(try await lines(database, fork.identifier).count { $0.hasPrefix("id0 ") && $0.contains("document 0") } == 1)
        let hits = try await database.query(QueryRequest(vectors: [5, 6, 7, 8], dimension: 4, k: 40), in: fork.identifier).hits[0]
        #expect(hits.count == 29 && !hits.contains { $0.record.identifier == "id5" })

        let (atSource, atFork) = (try await lines(database, source), try await lines(database, fork.identifier))
        try await database.close()
        let again = try open(disk)
        #expect(again.storageReport.isHealthy)
        #expect(try await lines(again, source) == atSource)
        #expect(try await lines(again, fork.identifier) == atFork)
        try await again.close()
    }

    @Test func segmentsAndIndexesAreSharedAndOutliveTheirSource() async throws {
        let database = try open(disk) {
            $0.storage.indexRowsMin = 8
            $0.storage.indexIdleMilliseconds = 0
            $0.storage.indexDelayMilliseconds = 0
            $0.storage.settleMilliseconds = 0
        }
        let source = try await database.createCollection(
            CollectionCreation(name: "source", index: IndexConfiguration(choice: .hnsw)), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        try await database.put(Array(0..<40), in: source)
        try await database.flush()
        database.stepMaintenance()
        #expect(paths(disk, of: source).contains { $0.hasSuffix(".hnsw") })
        let before = try await lines(database, source)
        let fork = try await database.fork(source, named: "fork").identifier
        for path in paths(disk, of: source) where !path.hasSuffix("MANIFEST") {
            #expect(try disk.status(path)?.linkCount == 2, "\(path)")
        }
        #expect(paths(disk, of: fork).count == paths(disk, of: source).count)

        try await database.drop("source")
        database.stepMaintenance()
        #expect(paths(disk, of: source).isEmpty)
        #expect(try await lines(database, fork) == before)
        try await database.put([1_000], in: fork)
        try await database.flush()
        database.stepMaintenance()
        #expect(try database.count(of: fork) == 40)
        try await database.close()
        let report = try DatabaseVerifier(directory: "data", fileSystem: disk).run()
        #expect(report.isSound && report.findings.isEmpty, "\(report.findings)")
    }

    @Test func aDroppedForkLeavesItsSourceWhole() async throws {
        let database = try open(disk)
        let source = try await database.makeCollection("source")
        try await database.put(Array(0..<30), in: source)
        try await database.flush()
        let before = try await lines(database, source)
        let fork = try await database.fork(source, named: "fork").identifier
        try await database.remove(Array(0..<25), from: fork)
        try await database.flush()
        database.stepMaintenance()
        try await database.drop("fork")
        database.stepMaintenance()
        #expect(paths(disk, of: fork).isEmpty)
        #expect(try await lines(database, source) == before)
        try await database.close()
    }

    @Test func forksOfALineAreCounted() async throws {
        let database = try open(disk)
        let source = try await database.makeCollection("source")
        #expect(try database.forkCount(of: source) == 0)
        let first = try await database.fork(source, named: "first").identifier
        let second = try await database.fork(first, named: "second").identifier
        for collection in [source, first, second] { #expect(try database.forkCount(of: collection) == 2) }
        try await database.drop("first")
        try await database.close()
        let again = try open(disk)
        #expect(try again.forkCount(of: source) == 1)
        try await again.drop("source")
        #expect(try again.forkCount(of: second) == 1)
        #expect(throws: RequestError(.collectionIdentifierNotFound(source))) { try again.forkCount(of: source) }
        try await again.close()
        // Now the catalog's checkpoint alone tells.
        #expect(try open(disk).forkCount(of: second) == 1)
    }

    @Test func whatCannotBeForkedSaysWhyAndLeavesNothing() async throws {
        let database = try open(disk)
        let source = try await database.makeCollection("source")
        let other = try await database.makeCollection("other")
        try await database.put([1], in: source)
        let files = disk.paths
        await #expect(throws: RequestError(.collectionExists("other"))) { try await database.fork(source, named: "other") }
        await #expect(throws: RequestError(.collectionExists("source"))) { try await database.fork(source, named: "source") }
        let stranger = CollectionIdentifier.random()
        await #expect(throws: RequestError(.collectionIdentifierNotFound(stranger))) { try await database.fork(stranger, named: "x") }
        await #expect(throws: RequestError.self) { try await database.fork(source, named: String(repeating: "x", count: 70_000)) }
        #expect(disk.paths.filter { $0.contains("/collections/") } == files.filter { $0.contains("/collections/") })
        try await database.drop("other")
        await #expect(throws: RequestError(.collectionIdentifierNotFound(other))) { try await database.fork(other, named: "x") }
        #expect(try await database.fork(source, named: "other").name == "other")
        try await database.close()
    }

    @Test func withoutLinksFilesAreCopied() async throws {
        let database = try open(LinklessFileSystem(base: disk))
        let source = try await database.makeCollection("source")
        try await database.put(Array(0..<30), in: source)
        try await database.flush()
        let fork = try await database.fork(source, named: "fork").identifier
        #expect(try await lines(database, fork) == (try await lines(database, source)))
        #expect(try paths(disk, of: fork).allSatisfy { try disk.status($0)?.linkCount == 1 })
        try await database.close()
    }

    /// Whatever the disk refuses on the way, the source is whole, and the fork is there or leaves no file.
    @Test func aForkThatFailsIsNone() async throws {
        for operation in [FileError.Operation.link, .createDirectory, .syncDirectory, .rename, .write, .sync, .create] {
            for times in 1...3 {
                let disk = SimulatedFileSystem(seed: UInt64(times))
                let database = try open(disk)
                let source = try await database.makeCollection("source")
                try await database.put(Array(0..<20), in: source)
                try await database.flush()
                try await database.put([21], in: source)
                let before = try await lines(database, source)
                disk.configure { $0.faults.append(SimulatedFault(operation, times: times)) }
                let fork = try? await database.fork(source, named: "fork")
                disk.configure { $0.faults = [] }
                let after = disk.afterPowerLoss()
                let again = try open(after)
                #expect(again.storageReport.isHealthy, "\(operation) \(times)")
                #expect(try await lines(again, source) == before)
                let found = again.collections(tenant: "default_tenant", database: "default_database").first { $0.name == "fork" }
                if let fork { #expect(found?.identifier == fork.identifier) }
                if let found { #expect(try await lines(again, found.identifier) == before) }
                let directories = try after.list("data/collections")
                #expect(directories.count == (found == nil ? 1 : 2), "\(operation) \(times): \(directories)")
                try await again.close()
            }
        }
    }

    /// A fork beside writers is the source as of one change: every batch that returned before is in it, whole.
    @Test func aForkAmongWritersIsOneMoment() async throws {
        let directory = try TemporaryDirectory()
        let database = try directory.open { $0.storage.memtableBytes = 64 << 10 }
        let source = try await database.makeCollection("source")
        try await database.put(Array(0..<40), in: source)
        let forks = try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 1...3 {
                group.addTask {
                    // Every batch sets all records to one number.
                    for round in 1...40 { try await database.put((0..<40).map { $0 + 40 * (writer * 1_000 + round) }, in: source) }
                }
            }
            var forks: [CollectionIdentifier] = []
            for number in 0..<8 { forks.append(try await database.fork(source, named: "fork-\(number)").identifier) }
            try await group.waitForAll()
            return forks
        }
        for fork in forks {
            let records = try await database.get(GetRequest(), from: fork).records
            let rounds = Set(records.map { record -> Int64 in
                guard case .integer(let number)? = record.metadata?["n"] else { return -1 }
                return number / 40
            })
            #expect(records.count == 40 && rounds.count == 1, "\(rounds)")
        }
        try await database.close()
        let again = try directory.open()
        for fork in forks { #expect(try again.count(of: fork) == 40) }
        try await again.close()
    }
}
