import Durability
import Engine
import FileIO
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Transactions: reads at one moment, and a commit that holds only if what was read is still so.
@Suite struct TransactionTests {
    private static func open(_ disk: any FileSystem) throws -> VectorDatabase {
        var configuration = SteppedLife.configuration()
        configuration.makeIdentifier = CollectionIdentifier.random
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    private func asking(_ identifiers: [String]) -> GetRequest { GetRequest(selector: RecordSelector(identifiers: identifiers)) }

    private func batch(_ identifiers: [String], _ number: Float = 1) throws -> RecordBatch {
        try RecordBatch(
            identifiers: identifiers, embeddings: EmbeddingColumn(dimension: 2, values: identifiers.flatMap { _ in [number, 0] }),
            documents: identifiers.map { "\($0) \(number)" })
    }

    /// Reads ids in a transaction.
    private func read(
        _ identifiers: [String], of collection: CollectionIdentifier, in database: VectorDatabase, at token: SequenceNumber? = nil
    ) async throws -> (read: ConditionalCommit.Read, token: SequenceNumber) {
        let (result, token) = try await database.get(asking(identifiers), from: collection, at: token)
        return (.init(asked: identifiers, hasConditions: false, found: result.records.map(\.identifier)), token)
    }

    @Test func whatWasReadAndIsStillSoIsCommitted() async throws {
        let disk = SimulatedFileSystem(seed: 1)
        let database = try Self.open(disk)
        let collection = try await database.makeCollection("records")
        let empty = try await read(["a", "b", "c"], of: collection, in: database)
        #expect(empty.token > .zero && empty.read.found == [])
        let first = try ConditionalCommit(token: empty.token, reads: [empty.read], changes: [.write(batch(["a", "b", "c"]), .add)])
        let number = try await database.commit(first, to: collection)
        #expect(number == database.logStatus?.lastDurable && first.recordCount == 3)

        let second = try await read(["a", "b", "d"], of: collection, in: database)
        let changes: [GroupedChange] = [
            .write(try batch(["a"], 7), .update), .delete(["b"]), .write(try batch(["d"], 8), .add), .write(try batch(["e"], 9), .upsert),
        ]
        _ = try await database.commit(try ConditionalCommit(token: second.token, reads: [second.read], changes: changes), to: collection)
        let documents = try await database.get(GetRequest(), from: collection).records.map(\.document)
        #expect(documents == ["a 7.0", "c 1.0", "d 8.0", "e 9.0"])
        try await database.close()
        // One record of the log: after a restart it is there as it was.
        let again = try Self.open(disk)
        #expect(try await again.get(GetRequest(), from: collection).records.map(\.document) == documents)
        try await again.close()
    }

    @Test func whatOthersChangedMeanwhileIsAConflict() async throws {
        let database = try Self.open(SimulatedFileSystem(seed: 1))
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["a", "b", "c"]), as: .add, to: collection)
        let interference: [() async throws -> Void] = [
            { try await database.write(self.batch(["a"], 2), as: .upsert, to: collection) },
            { _ = try await database.delete(DeleteRequest(selector: RecordSelector(identifiers: ["c"])), from: collection) },
            { try await database.write(self.batch(["new"]), as: .add, to: collection) },
        ]
        for (place, interfere) in interference.enumerated() {
            let read = try await read(["a", "c", "new"], of: collection, in: database)
            try await interfere()
            let before = try await database.get(GetRequest(), from: collection).records.map(\.document)
            let commit = try ConditionalCommit(token: read.token, reads: [read.read], changes: [.write(batch(["z"], 3), .upsert)])
            await #expect(throws: RequestError(.conditionalConflict), "\(place)") { try await database.commit(commit, to: collection) }
            #expect(try await database.get(GetRequest(), from: collection).records.map(\.document) == before)
        }
        // What it has not read may change.
        let unaffected = try await read(["a"], of: collection, in: database)
        try await database.write(batch(["b"], 5), as: .update, to: collection)
        let commit = try ConditionalCommit(token: unaffected.token, reads: [unaffected.read], changes: [.write(batch(["a"], 6), .update)])
        #expect(try await database.commit(commit, to: collection) != nil)
        await #expect(throws: RequestError(.conditionalConflict)) { try await database.commit(commit, to: collection) }
        try await database.close()
    }

    @Test func allReadsOfATransactionSeeOneMoment() async throws {
        let database = try Self.open(SimulatedFileSystem(seed: 1))
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["a", "b"]), as: .add, to: collection)
        let (_, token) = try await database.get(asking(["a"]), from: collection, at: nil)
        try await database.write(batch(["b"], 2), as: .update, to: collection)
        try await database.flush()
        database.stepMaintenance()
        let (later, same) = try await database.get(GetRequest(), from: collection, at: token)
        #expect(later.records.map(\.document) == ["a 1.0", "b 1.0"] && same == token)
        let (now, newer) = try await database.get(GetRequest(), from: collection, at: nil)
        #expect(now.records.map(\.document) == ["a 1.0", "b 2.0"] && newer > token)
        let gone = SequenceNumber(1_000_000)
        await #expect(throws: RequestError(.staleRead(gone))) { try await database.get(GetRequest(), from: collection, at: gone) }
        try await database.close()
    }

    @Test func aRestartForgetsWhoChangedWhat() async throws {
        let disk = SimulatedFileSystem(seed: 1)
        var database = try Self.open(disk)
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["a", "b"]), as: .add, to: collection)
        let read = try await read(["a"], of: collection, in: database)
        try await database.close()
        database = try Self.open(disk)
        // Nothing has changed at all: that is known.
        let change = [GroupedChange.write(try batch(["a"], 2), .update)]
        let commit = try ConditionalCommit(token: read.token, reads: [read.read], changes: change)
        #expect(try await database.commit(commit, to: collection) != nil)
        try await database.write(batch(["b"], 3), as: .update, to: collection)
        // Of the changes since nobody knows what they were about.
        let again = try ConditionalCommit(token: read.token, reads: [.init(asked: ["b"], hasConditions: false, found: ["b"])], changes: [.delete(["b"])])
        await #expect(throws: RequestError(.conditionalConflict)) { try await database.commit(again, to: collection) }
        try await database.close()
    }

    @Test func aTransactionMustHaveReadWhatItBuildsOn() throws {
        let read = ConditionalCommit.Read(asked: ["there", "not"], hasConditions: false, found: ["there"])
        let filtered = ConditionalCommit.Read(asked: ["there", "perhaps"], hasConditions: true, found: ["there"])
        func commit(_ changes: [GroupedChange], _ reads: [ConditionalCommit.Read], token: SequenceNumber? = SequenceNumber(1)) throws {
            _ = try ConditionalCommit(token: token, reads: reads, changes: changes)
        }
        try commit([.write(batch(["not"]), .add), .write(batch(["there"]), .update), .write(batch(["other"]), .upsert)], [read])
        try commit([.delete(["there"])], [filtered])
        try commit([.write(batch(["a"]), .upsert)], [], token: nil)
        let refused: [([GroupedChange], [ConditionalCommit.Read])] = [
            ([.write(try batch(["there"]), .add)], [read]), ([.write(try batch(["other"]), .add)], [read]),
            ([.write(try batch(["perhaps"]), .add)], [filtered]), ([.write(try batch(["not"]), .update)], [read]), ([.delete(["not"])], [read]),
            ([.delete(["there"]), .write(try batch(["there"]), .upsert)], [read]), ([.delete(["there", "there"])], [read]),
        ]
        for (place, (changes, reads)) in refused.enumerated() {
            #expect(throws: RequestError.self, "\(place)") { try commit(changes, reads) }
        }
        #expect(throws: RequestError.self) { try commit([], [read], token: nil) }
        let unsaid = ConditionalCommit.Read(asked: ["a"], hasConditions: false, found: nil)
        try commit([.write(batch(["a"]), .add)], [unsaid])
        #expect(throws: RequestError.self) { try commit([.delete(["b"])], [unsaid]) }
    }

    /// A client that does not say what it found, and is wrong, changes nothing.
    @Test func whatIsNotAsTheChangesNeedItIsAConflict() async throws {
        let database = try Self.open(SimulatedFileSystem(seed: 1))
        let collection = try await database.makeCollection("records")
        try await database.write(batch(["a"]), as: .add, to: collection)
        let (_, token) = try await database.get(asking(["a", "b"]), from: collection, at: nil)
        let read = ConditionalCommit.Read(asked: ["a", "b"], hasConditions: false, found: nil)
        for change in [GroupedChange.write(try batch(["a"]), .add), .write(try batch(["b"]), .update), .delete(["b"])] {
            let commit = try ConditionalCommit(token: token, reads: [read], changes: [change])
            await #expect(throws: RequestError(.conditionalConflict)) { try await database.commit(commit, to: collection) }
        }
        await #expect(throws: RequestError(.dimensionMismatch(expected: 2, got: 3, inQuery: false))) {
            let wrong = try RecordBatch(identifiers: ["c"], embeddings: EmbeddingColumn(dimension: 3, values: [1, 2, 3]))
            _ = try await database.commit(ConditionalCommit(token: nil, reads: [], changes: [.write(wrong, .upsert)]), to: collection)
        }
        #expect(try database.count(of: collection) == 1)
        try await database.close()
    }

    /// Counters that many increase at once lose nothing.
    @Test func concurrentTransactionsAreSerial() async throws {
        let directory = try TemporaryDirectory()
        let database = try directory.open()
        let collection = try await database.makeCollection("counters")
        try await database.write(
            RecordBatch(identifiers: ["n"], metadatas: [Metadata(["count": .integer(0)])]), as: .add, to: collection)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var done = 0
                    while done < 25 {
                        let (result, token) = try await database.get(self.asking(["n"]), from: collection, at: nil)
                        guard case .integer(let count)? = result.records.first?.metadata?["count"] else { return }
                        let next = try RecordBatch(identifiers: ["n"], metadatas: [Metadata(["count": .integer(count + 1)])])
                        let commit = try ConditionalCommit(
                            token: token, reads: [.init(asked: ["n"], hasConditions: false, found: ["n"])], changes: [.write(next, .update)])
                        do throws(RequestError) {
                            _ = try await database.commit(commit, to: collection)
                            done += 1
                        } catch {
                            guard case .conditionalConflict = error.reason else { throw error }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let record = try await database.get(GetRequest(), from: collection).records.first
        #expect(record?.metadata?["count"] == .integer(100))
        try await database.close()
    }
}
