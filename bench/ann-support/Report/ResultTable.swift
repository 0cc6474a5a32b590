import LyricaClient

/// Results for people: every setting, and the most queries per second at the recalls that one asks for.
package enum ResultTable {
    /// Recalls that the summary tells of.
    package static let recallGoals = [0.90, 0.95, 0.98, 0.99, 0.995]

    /// One line per setting.
    package static func settings(_ lines: [ResultLine], width: Int?) -> [String] {
        var table = Table([
            .init("search", shrinks: true), .init("recall", alignsRight: true), .init("queries/s", alignsRight: true),
            .init("p50 µs", alignsRight: true), .init("p99 µs", alignsRight: true),
        ])
        for line in lines {
            table.add([
                line.searchText.isEmpty ? "-" : line.searchText, fixed(line.recall, 4), grouped(line.queriesPerSecond),
                fixed(line.p50Microseconds, 1), fixed(line.p99Microseconds, 1),
            ])
        }
        return table.lines(width: width)
    }

    /// One line per configuration: the fastest setting that reaches each of the goals.
    package static func summary(_ lines: [ResultLine], width: Int?) -> [String] {
        var table = Table(
            [.init("configuration", shrinks: true), .init("build s", alignsRight: true)] + recallGoals.map { .init("q/s @ \($0)", alignsRight: true) }
                + [.init("index", alignsRight: true)])
        for group in grouped(lines) {
            let fastest = recallGoals.map { goal in
                group.lines.filter { $0.recall >= goal }.map(\.queriesPerSecond).max().map { grouped($0) } ?? "–"
            }
            let first = group.lines[0]
            let build = first.buildSeconds.map { fixed($0, 1) } ?? "–"
            table.add([group.name, build] + fastest + [first.indexBytes.map(ByteCount.text) ?? "–"])
        }
        return table.lines(width: width)
    }

    /// The lines of each configuration, in the order in which the configurations first appear.
    static func grouped(_ lines: [ResultLine]) -> [(name: String, lines: [ResultLine])] {
        var names: [String] = []
        var groups: [String: [ResultLine]] = [:]
        for line in lines {
            if groups[line.configuration] == nil { names.append(line.configuration) }
            groups[line.configuration, default: []].append(line)
        }
        return names.map { ($0, groups[$0]!) }
    }

    /// With thousands set apart, and decimals only where there is room for doubt.
    static func grouped(_ value: Double) -> String {
        value >= 100 ? ProgressMeter.grouped(Int(min(value, 1e15).rounded())) : fixed(value, 1)
    }

    /// With a fixed number of decimals.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        guard value.isFinite, abs(value) < 1e15 else { return "?" }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(scaled % scale + scale).dropFirst()
        return (value < 0 && scaled > 0 ? "-" : "") + String(scaled / scale) + (decimals > 0 ? "." + fraction : "")
    }
}
