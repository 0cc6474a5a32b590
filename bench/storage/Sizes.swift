import ArgumentParser

/// How much of everything.
struct Sizes: ParsableArguments {
    @Flag(help: "Sizes that take seconds: shows that the benchmark works, not how fast anything is.") var smoke = false
    @Option(name: .customLong("rows"), help: "Rows of the large collection (default 1000000).") var rowsGiven: Int?
    @Option(name: .customLong("ingest-rows"), help: "Rows to ingest (default 700000: 1.2 GiB of log).") var ingestRowsGiven: Int?
    @Option(name: .customLong("collections"), help: "Small collections (default 5000).") var collectionsGiven: Int?
    @Option(name: .customLong("log-bytes"), help: "Log that recovery reads (default 134217728).") var logBytesGiven: Int?
    @Option(help: "Tasks that ingest.") var writers = 4
    @Option(help: "Numbers per vector.") var dimension = 384
    @Option(help: "Seed of the rows.") var seed: UInt64 = 1

    var rows: Int { rowsGiven ?? (smoke ? 4_000 : 1_000_000) }
    var ingestRows: Int { ingestRowsGiven ?? (smoke ? 8_000 : 700_000) }
    var collections: Int { collectionsGiven ?? (smoke ? 50 : 5_000) }
    var logBytes: Int { logBytesGiven ?? (smoke ? 4 << 20 : 128 << 20) }
    var rowsPerBatch: Int { 500 }
    var rowsPerCollection: Int { 20 }
    var concurrentWriters: Int { 32 }
    var commitSeconds: Double { smoke ? 0.1 : 2 }
    var commitRounds: Int { smoke ? 1 : 5 }
    var pointReads: Int { smoke ? 200 : 20_000 }

    func validate() throws {
        guard rows > 0, ingestRows > 0, collections > 0, logBytes > 0, writers > 0 else { throw ValidationError("sizes are at least 1") }
        guard (1...4_096).contains(dimension) else { throw ValidationError("--dimension is from 1 to 4096") }
    }

    /// The same sizes as command-line arguments.
    var arguments: [String] {
        let given: [(String, Int?)] = [
            ("--rows", rowsGiven), ("--ingest-rows", ingestRowsGiven), ("--collections", collectionsGiven), ("--log-bytes", logBytesGiven),
            ("--writers", writers), ("--dimension", dimension),
        ]
        return (smoke ? ["--smoke"] : []) + given.flatMap { name, value in value.map { [name, String($0)] } ?? [] } + ["--seed", String(seed)]
    }
}
