import ArgumentParser
import LyricaClient

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Find the records nearest to a vector.",
        discussion: """
            The vector is given as JSON, as a row of a file of vectors (.npy, .fvecs, .fbin), or as the id of a stored record, which is then left out of \
            the answer. Distances are in the collection's metric: squared Euclidean for l2, one minus the cosine, one minus the inner product for ip.

            --exact, --ef-search, --nprobe, --rerank and --timeout-ms are understood by lyrica-vectord; they hold for this query only.

            EXAMPLES
              lyrica query psalms --like Psa.23.1 -k 5
              lyrica query psalms --embedding-file q.npy --row 3 --where '{"verse": 1}'
              lyrica query songs --embedding-file q.npy --ef-search 400
              lyrica query points --embedding '[0.5, 1, -2]' --json
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The collection's name.")
    var collection: String

    @Option(name: .long, help: ArgumentHelp("The vector as a JSON array of numbers.", valueName: "json"))
    var embedding: VectorArgument?

    @Option(name: .long, help: ArgumentHelp("A file of vectors.", valueName: "file"))
    var embeddingFile: String?

    @Option(name: .long, help: ArgumentHelp("Which vector of the file, counted from 1. (default: 1)", valueName: "number"))
    var row: Int?

    @Option(name: .long, help: ArgumentHelp("The id of a stored record whose neighbours are wanted.", valueName: "id"))
    var like: String?

    @Option(name: [.customShort("k"), .long], help: ArgumentHelp("How many records to find.", valueName: "count"))
    var count = 10

    @OptionGroup var filter: FilterOptions

    @OptionGroup var search: SearchFlags

    @Option(name: .long, help: ArgumentHelp("Parts of the records: distances, documents, metadatas, uris, embeddings.", valueName: "list"))
    var include = IncludeArgument([.distances, .documents, .metadatas])

    @Flag(name: .long, help: "Print JSON: an array of records, nearest first.")
    var json = false

    func validate() throws {
        let sources = [embedding != nil, embeddingFile != nil, like != nil].filter { $0 }.count
        guard sources == 1 else { throw ValidationError("Name the vector by exactly one of --embedding, --embedding-file and --like.") }
        guard row == nil || embeddingFile != nil else { throw ValidationError("--row goes with --embedding-file.") }
        if let row, row < 1 { throw ValidationError("--row counts from 1.") }
        guard count >= 1, count < Int(Int32.max) else { throw ValidationError("-k must be at least 1.") }
    }

    func run() async throws {
        try await connection.run { client in
            let info = try await client.collection(named: collection)
            let vector = try await vector(in: info, client)
            let selection = RecordFilter(condition: filter.condition?.object, documentCondition: filter.whereDocument?.object)
            let page = try await client.query(
                collectionID: info.id, embedding: vector, resultCount: like == nil ? count : count + 1, filter: selection, include: include.fields,
                options: search.options
            )
            let records = page.records.filter { $0.id != like }.prefix(count)
            try RecordOutput(records: Array(records), include: include.fields).print(asJSON: json)
        }
    }

    private func vector(in info: CollectionInfo, _ client: ChromaClient) async throws(ClientError) -> [Float] {
        if let embedding { return embedding.vector }
        if let embeddingFile { return try Self.vector(in: embeddingFile, row: row ?? 1) }
        let id = like ?? ""
        let page = try await client.get(collectionID: info.id, filter: RecordFilter(ids: [id]), limit: nil, offset: 0, include: [.embeddings])
        guard let record = page.records.first else { throw .data("there is no record '\(TerminalText.printable(id))' in this collection") }
        guard let vector = record.embedding else { throw .data("the record '\(TerminalText.printable(id))' has no embedding") }
        return vector
    }

    private static func vector(in path: String, row: Int) throws(ClientError) -> [Float] {
        let file = try EmbeddingFile.open(path: path)
        guard row <= file.rowCount else { throw .data("\(path) has \(file.rowCount) rows; there is no row \(row)") }
        guard let vector = try file.rows(row - 1..<row).first, vector.allSatisfy(\.isFinite) else {
            throw .data("row \(row) of \(path) has NaN or an infinity in it")
        }
        return vector
    }
}
