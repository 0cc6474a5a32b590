import Durability
import Engine
import Filtering
import Segments
import Synchronization
import TestSupport
import Testing
import VectorModel

/// Writers, readers, flushes, merges and drops at the same time, on real threads and files. Every snapshot that a reader gets must be one that
/// existed between two batches. Fit for the thread sanitizer.
@Suite struct IsolationTests {
    private static let writers = 3
    private static let accounts = 12
    private static let rounds = 60

    /// Memtables are written after a few batches, and segments merged as soon as there are two.
    private func open(_ directory: TemporaryDirectory) throws -> VectorDatabase {
        try directory.open { configuration in
            configuration.log.fileBytes = 64 << 10
            configuration.storage.memtableBytes = 8 << 10
            configuration.storage.logBytes = 128 << 10
            configuration.storage.segmentsPerTier = 2
            configuration.storage.deadShareMax = 0.1
        }
    }

    private func create(_ name: String, _ engine: VectorDatabase) async throws -> CollectionIdentifier {
        try await engine.createCollection(CollectionCreation(name: name), tenant: World.tenant, database: World.database).collection.identifier
    }

    // MARK: Transfers

    /// Each writer moves amounts between its accounts; a batch holds both sides and a record that counts the batches.
    @Test func everySnapshotLiesBetweenTwoBatches() async throws {
        let directory = try TemporaryDirectory()
        let engine = try open(directory)
        let collection = try await create("transfers", engine)
        for writer in 0..<Self.writers { try await engine.write(Ledger(writer, accounts: Self.accounts).everything(), as: .add, to: collection) }
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers { group.addTask { try await transfer(writer, engine, collection) } }
            group.addTask { while !progress.isOver { try await engine.flush() } }
            group.addTask { try await dropAndMake(engine, until: progress) }
            for _ in 0..<2 { group.addTask { try await audit(engine, collection, until: progress) } }
            for _ in 0..<Self.writers { try await group.next() }
            progress.finish()
            try await group.waitForAll()
        }
        let last = try await engine.get(GetRequest(), from: collection).records
        #expect(engine.storageReport.isHealthy, "\(engine.storageReport)")
        try await engine.close()

        let again = try open(directory)
        let records = try await again.get(GetRequest(), from: collection).records
        #expect(records.map(World.Record.init) == last.map(World.Record.init))
        for writer in 0..<Self.writers { #expect(try Audit(records, writer).batches == Self.rounds) }
        try await again.close()
    }

    private func transfer(_ writer: Int, _ engine: VectorDatabase, _ collection: CollectionIdentifier) async throws {
        var ledger = Ledger(writer, accounts: Self.accounts)
        for _ in 0..<Self.rounds { try await engine.write(ledger.transfer(), as: .update, to: collection) }
    }

