import ArgumentParser
import BenchSupport
import LyricaClient

/// Shows results of one or several runs beside each other.
struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw and compare results that were written with --json, of whatever engines.")

    @Argument(help: .init("Files of JSON lines.", valueName: "file")) var results: [String]
    @Option(name: .shortAndLong, help: .init("The picture; without it only the table is printed.", valueName: "file.svg")) var output: String?

    func validate() throws {
        if results.isEmpty { throw ValidationError("at least one file is needed") }
    }

    func run() throws {
        try reportingErrors { () throws(ClientError) in
            var lines: [ResultLine] = []
            for path in results { lines += try ResultFile.read(path) }
            guard let first = lines.first else { throw .data("there are no results in \(results.joined(separator: ", "))") }
            for line in lines where (line.dataset, line.k, line.threads) != (first.dataset, first.k, first.threads) {
                func text(_ line: ResultLine) -> String { "\(line.dataset), k=\(line.k), threads=\(line.threads)" }
                throw .data("results of \(text(first)) and of \(text(line)) are not comparable")
            }
            try ResultFile.print(ResultTable.summary(lines, width: Terminal.columns(.output)))
            if let output { try ResultFile.replace(output, with: RecallPlot(lines).svg) }
        }
    }
}
