import ArgumentParser
import BenchSupport
import LyricaClient

/// Builds one index, searches it with many settings and shows what each gives.
struct AnnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ann", abstract: "Measure one index over a set of vectors (the default).",
        discussion: """
            Builds the index, warms up and asks all queries for each setting. Prints a table; --json adds a line for each setting to a file, \
            --plot draws recall against queries per second.
            """)

    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Index") var index: IndexOptions
    @Option(name: .customLong("k"), help: "Results per query.") var k = 10
    @Option(help: "How many search at once.") var threads = 1
    @Option(help: "How many build at once; without it as many as search.") var buildThreads: Int?
    @Option(help: "How often all queries are asked for a setting, oftener if that is over in a moment; the fastest time counts. 1: just once.")
    var rounds = 3
    @Option(help: .init("Add a line of JSON for each setting to this file; - for the standard output, in place of the table.", valueName: "file"))
    var json: String?
    @Option(help: .init("Draw recall against queries per second.", valueName: "file.svg")) var plot: String?
    @Option(help: .init("Write the built index, for --load-index.", valueName: "file")) var saveIndex: String?
    @Option(help: .init("Search an index that was saved over the same vectors instead of building.", valueName: "file")) var loadIndex: String?
    @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

    func validate() throws {
        guard (1...10_000).contains(k) else { throw ValidationError("--k is from 1 to 10000") }
        guard (1...1_024).contains(threads), (1...1_024).contains(buildThreads ?? 1) else { throw ValidationError("threads are from 1 to 1024") }
        guard (1...1_000).contains(rounds) else { throw ValidationError("--rounds is from 1 to 1000") }
        if index.recipe == nil, saveIndex != nil || loadIndex != nil { throw ValidationError("an exact search has no index to save or to load") }
        if saveIndex != nil, loadIndex != nil { throw ValidationError("either --save-index or --load-index") }
    }

    func run() throws {
        let (efforts, reranks) = (try index.efforts(), try index.reranks())
        try reportingErrors { () throws(ClientError) in
            let style = ProgressReporter.Style.suitable(quiet: quiet)
            let run = AnnRun(
                data: try data.load(progress: style), k: k, threads: threads, buildThreads: buildThreads ?? threads, rounds: rounds, seed: data.seed,
                style: style)
            let result: AnnResult
            if let recipe = index.recipe {
                let place: AnnRun.IndexPlace = loadIndex.map { .load($0) } ?? saveIndex.map { .build(saveTo: $0) } ?? .build(saveTo: nil)
                result = try run.approximate(recipe, place, efforts: efforts, reranks: reranks)
            } else {
                result = try run.exact(batch: index.batch, codes: index.codes)
            }
            try show(result)
        }
    }

    private func show(_ result: AnnResult) throws(ClientError) {
        if let json { try ResultFile.append(result.lines, to: json) }
        if json != "-" { try ResultFile.print(result.report(width: Terminal.columns(.output))) }
        if let plot { try ResultFile.replace(plot, with: RecallPlot(result.lines).svg) }
    }
}
