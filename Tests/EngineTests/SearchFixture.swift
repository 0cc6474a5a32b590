import Engine
import Filtering
import Segments
import VectorModel

/// A small collection to search: rows on a line, with groups and sparse vectors.
struct SearchFixture {
    let database: VectorDatabase
    let collection: CollectionIdentifier
    private let directory: TemporaryDirectory

    /// An empty collection.
    init(_ change: (inout VectorDatabase.Configuration) -> Void = { _ in }) async throws {
        directory = try TemporaryDirectory()
        database = try directory.open(change)
        collection = try await database.createCollection(
            CollectionCreation(name: "searched"), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
    }

    /// Ids `a` to `f` at 0, 1, 2, 3, 4, 5 on a line; `genre` and `year` divide them, `f` has neither; `words` are sparse vectors of `a` to `d`.
    static func line(_ change: (inout VectorDatabase.Configuration) -> Void = { _ in }) async throws -> SearchFixture {
        let fixture = try await SearchFixture(change)
        func metadata(_ genre: String, _ year: Int64, _ words: SparseVector? = nil) -> Metadata {
            var fields = [MetadataField(key: "genre", value: .string(genre)), MetadataField(key: "year", value: .integer(year))]
            if let words { fields.append(MetadataField(key: "words", value: .sparse(words))) }
            return Metadata(fields: fields)
        }
        try await fixture.add(
            ["a", "b", "c", "d", "e", "f"], [[0], [1], [2], [3], [4], [5]],
            [
                metadata("psalm", 3, try SparseVector(indices: [1, 5], values: [1, 1])),
                metadata("psalm", 1, try SparseVector(indices: [1], values: [4])),
                metadata("law", 2, try SparseVector(indices: [5, 9], values: [2, 1])),
                metadata("law", 1, try SparseVector(indices: [9], values: [1])),
                metadata("psalm", 2), nil,
            ])
        return fixture
    }

    func add(_ identifiers: [String], _ vectors: [[Float]], _ metadatas: [Metadata?]) async throws {
        let batch = try RecordBatch(
            identifiers: identifiers, embeddings: EmbeddingColumn(dimension: vectors[0].count, values: vectors.flatMap(\.self)),
            documents: identifiers.map { "document \($0)" }, metadatas: metadatas)
        try await database.write(batch, as: .upsert, to: collection)
    }

    func search(_ request: SearchRequest) async throws -> [SearchHit] {
        try await database.search(SearchBatch([request]), in: collection).answers[0]
    }

    /// `id score` of each record found, or the id alone.
    func shown(_ request: SearchRequest) async throws -> [String] {
        try await search(request).map { hit in hit.score.map { "\(hit.record.identifier) \($0.isNaN ? .nan : $0)" } ?? hit.record.identifier }
    }

    func identifiers(_ request: SearchRequest) async throws -> [String] { try await search(request).map(\.record.identifier) }

    /// The error that a search is refused with.
    func refusal(_ request: SearchRequest) async -> String {
        do {
            _ = try await search(request)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    func close() async throws { try await database.close() }
}

extension RankExpression {
    /// The squared distance from `x`.
    static func near(
        _ x: Float, limit: Int = 16, missing: Double? = nil, countsPositions: Bool = false, _ overrides: SearchOverrides = SearchOverrides()
    ) -> RankExpression {
        .leaf(RankLeaf(.dense([x], overrides), limit: limit, missing: missing, countsPositions: countsPositions))
    }

    /// One minus the inner product with `words`.
    static func words(
        _ indices: [UInt32], _ values: [Float], limit: Int = 16, missing: Double? = nil, countsPositions: Bool = false
    ) throws -> RankExpression {
        .leaf(
            RankLeaf(
                .sparse(try SparseVector(indices: indices, values: values), key: "words"), limit: limit, missing: missing,
                countsPositions: countsPositions))
    }
}
