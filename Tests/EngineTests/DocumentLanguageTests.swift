import Durability
import Engine
import Filtering
import Segments
import TestSupport
import Testing
import TextSearch
import VectorModel

/// A collection's language: rankings by words score the same whether an index of words answers, one of another language is there, or none is.
@Suite struct DocumentLanguageTests {
    private static let german = DocumentLanguage(.german)
    private static let english = DocumentLanguage(.english)
    private static let everyWord = DocumentLanguage(.english, keepsStopWords: true)

    /// Everything is asked of both databases, by the collection's language and by every other one.
    private func check(_ collections: Collections, _ comment: Comment) async throws {
        for text in ["the river runs", "singing of the Häuser", "Haus und Hof", "shepherds, gegangen"] {
            for language in [nil, .any, Self.english, Self.everyWord, Self.german] {
                let found = try await collections.found(WordQuery(text, language: language))
                let expected = try await collections.expected(WordQuery(text, language: language))
                #expect(found == expected && !found.isEmpty, "\(comment), \(text), \(String(describing: language))")
            }
        }
    }

    @Test(arguments: [english, everyWord, german], Seeds.some(2))
    func scoresAreTheSameInEveryState(language: DocumentLanguage, seed: UInt64) async throws {
        let replay = Seeds.replay(seed)
        let collections = try await Collections(language, seed: seed)
        try await collections.write(0..<150)
        try await check(collections, "in memory: \(replay)")
        try await collections.settle()
        #expect(collections.analyses() == [language.analysis.checksum])
        try await check(collections, "in a segment: \(replay)")
        try await collections.write(140..<170)
        try await collections.delete(["3", "145"])
        try await check(collections, "in a segment and in memory: \(replay)")
        try await collections.settle()
        #expect(collections.analyses() == [language.analysis.checksum])
        try await check(collections, "merged: \(replay)")
        try await collections.reopen()
        try await check(collections, "after a restart: \(replay)")
        // The searches have asked for the file.
        collections.database.stepMaintenance()
        try await check(collections, "after a restart, opened: \(replay)")
        try await collections.close()
    }

    @Test func anotherLanguageMakesAnotherIndex() async throws {
        let collections = try await Collections(.any, seed: 7)
        try await collections.write(0..<120)
        try await collections.settle()
        #expect(collections.analyses() == [TextAnalysis.plain.checksum])
        for language in [Self.english, Self.german, Self.everyWord, .any] {
            let before = collections.analyses()
            try await collections.change(to: language)
            #expect(collections.analyses() == before)
            try await check(collections, "\(language), with the index of another")
            collections.database.stepMaintenance()
            #expect(collections.analyses() == [language.analysis.checksum])
            try await check(collections, "\(language), with its own index")
        }
        // As fast as it is changed the server is stopped: the next start makes the index.
        try await collections.change(to: Self.german)
        try await collections.reopen()
        #expect(collections.analyses() == [TextAnalysis.plain.checksum])
        try await check(collections, "changed and restarted")
        try await collections.settle()
        #expect(collections.analyses() == [Self.german.analysis.checksum])
        try await check(collections, "made after a restart")
        let settled = collections.disk.changes
        collections.database.stepMaintenance()
        #expect(collections.disk.changes == settled, "what is right is not made again")
        try await collections.close()
    }

    @Test func aForkHasTheLanguageAndGoesItsOwnWay() async throws {
        let collections = try await Collections(Self.english, seed: 9)
        try await collections.write(0..<120)
        try await collections.settle()
        let fork = try await collections.database.fork(collections.identifier, named: "fork")
        #expect(fork.index.language == Self.english)
        for _ in 0..<2 { collections.database.stepMaintenance() }
        try await collections.database.changeCollection(fork.identifier, CollectionChange(index: IndexConfiguration(language: Self.german)))
        for _ in 0..<2 { collections.database.stepMaintenance() }
        #expect(Set(collections.analyses()) == [Self.english.analysis.checksum, Self.german.analysis.checksum])
        try await check(collections, "the source")
        let query = WordQuery("the singing Häuser")
        let expected = try await collections.expected(WordQuery(query.text, language: Self.german))
        #expect(try await Collections.hits(query, in: fork.identifier, of: collections.database) == expected)
        try await collections.reopen()
        #expect(try collections.database.collection(collections.identifier).index.language == Self.english)
        #expect(try collections.database.collection(fork.identifier).index.language == Self.german)
        #expect(try await Collections.hits(query, in: fork.identifier, of: collections.database) == expected)
        try await collections.close()
    }

    /// A file that nobody opens may be damaged for long; a ranking without a filter has it opened, and so made again.
    @Test func rankingsHaveTheIndexOpened() async throws {
        let collections = try await Collections(Self.english, seed: 13)
        try await collections.write(0..<120)
        try await collections.settle()
        let file = try #require(collections.files().first)
        let whole = collections.disk.contents(file)
        try await collections.reopen { $0.flipBit(file, at: 8 * 5_000) }
        for _ in 0..<3 { collections.database.stepMaintenance() }
        #expect(collections.disk.contents(file) != whole)
        try await check(collections, "with a damaged file")
        for _ in 0..<2 { collections.database.stepMaintenance() }
        #expect(collections.disk.contents(file) == whole)
        try await check(collections, "with a file that was made again")
        try await collections.close()
    }

