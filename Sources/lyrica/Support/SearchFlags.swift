import ArgumentParser
import LyricaClient

/// How one query is to be searched. The server checks the numbers: their limits are its own.
struct SearchFlags: ParsableArguments {
    @Flag(name: .long, help: "Compare with every record, whatever index there is.")
    var exact = false

    @Option(name: .long, help: ArgumentHelp("Candidates that the search of a graph keeps: more find more and take longer.", valueName: "count"))
    var efSearch: Int?

    @Option(name: .long, help: ArgumentHelp("Lists of an inverted file that are looked into: more find more and take longer.", valueName: "count"))
    var nprobe: Int?

    @Option(name: .long, help: ArgumentHelp("Candidates per result whose distances are computed from the stored vectors.", valueName: "count"))
    var rerank: Int?

    @Option(name: .long, help: ArgumentHelp("Time after which the server gives up.", valueName: "milliseconds"))
    var timeoutMs: Int?

    var options: SearchOptions {
        SearchOptions(efSearch: efSearch, nprobe: nprobe, isExact: exact, rerank: rerank, timeoutMilliseconds: timeoutMs)
    }
}
