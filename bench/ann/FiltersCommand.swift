import ArgumentParser
import BenchSupport
import LyricaClient

/// Measures searches that may return a part of the rows only.
struct FiltersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filters", abstract: "Measure searches under filters of many selectivities.",
        discussion: "bench/filters/make.py makes the filters and finds what should be found; bench/filters/README.md says how to read the results.")

    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Index") var index: IndexOptions
    @Option(help: .init("The filters that make.py wrote.", valueName: "folder")) var filters: String
    @Option(parsing: .upToNextOption, help: .init("Only these filters.", valueName: "names")) var only: [String] = []
    @Option(name: .customLong("k"), help: "Results per query.") var k = 10
    @Option(help: "How often all queries are asked for a setting; the fastest time counts.") var rounds = 3
    @Option(help: .init("Add a line of JSON for each setting to this file; - for the standard output, in place of the table.", valueName: "file"))
    var json: String?
    @Option(help: .init("Search an index that was saved over the same vectors instead of building.", valueName: "file")) var loadIndex: String?
    @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

    func validate() throws {
        guard (1...10_000).contains(k), (1...1_000).contains(rounds) else { throw ValidationError("--k is from 1 to 10000, --rounds from 1 to 1000") }
        if index.recipe == nil, loadIndex != nil { throw ValidationError("an exact search has no index to load") }
    }

    func run() throws {
        let efforts = try index.efforts()
        try reportingErrors { () throws(ClientError) in
            let style = ProgressReporter.Style.suitable(quiet: quiet)
            let folder = try FilterFolder(path: filters, only: only)
            let run = FilterRun(data: try data.load(progress: style), folder: folder, k: k, rounds: rounds, seed: data.seed, style: style)
            let usual = index.recipe?.usualEfforts(atLeast: k) ?? []
            let lines = try run.measure(index.recipe, imagePath: loadIndex, efforts: efforts ?? usual)
            if let json { try ResultFile.append(lines, to: json) }
            if json != "-" { try ResultFile.print(ResultTable.settings(lines, width: Terminal.columns(.output))) }
        }
    }
}
