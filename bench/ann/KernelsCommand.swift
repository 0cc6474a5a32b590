import ArgumentParser
import BenchSupport
import LyricaClient

/// Compares exact search with what the machine's memory can do.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Measure memory bandwidth, exact search beside it, and single distances.",
        discussion: """
            One exact search reads every row, so memory bandwidth is its limit; a search that looks at 8-bit codes first is through with more bytes \
            of floats per second than memory delivers. The three are measured in turn, within one run.
            """)

    @Option(help: .init("Search these vectors; without it clusters are made up.", valueName: "file")) var base: String?
    @Option(help: "Numbers per vector that is made up.") var dimension = 384
    @Option(help: "Size of the vectors that are made up, in MiB; several times the processor's caches.") var megabytes = 512
    @Option(help: "l2, ip or cosine.") var metric = "l2"
    @Option(name: .customLong("k"), help: "Results per query.") var k = 10
    @Option(help: "How many read, or search, at once.") var threads = 1
    @Option(help: "How often each is measured; the best counts.") var rounds = 7
    @Option(help: .init("Add a line of JSON to this file; - for the standard output, in place of the table.", valueName: "file")) var json: String?
    @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

    private static let heldOut = 100

    func validate() throws {
        guard (1...65_535).contains(dimension), (1...1 << 20).contains(megabytes) else {
            throw ValidationError("--dimension is from 1 to 65535, --megabytes from 1 to 1048576")
        }
        guard (1...10_000).contains(k), (1...1_024).contains(threads), (1...10_000).contains(rounds) else {
            throw ValidationError("--k and --rounds are from 1 to 10000, --threads from 1 to 1024")
        }
        _ = try source()
    }

    private func source() throws -> DataOptions {
        let rows = max(k + 1, megabytes << 20 / (dimension * 4))
        return try DataOptions.parse(
            (base.map { ["--base", $0] } ?? ["--synthetic", "\(rows),\(dimension),\(max(1, rows / 1_000))"])
                + ["--metric", metric, "--held-out", String(Self.heldOut)])
    }

    func run() throws {
        let source = try source()
        try reportingErrors { () throws(ClientError) in
            let style = ProgressReporter.Style.suitable(quiet: quiet)
            let data = try source.load(progress: style)
            style.note("measuring")
            let rows = try BaseRows(data.base, metric: data.metric, encodes: true)
            let bandwidth = try MemoryBandwidth(rows, queries: data.queries, k: k, threads: threads, rounds: rounds)
            let report = KernelsReport(data: data, k: k, threads: threads, bandwidth: bandwidth, timings: KernelTimings.all(data.base))
            if let json { try ResultFile.append([report.json], to: json) }
            if json != "-" { try ResultFile.print(report.lines(width: Terminal.columns(.output))) }
        }
    }
}