    /// Reads again and again: sums stay, counts grow.
    private func audit(_ engine: VectorDatabase, _ collection: CollectionIdentifier, until progress: Progress) async throws {
        var counts = [Int](repeating: 0, count: Self.writers)
        var held: [(records: [RecordView], values: [World.Record])] = []
        while !progress.isOver {
            let records = try await engine.get(GetRequest(), from: collection).records
            for writer in 0..<Self.writers {
                let audit = try Audit(records, writer)
                #expect(audit.sum == 0 && audit.accounts == Self.accounts)
                #expect(audit.newestStamp == audit.batches, "a batch was seen in part")
                #expect(audit.batches >= counts[writer], "time went backwards")
                counts[writer] = audit.batches
            }
            try await search(engine, collection)
            held.append((records, records.map(World.Record.init)))
            if held.count > 4 { held.removeFirst() }
            for (records, values) in held { #expect(records.map(World.Record.init) == values, "a reader's records changed") }
        }
    }

    /// The vectors of one batch are equal: a search for the newest finds its whole batch before anything else.
    private func search(_ engine: VectorDatabase, _ collection: CollectionIdentifier) async throws {
        let selector = RecordSelector(metadata: .compare(key: "writer", .equal(.integer(0))))
        let hits = try await engine.query(QueryRequest(vectors: [1e6, 0], dimension: 2, k: 3, selector: selector), in: collection).hits[0]
        #expect(hits.count == 3)
        let stamps = Set(hits.map { $0.record.integer("stamp") })
        #expect(stamps.count == 1, "a search saw a batch in part: \(stamps)")
    }

    /// Collections come and go beside; a reader keeps what it has read of one that is gone.
    private func dropAndMake(_ engine: VectorDatabase, until progress: Progress) async throws {
        var round = 0
        while !progress.isOver {
            let identifier = try await create("passing", engine)
            try await engine.write(Ledger(round, accounts: 50).everything(), as: .add, to: identifier)
            if round.isMultiple(of: 2) { try await engine.flush() }
            let records = try await engine.get(GetRequest(), from: identifier).records
            let values = records.map(World.Record.init)
            try await engine.deleteCollection(named: "passing", tenant: World.tenant, database: World.database)
            await #expect(throws: RequestError.self) { try await engine.get(GetRequest(), from: identifier) }
            #expect(records.map(World.Record.init) == values)
            round += 1
        }
    }

    // MARK: Deletes

    /// Batches appear and disappear whole, by writes and by conditions; nothing that was deleted comes back through a flush or a merge.
    @Test func whatIsDeletedStaysDeleted() async throws {
        let directory = try TemporaryDirectory()
        let engine = try open(directory)
        let collection = try await create("waves", engine)
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for wave in 0..<80 {
                    try await engine.write(self.wave(wave), as: .add, to: collection)
                    guard wave >= 3 else { continue }
                    let selector = RecordSelector(metadata: .compare(key: "wave", .equal(.integer(Int64(wave - 3)))))
                    let deleted = try await engine.delete(DeleteRequest(selector: selector), from: collection)
                    #expect(deleted.count == 10)
                    progress.noteDeleted(wave - 3)
                }
            }
            group.addTask { while !progress.isOver { try await engine.flush() } }
            for _ in 0..<2 {
                group.addTask {
                    while !progress.isOver {
                        let gone = progress.deletedThrough
                        let waves = try await engine.get(GetRequest(), from: collection).records.map { $0.integer("wave") }
                        #expect(waves.allSatisfy { $0 > gone }, "a deleted record came back")
                        #expect(Dictionary(grouping: waves) { $0 }.allSatisfy { $0.value.count == 10 }, "a batch was seen in part")
                        #expect(waves == waves.sorted())
                    }
                }
            }
            try await group.next()
            progress.finish()
            try await group.waitForAll()
        }
        #expect(try engine.count(of: collection) == 30)
        try await engine.close()
        let again = try open(directory)
        #expect(try await again.get(GetRequest(), from: collection).records.map { $0.integer("wave") } == (770..<800).map { $0 / 10 })
        try await again.close()
    }

    private func wave(_ wave: Int) throws(RequestError) -> RecordBatch {
        try RecordBatch(
            identifiers: (0..<10).map { "\(wave)-\($0)" },
            embeddings: EmbeddingColumn(dimension: 2, values: [Float](repeating: Float(wave), count: 20)),
            metadatas: [Metadata?](repeating: Metadata(["wave": .integer(Int64(wave))]), count: 10))
    }
}

/// What the tasks of a test tell each other.
private final class Progress: Sendable {
    private let over = Atomic<Bool>(false)
    private let deleted = Atomic<Int>(-1)

    var isOver: Bool { over.load(ordering: .acquiring) }
    var deletedThrough: Int { deleted.load(ordering: .acquiring) }

    func finish() { over.store(true, ordering: .releasing) }
    func noteDeleted(_ wave: Int) { deleted.store(wave, ordering: .releasing) }
}

/// One writer's accounts, whose balances add up to nothing.
private struct Ledger {
    private let writer: Int
    private var balances: [Int64]
    private var batches: Int64 = 0
    private var random: SeededGenerator

    init(_ writer: Int, accounts: Int) {
        self.writer = writer
        balances = [Int64](repeating: 0, count: accounts)
        random = SeededGenerator(seed: UInt64(writer))
    }

    func everything() throws(RequestError) -> RecordBatch {
        try batch(["\(writer)-count"] + balances.indices.map { "\(writer)-\($0)" }, balances: [0] + balances)
    }

    mutating func transfer() throws(RequestError) -> RecordBatch {
        let from = Int.random(in: balances.indices, using: &random)
        let to = (from + Int.random(in: 1..<balances.count, using: &random)) % balances.count
        let amount = Int64.random(in: 1...100, using: &random)
        balances[from] -= amount
        balances[to] += amount
        batches += 1
        return try batch(["\(writer)-count", "\(writer)-\(from)", "\(writer)-\(to)"], balances: [0, balances[from], balances[to]])
    }

    private func batch(_ identifiers: [String], balances: [Int64]) throws(RequestError) -> RecordBatch {
        try RecordBatch(
            identifiers: identifiers,
            embeddings: EmbeddingColumn(dimension: 2, values: identifiers.flatMap { _ in [Float(batches), 0] }),
            documents: identifiers.map { "\($0) at \(batches)" },
            metadatas: balances.map {
                Metadata(["writer": .integer(Int64(writer)), "stamp": .integer(batches), "balance": .integer($0)])
            })
    }
}

/// What a snapshot says of one writer's accounts.
private struct Audit {
    var sum = 0
    var accounts = 0
    var batches = 0
    var newestStamp = 0

    init(_ records: [RecordView], _ writer: Int) throws {
        for record in records where record.integer("writer") == writer {
            newestStamp = max(newestStamp, record.integer("stamp"))
            if record.identifier.hasSuffix("count") { batches = record.integer("stamp") } else { accounts += 1 }
            sum += record.integer("balance")
        }
    }
}

extension RecordView {
    fileprivate func integer(_ key: String) -> Int {
        guard case .integer(let value)? = metadata?[key] else { return -1 }
        return Int(value)
    }
}
