import Durability
import Engine
import FileIO
import Filtering
import FoundationEssentials
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

/// Backups of a database that threads write to, flush, compact and drop collections of meanwhile.
@Suite struct BackupConcurrencyTests {
    /// What one writer, the only one of its collection, has done: the records after each change.
    private final class Journal: Sendable {
        private let states = Mutex<[(number: SequenceNumber, records: [String: Int])]>([(.zero, [:])])

        func note(_ number: SequenceNumber, _ records: [String: Int]) {
            states.withLock { $0.append((number, records)) }
        }

        func records(at number: SequenceNumber) -> [String: Int] {
            states.withLock { states in states.last { $0.number <= number }?.records ?? [:] }
        }
    }

    private static let writers = 3

    @Test(.timeLimit(.minutes(5)), arguments: Seeds.some(2)) func aBackupIsTheDatabaseAtOneChange(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let backups = try TemporaryDirectory()
        let database = try directory.open { configuration in
            configuration.log.fileBytes = 64 << 10
            configuration.storage.memtableBytes = 30_000
            configuration.storage.logBytes = 100_000
            configuration.storage.segmentsPerTier = 2
        }
        let journals = (0..<Self.writers).map { _ in Journal() }
        var reports: [(path: String, report: BackupReport)] = []
        let isOver = Ended()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, journal) in journals.enumerated() {
                let collection = try await database.makeCollection("writer-\(number)")
                group.addTask { try await write(to: collection, of: database, journal, seed: seed &+ UInt64(number), isOver) }
            }
            let marks = try await database.makeCollection("marks")
            group.addTask { try await churn(database, marks: marks, isOver) }
            for number in 0..<8 {
                try await waitForChanges(120, in: database)
                let path = backups.path + "/backup-\(number)"
                var options = BackupOptions()
                // Neither those that share files nor archives can be a base here: bases are directories.
                options.base = number > 0 && number % 4 != 3 && number % 4 != 0 ? backups.path + "/backup-\(number - 1)" : nil
                options.mayShareFiles = number % 2 == 0
                let report = try await database.backup(to: number % 4 == 3 ? .archive(path) : .directory(path), options: options)
                #expect(report.damagedCollections.isEmpty)
                reports.append((path, report))
            }
            isOver.end()
            try await group.waitForAll()
        }
        try await database.close()
        for (path, report) in reports { try await check(path, report, journals, seed) }
        #expect(reports.map(\.report.sequence).sorted() == reports.map(\.report.sequence))
    }

    /// Lets the writers get on, and with them flushes and compactions.
    private func waitForChanges(_ count: UInt64, in database: VectorDatabase) async throws {
        let start = try #require(database.logStatus).lastDurable.rawValue
        while try #require(database.logStatus).lastDurable.rawValue < start + count { try await Task.sleep(for: .milliseconds(1)) }
    }

    private final class Ended: Sendable {
        private let flag = Atomic<Bool>(false)

        func end() { flag.store(true, ordering: .releasing) }
        var isSet: Bool { flag.load(ordering: .acquiring) }
    }

    private func write(
        to collection: CollectionIdentifier, of database: VectorDatabase, _ journal: Journal, seed: UInt64, _ isOver: Ended
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var records: [String: Int] = [:]
        while !isOver.isSet {
            if random.chance(0.8) {
                let numbers = (0..<20).map { _ in Int.random(in: 0..<10_000, using: &random) }
                // An id comes once in a batch.
                let batch = Dictionary(numbers.map { ($0 % 200, $0) }) { first, _ in first }.values.sorted()
                try await put(batch, in: collection, of: database)
                for number in batch { records["id\(number % 200)"] = number }
            } else {
                let identifiers = Set((0..<10).map { _ in "id\(Int.random(in: 0..<200, using: &random))" }).sorted()
                _ = try await database.delete(DeleteRequest(selector: RecordSelector(identifiers: identifiers)), from: collection)
                for identifier in identifiers { records[identifier] = nil }
            }
            journal.note(try database.collection(collection).lastSequenceNumber, records)
        }
    }

    private func put(_ numbers: [Int], in collection: CollectionIdentifier, of database: VectorDatabase) async throws {
        let batch = try RecordBatch(
            identifiers: numbers.map { "id\($0 % 200)" },
            embeddings: EmbeddingColumn(dimension: 8, values: numbers.flatMap { number in (0..<8).map { Float(number + $0) } }),
            documents: numbers.map { "document \($0)" }, metadatas: numbers.map { Metadata(["n": .integer(Int64($0))]) })
        try await database.write(batch, as: .upsert, to: collection)
    }

    /// Makes a collection, fills it, marks that, and drops it, again and again; the mark of the last one lives alone.
    private func churn(_ database: VectorDatabase, marks: CollectionIdentifier, _ isOver: Ended) async throws {
        var round = 0
        while !isOver.isSet {
            let collection = try await database.makeCollection("churn-\(round)")
            try await put(Array(0..<100), in: collection, of: database)
            if round.isMultiple(of: 3) { try await database.flush() }
            try await put([round % 200], in: marks, of: database)
            try await database.drop("churn-\(round)")
            round += 1
        }
    }

    private func check(_ path: String, _ report: BackupReport, _ journals: [Journal], _ seed: UInt64) async throws {
        let target = path + "-restored"
        let restored = try Backup.restore(from: path, to: target)
        #expect(restored.sequence == report.sequence && restored.findings.isEmpty)
        var configuration = VectorDatabase.Configuration(dataDirectory: target)
        configuration.searchThreads = 1
        let database = try VectorDatabase.open(configuration)
        #expect(database.storageReport.isHealthy)
        var churned: [Int] = []
        var marks = 0
        for collection in database.collections(tenant: "default_tenant", database: "default_database") {
            let records = try await database.get(GetRequest(), from: collection.identifier).records
            let found = Dictionary(uniqueKeysWithValues: records.map { ($0.identifier, Int($0.document?.dropFirst(9) ?? "") ?? -1) })
            for record in records {
                let number = Float(found[record.identifier] ?? -1)
                #expect(record.withVector { $0.map(Array.init) } == (0..<8).map { number + Float($0) })
            }
            if let writer = collection.name.wholeNumber(after: "writer-") {
                #expect(found == journals[writer].records(at: report.sequence), "\(path), \(collection.name), \(Seeds.replay(seed))")
            } else if let round = collection.name.wholeNumber(after: "churn-") {
                #expect(records.isEmpty || records.count == 100)
                churned.append(round)
            } else {
                marks = found.count
                #expect(found.values.sorted() == Array(0..<marks))
            }
        }
        // Every round before the last mark has ended: only the one marked last, or the one after it, may still be there.
        #expect(churned.count <= 1 && churned.allSatisfy { marks == 200 || $0 == marks - 1 || $0 == marks })
        try await database.close()
        try FileManager.default.removeItem(atPath: target)
    }
}

extension String {
    fileprivate func wholeNumber(after prefix: String) -> Int? {
        hasPrefix(prefix) ? Int(dropFirst(prefix.count)) : nil
    }
}
