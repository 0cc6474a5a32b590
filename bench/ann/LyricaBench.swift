import ArgumentParser
import BenchSupport
import LyricaClient

/// Measures the indexes at their own interface, without a server. `README.md` says how to read what it prints.
@main
struct LyricaBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lyrica-bench",
        abstract: "Measures nearest-neighbour search: recall, queries per second, latency, build time, memory, disk.",
        discussion: "Close other programs first: a busy neighbour shows in all figures. Compare within one run, as ratios.",
        subcommands: [AnnCommand.self, FiltersCommand.self, PlotCommand.self, KernelsCommand.self], defaultSubcommand: AnnCommand.self)
}

/// Runs what may fail for reasons that users understand, and ends the program with their message.
func reportingErrors(_ work: () throws(ClientError) -> Void) throws {
    do {
        try work()
    } catch {
        Terminal.note("Error: \(error.message)")
        throw ExitCode(error.exitCode)
    }
}
