import ArgumentParser
import LyricaClient

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a collection to files.",
        discussion: """
            Writes PREFIX.jsonl, a line for each record with id, document, metadata and uri, and PREFIX.npy, a float32 matrix with the embeddings in the \
            same order. Both appear, complete, at the end, and replace files of these names. 'lyrica ingest' reads them back.

            A record without an embedding, or a collection whose size changes meanwhile, ends the export with exit code 1 and without files.

            EXAMPLES
              lyrica export psalms --out backup/psalms
              lyrica ingest copy backup/psalms.jsonl --embeddings backup/psalms.npy --create
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The collection's name.")
    var collection: String

    @Option(name: .long, help: ArgumentHelp("The path of the files without .jsonl and .npy.", valueName: "prefix"))
    var out: String

    @Option(name: .long, help: ArgumentHelp("Records in one request.", valueName: "count"))
    var page = 1_000

    @Option(name: .long, help: ArgumentHelp("How often a failed request is tried again.", valueName: "count"))
    var retries = 5

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print JSON: rows, dimension and the files written.")
    var json = false

    func validate() throws {
        guard !out.isEmpty, !out.hasSuffix("/") else { throw ValidationError("--out takes the beginning of a file name.") }
        guard (1...100_000).contains(page) else { throw ValidationError("--page takes 1 to 100000.") }
        guard (0...100).contains(retries) else { throw ValidationError("--retries takes 0 to 100.") }
    }

    func run() async throws {
        try await connection.run(retries: retries, quiet: quiet) { client in
            let info = try await client.collection(named: collection)
            var reporter: ProgressReporter?
            let summary = try await Exporter(client: client, collection: info, pageSize: page).run(prefix: out) { done, total in
                if reporter == nil { reporter = ProgressReporter(style: .suitable(quiet: quiet), total: total) }
                reporter?.advance(to: done)
            }
            reporter?.finish()
            if json {
                try Output.print(json: .object(JSONObject([
                    .init("rows", .integer(Int64(summary.rowCount))),
                    .init("dimension", .integer(Int64(summary.dimension))),
                    .init("records", .string(summary.recordsPath)),
                    .init("embeddings", .string(summary.embeddingsPath)),
                ])))
            } else {
                try Output.print(["\(ProgressMeter.grouped(summary.rowCount)) records in \(summary.recordsPath) and \(summary.embeddingsPath)"])
            }
        }
    }
}
