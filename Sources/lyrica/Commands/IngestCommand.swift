import ArgumentParser
import LyricaClient

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Store the records of a JSON Lines file.",
        discussion: """
            Each line is an object with "id" (a string), "document", "metadata" and "uri" (optional), and "embedding" (an array of numbers), unless the \
            embeddings are in a file of their own (.npy with float16, float32 or float64; .fvecs; .fbin), whose row n belongs to line n. Other keys are left \
            aside; the options --…-field name other keys. The file - is the standard input.

            An ingest reads while it sends and holds a few batches in memory. It stops at the first row that cannot be stored; --dry-run finds all of them \
            beforehand: types, lengths, dimensions, NaN and infinities, duplicate ids, and as warnings zero and duplicate vectors. Lost connections and the \
            answers 429, 502, 503 and 504 are tried again after growing waits.

            With --checkpoint, every acknowledged batch is noted in a file, and --resume goes on behind it, if collection and files are still the same. \
            Without, the command can simply be run again: records that are stored already are written again unchanged.

            With a --concurrency above 1, rows may be stored in another order than that of the file.

            Exit code 0 when all rows are stored (with --dry-run: when there are no errors), 1 when the server or the data said no, 3 when the server cannot \
            be reached.

            EXAMPLES
              lyrica ingest psalms p.jsonl --embeddings p.npy --create --metric cosine
              lyrica ingest glosses g.jsonl --embeddings g.npy --document-field text --dry-run
              lyrica ingest glosses g.jsonl --checkpoint g.checkpoint --resume
              zcat songs.jsonl.gz | lyrica ingest songs -
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The collection's name.")
    var collection: String

    @Argument(help: "The JSON Lines file, or - for the standard input.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("A file of vectors, one for each line.", valueName: "file"))
    var embeddings: String?

    @Flag(name: .long, help: "Create the collection if there is none.")
    var create = false

    @Option(name: .long, help: "How a new collection measures distances; an existing one must agree. (default: l2 for a new one)")
    var metric: DistanceMetric?

    @Option(name: .long, help: ArgumentHelp("Rows in one request; fewer if the server or the size of the rows demands it.", valueName: "rows"))
    var batchSize = 500

    @Option(name: .long, help: "What happens to ids that are stored already: add leaves them, upsert updates them.")
    var mode = WriteMode.upsert

    @Option(name: .long, help: ArgumentHelp("Note progress in this file.", valueName: "file"))
    var checkpoint: String?

    @Flag(name: .long, help: "Go on where the checkpoint ends.")
    var resume = false

    @Flag(name: .long, help: "Check everything and send nothing.")
    var dryRun = false

    @Option(name: .long, help: ArgumentHelp("How often a failed request is tried again.", valueName: "count"))
    var retries = 5

    @Option(name: .long, help: ArgumentHelp("How many requests are on their way at once.", valueName: "count"))
    var concurrency = 1

    @OptionGroup var fields: FieldOptions

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(batchSize) else { throw ValidationError("--batch-size takes 1 to 1000000.") }
        guard (0...100).contains(retries) else { throw ValidationError("--retries takes 0 to 100.") }
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 64.") }
        guard !resume || checkpoint != nil else { throw ValidationError("--resume needs --checkpoint.") }
        if file == InputFile.standardInputPath {
            guard checkpoint == nil else { throw ValidationError("The standard input cannot be read again, so it has no --checkpoint.") }
            guard embeddings == nil else { throw ValidationError("The standard input cannot be counted, so it has no --embeddings.") }
        }
    }

    func run() async throws {
        try await connection.run(retries: dryRun ? 0 : retries, quiet: quiet) { client in
            let input = try IngestInput(path: file, embeddingsPath: embeddings)
            if dryRun {
                try await check(input, client)
            } else {
                try await store(input, client)
            }
        }
    }
}

/// Names of the keys in a line.
struct FieldOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The key of the id.", valueName: "key"))
    var idField = "id"

    @Option(name: .long, help: ArgumentHelp("The key of the document.", valueName: "key"))
    var documentField = "document"

    @Option(name: .long, help: ArgumentHelp("The key of the metadata.", valueName: "key"))
    var metadataField = "metadata"

    @Option(name: .long, help: ArgumentHelp("The key of the embedding.", valueName: "key"))
    var embeddingField = "embedding"

    @Option(name: .long, help: ArgumentHelp("The key of the uri.", valueName: "key"))
    var uriField = "uri"

    var names: FieldNames {
        FieldNames(id: idField, document: documentField, metadata: metadataField, embedding: embeddingField, uri: uriField)
    }
}
