import Engine
import Filtering
import TestSupport
import VectorModel

/// Records whose vectors are small whole numbers, so that many distances are equal and all can be computed exactly: in two segments and in memory,
/// some of them changed, deleted, or without a vector.
struct ScatteredRecords {
    struct Record {
        let identifier: String
        let vector: [Float]
        let isEven: Bool
    }

    static let dimension = 3

    let database: VectorDatabase
    let collection: CollectionIdentifier
    let metric: Metric
    /// The living records that have a vector, in the order of insertion.
    private(set) var records: [Record] = []
    /// A record without a vector.
    let bare = "bare7"
    private let directory: TemporaryDirectory

    init(_ metric: Metric, _ generator: inout SeededGenerator) async throws {
        self.metric = metric
        directory = try TemporaryDirectory()
        database = try directory.open()
        collection = try await database.createCollection(
            CollectionCreation(name: "scattered", index: IndexConfiguration(metric: metric)), tenant: "default_tenant", database: "default_database"
        ).collection.identifier
        var all: [Record] = []
        for range in [0..<60, 60..<90, 90..<140] {
            try await write(range.map { "\($0)" }, &all, &generator)
            let bare = try RecordBatch(
                identifiers: ["bare\(range.lowerBound + 7)"], documents: ["x"], metadatas: [Metadata(["even": .boolean(true)])])
            try await database.write(bare, as: .add, to: collection)
            if range.upperBound < 140 { try await database.flush() }
        }
        // Changed ones keep their place in the order of insertion.
        try await write(["3", "70", "100"], &all, &generator)
        let dead = Set((0..<20).map { _ in "\(Int.random(in: 0..<140, using: &generator))" })
        _ = try await database.delete(DeleteRequest(selector: RecordSelector(identifiers: dead.sorted())), from: collection)
        records = all.filter { !dead.contains($0.identifier) }
    }

    private func write(_ identifiers: [String], _ all: inout [Record], _ generator: inout SeededGenerator) async throws {
        let new = identifiers.map { identifier in
            Record(
                identifier: identifier, vector: (0..<Self.dimension).map { _ in Float(Int.random(in: -2...2, using: &generator)) },
                isEven: (Int(identifier) ?? 1).isMultiple(of: 2))
        }
        try await database.write(
            RecordBatch(
                identifiers: identifiers, embeddings: EmbeddingColumn(dimension: Self.dimension, values: new.flatMap(\.vector)),
                metadatas: new.map { Metadata(["even": .boolean($0.isEven)]) }),
            as: .upsert, to: collection)
        for record in new {
            if let place = all.firstIndex(where: { $0.identifier == record.identifier }) { all[place] = record } else { all.append(record) }
        }
    }

    /// The nearest others of a record, nearest first, equals in the order of insertion.
    func nearest(to identifier: String, among candidates: [Record], k: Int, maxDistance: Float?) -> [(identifier: String, distance: Float)] {
        guard let record = records.first(where: { $0.identifier == identifier }) else { return [] }
        let others = candidates.filter { $0.identifier != identifier }.map { ($0.identifier, exactDistance(record.vector, $0.vector, metric)) }
        let ordered = others.enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }.map(\.element)
        return ordered.prefix(k).filter { $0.1 <= maxDistance ?? .infinity }
    }

    static var even: RecordSelector { RecordSelector(metadata: .compare(key: "even", .equal(.boolean(true)))) }

    func close() async throws { try await database.close() }
}
