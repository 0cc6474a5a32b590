/// Writes a collection to `PREFIX.jsonl` and `PREFIX.npy`, the form that an ingest reads back.
///
/// Records come page by page, so memory holds one page and the ids seen. Both files get their names only when everything is there. Pages are cut by position: while
/// others write to the collection, records could be missed or come twice, so an export whose collection changed its size is refused at the end,
/// and so is one that met an id twice.
public struct Exporter: Sendable {
    private let client: ChromaClient
    private let collection: CollectionInfo
    private let pageSize: Int

    /// What an export wrote.
    public struct Summary: Equatable, Sendable {
        public let rowCount: Int
        public let dimension: Int
        public let recordsPath: String
        public let embeddingsPath: String
    }

    /// - Parameter pageSize: Records in one request, at least 1.
    public init(client: ChromaClient, collection: CollectionInfo, pageSize: Int) {
        self.client = client
        self.collection = collection
        self.pageSize = max(1, pageSize)
    }

    /// - Parameters:
    ///   - prefix: The path of both files without their endings; files of these names are replaced.
    ///   - progress: Told the rows written and all rows, after every page.
    /// - Throws: `ClientError`; then neither file is there, or the old ones still are.
    public func run(prefix: String, progress: (_ done: Int, _ total: Int) -> Void) async throws(ClientError) -> Summary {
        let total = try await client.count(collectionID: collection.id)
        let records = try ReplacedFile(path: prefix + ".jsonl")
        var matrix: NPYMatrixWriter?
        var dimension = collection.dimension ?? 0
        var done = 0
        var seen: Set<String> = []
        while true {
            let page = try await client.get(
                collectionID: collection.id, filter: RecordFilter(), limit: pageSize, offset: done,
                include: [.documents, .metadatas, .uris, .embeddings]
            ).records
            guard let first = page.first else { break }
            if matrix == nil {
                dimension = first.embedding?.count ?? dimension
                matrix = try NPYMatrixWriter(path: prefix + ".npy", dimension: dimension)
            }
            try matrix?.append(try vectors(of: page, dimension: dimension, firstRow: done + 1))
            try records.append(Self.lines(of: page))
            for record in page where !seen.insert(record.id).inserted { throw changed("a record came twice") }
            done += page.count
            progress(done, total)
        }
        let totalAfter = try await client.count(collectionID: collection.id)
        guard done == totalAfter else { throw changed("\(done) records were read, it has \(totalAfter)") }
        if matrix == nil { matrix = try NPYMatrixWriter(path: prefix + ".npy", dimension: dimension) }
        try matrix?.commit()
        try records.commit()
        return Summary(rowCount: done, dimension: dimension, recordsPath: prefix + ".jsonl", embeddingsPath: prefix + ".npy")
    }

    private func changed(_ how: String) -> ClientError {
        .data("the collection changed while it was exported (\(how)); nothing was written, try again when nobody writes")
    }

    private func vectors(of page: [StoredRecord], dimension: Int, firstRow: Int) throws(ClientError) -> [[Float]] {
        var vectors: [[Float]] = []
        vectors.reserveCapacity(page.count)
        for (index, record) in page.enumerated() {
            guard let vector = record.embedding else {
                throw .data("record \(firstRow + index) of the collection has no embedding, so it has no row in a matrix; nothing was written")
            }
            guard vector.count == dimension else {
                throw .unexpectedReply("record \(firstRow + index) has \(vector.count) components, the first one \(dimension)")
            }
            vectors.append(vector)
        }
        return vectors
    }

    private static func lines(of page: [StoredRecord]) -> [UInt8] {
        var output: [UInt8] = []
        for record in page {
            JSONWriter.append(record.json, to: &output)
            output.append(0x0A)
        }
        return output
    }
}