    @Test func segmentsWithoutDocumentsAreMadeOnce() async throws {
        let collections = try await Collections(.any, seed: 11)
        let batch = try RecordBatch(
            identifiers: ["a", "b"], embeddings: EmbeddingColumn(dimension: 1, values: [1, 2]), metadatas: [Metadata(["n": .integer(1)]), nil])
        try await collections.database.write(batch, as: .add, to: collections.identifier)
        try await collections.settle()
        #expect(collections.analyses() == [0])
        let files = collections.files()
        let before = files.map { collections.disk.contents($0) }
        try await collections.change(to: Self.german)
        let settled = collections.disk.changes
        collections.database.stepMaintenance()
        #expect(collections.disk.changes == settled && files.map { collections.disk.contents($0) } == before)
        try await collections.close()
    }
}

/// A collection whose segments get lookup files, on a simulated disk, and its twin with the same records, which never gets one.
private final class Collections {
    struct Hit: Hashable {
        let identifier: String
        let score: Double?
    }

    private static let words = [
        "river", "rivers", "running", "runs", "the", "and", "of", "shepherd", "shepherds", "singing", "sings", "Haus", "Häuser", "Hauses", "Hof", "und",
        "der", "gegangen", "gehen", "stone", "Steine",
    ]

    private(set) var disk: SimulatedFileSystem
    private(set) var database: VectorDatabase
    private let twin: VectorDatabase
    let identifier: CollectionIdentifier
    private let twinIdentifier: CollectionIdentifier
    private var generator: SeededGenerator

    init(_ language: DocumentLanguage, seed: UInt64) async throws {
        generator = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed)
        database = try Self.open(disk)
        twin = try Self.open(SimulatedFileSystem(seed: seed))
        let creation = CollectionCreation(name: "words", index: IndexConfiguration(language: language))
        identifier = try await database.createCollection(creation, tenant: "default_tenant", database: "default_database").collection.identifier
        twinIdentifier = try await twin.createCollection(creation, tenant: "default_tenant", database: "default_database").collection.identifier
    }

    private static func open(_ disk: SimulatedFileSystem) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: "data")
        (configuration.execution, configuration.searchThreads) = (.stepped, 1)
        configuration.log.fileBytes = 1 << 16
        (configuration.storage.lookupRowsMin, configuration.storage.segmentsPerTier) = (1, 2)
        (configuration.storage.settleMilliseconds, configuration.storage.indexDelayMilliseconds) = (0, 0)
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    func write(_ numbers: Range<Int>) async throws {
        let documents = numbers.map { _ in
            (0..<Int.random(in: 1...8, using: &generator)).map { _ in Self.words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
        }
        let batch = try RecordBatch(
            identifiers: numbers.map(String.init), embeddings: EmbeddingColumn(dimension: 1, values: numbers.map { Float($0) }), documents: documents)
        try await database.write(batch, as: .upsert, to: identifier)
        try await twin.write(batch, as: .upsert, to: twinIdentifier)
    }

    func delete(_ identifiers: [String]) async throws {
        let request = DeleteRequest(selector: RecordSelector(identifiers: identifiers))
        _ = try await database.delete(request, from: identifier)
        _ = try await twin.delete(request, from: twinIdentifier)
    }

    func change(to language: DocumentLanguage) async throws {
        let change = CollectionChange(index: IndexConfiguration(language: language))
        try await database.changeCollection(identifier, change)
        try await twin.changeCollection(twinIdentifier, change)
    }

    func settle() async throws {
        try await database.flush()
        for _ in 0..<3 { database.stepMaintenance() }
    }

    func reopen(_ damage: (SimulatedFileSystem) -> Void = { _ in }) async throws {
        try await database.close()
        disk = disk.afterProcessDeath()
        damage(disk)
        database = try Self.open(disk)
    }

    func close() async throws {
        try await database.close()
        try await twin.close()
    }

    func files() -> [String] { disk.paths.filter { $0.hasSuffix(".lookup") } }

    /// What the lookup files' headers say of the analyses that they were made with.
    func analyses() -> [UInt32] {
        files().map { disk.contents($0).withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 68, as: UInt32.self) } }
    }

    func found(_ query: WordQuery) async throws -> [Hit] { try await Self.hits(query, in: identifier, of: database) }

    func expected(_ query: WordQuery) async throws -> [Hit] { try await Self.hits(query, in: twinIdentifier, of: twin) }

    static func hits(_ query: WordQuery, in identifier: CollectionIdentifier, of database: VectorDatabase) async throws -> [Hit] {
        let request = SearchRequest(rank: .leaf(RankLeaf(.words(query, .standard), limit: 40)))
        return try await database.search(SearchBatch([request]), in: identifier).answers[0].map { Hit(identifier: $0.record.identifier, score: $0.score) }
    }
}
