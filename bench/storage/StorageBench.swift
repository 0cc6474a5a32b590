import ArgumentParser
import Glibc

/// Measures the storage engine at its own interface, without HTTP. `README.md` says how to read what it prints.
@main
struct StorageBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage-bench",
        abstract: "Measures the storage engine: durable ingest, commits, point reads, start, memory, recovery.",
        discussion: """
            Every step runs in a process of its own, so that memory and caches of one do not colour the next. What is compared, is compared within \
            one run: ingest with plain writes of the same bytes, 32 writers with one. Close other programs first: a busy neighbour shows in all \
            figures.
            """,
        subcommands: [RunSuite.self, RunStep.self], defaultSubcommand: RunSuite.self)
}

/// Runs the steps one after another and shows what they measured.
struct RunSuite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the benchmark (the default).")

    @OptionGroup var sizes: Sizes
    @Option(help: "Only these steps, with commas between: \(Benchmark.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: String?
    @Option(help: .init("Where to put the data; needs about 5 GB. Made and removed unless it exists.", valueName: "path"))
    var directory: String?
    @Option(help: .init("Also write the measurements to this file, as JSON.", valueName: "path")) var json: String?
    @Flag(help: "Keep the data.") var keep = false

    func validate() throws { _ = try chosen() }

    private func chosen() throws -> [Benchmark] {
        guard let only else { return Benchmark.allCases }
        return try only.split(separator: ",").map { name in
            guard let benchmark = Benchmark(rawValue: String(name)) else { throw ValidationError("there is no benchmark \(name)") }
            return benchmark
        }
    }

    func run() async throws {
        var standardError = StandardError()
        let place = try WorkDirectory(directory, keep: keep)
        defer { place.remove() }
        var report = Report(machine: .now())
        for benchmark in try chosen() {
            for step in benchmark.steps {
                print("\(step.rawValue) …", to: &standardError)
                let measured = try ChildProcess.run(["step", step.rawValue, "--directory", place.path] + sizes.arguments)
                report.measurements += try Report.decode(measured)
            }
            place.empty()
        }
        report.machineAtEnd = .now()
        print(report.table)
        if let json { try report.write(to: json) }
    }
}

/// Runs one step in this process and prints its measurements as JSON.
struct RunStep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "step", shouldDisplay: false)

    @Argument var step: Step
    @Option var directory: String
    @OptionGroup var sizes: Sizes

    func run() async throws {
        let measurements = try await step.run(in: directory, sizes)
        print(try Report.encode(measurements))
    }
}

/// Where progress goes, so that the table and JSON stand alone on the standard output.
private struct StandardError: TextOutputStream {
    func write(_ string: String) {
        var text = string
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
