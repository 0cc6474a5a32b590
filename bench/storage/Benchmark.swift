import ArgumentParser

/// A question about the engine, answered by one or more steps.
enum Benchmark: String, CaseIterable {
    case ingest, commits, rows, filters, collections, recovery

    /// Later steps read what earlier ones left in the directory.
    var steps: [Step] {
        switch self {
        case .ingest: [.ingest]
        case .commits: [.commits]
        case .rows: [.loadRows, .openRowsUncached, .openRows]
        case .filters: [.filters]
        case .collections: [.loadCollections, .openCollections]
        case .recovery: [.fillLog, .recover]
        }
    }
}

/// What one process does.
enum Step: String, CaseIterable, ExpressibleByArgument {
    case ingest
    case commits
    case loadRows = "load-rows"
    case openRowsUncached = "open-rows-uncached"
    case openRows = "open-rows"
    case filters
    case loadCollections = "load-collections"
    case openCollections = "open-collections"
    case fillLog = "fill-log"
    case recover

    func run(in directory: String, _ sizes: Sizes) async throws -> [Measurement] {
        switch self {
        case .ingest: try await IngestBenchmark(directory: directory, sizes: sizes).run()
        case .commits: try await CommitBenchmark(directory: directory, sizes: sizes).run()
        case .loadRows: try await RowsBenchmark(directory: directory, sizes: sizes).load()
        case .openRowsUncached: try await RowsBenchmark(directory: directory, sizes: sizes).openUncached()
        case .openRows: try await RowsBenchmark(directory: directory, sizes: sizes).openAndRead()
        case .filters: try FiltersBenchmark(directory: directory, sizes: sizes).run()
        case .loadCollections: try await CollectionsBenchmark(directory: directory, sizes: sizes).load()
        case .openCollections: try await CollectionsBenchmark(directory: directory, sizes: sizes).open()
        case .fillLog: try await RecoveryBenchmark(directory: directory, sizes: sizes).fill()
        case .recover: try await RecoveryBenchmark(directory: directory, sizes: sizes).recover()
        }
    }
}
