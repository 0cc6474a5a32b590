import BenchSupport
import LyricaClient
import Testing

@Suite struct ReportTests {
    static func line(engine: String = "lyrica", recall: Double = 0.95, queriesPerSecond: Double = 1_234.56, effort: Int = 40) -> ResultLine {
        ResultLine(
            dataset: "glosses", n: 1_000, dimension: 12, metric: "cosine", k: 10, queries: 100, engine: engine, index: "hnsw",
            parameters: JSONObject([.init("M", .integer(16))]), search: JSONObject([.init("efSearch", .integer(Int64(effort)))]), threads: 1,
            buildSeconds: 1.5, recall: recall, queriesPerSecond: queriesPerSecond, p50Microseconds: 20.25, p99Microseconds: 71, indexBytes: 4_096,
            residentBytes: nil, diskBytes: 52_096, machine: "a \"machine\"")
    }

    @Test func lineHasExactlyTheSharedKeys() throws {
        let text = Self.line().json
        let keys = try #require(try JSONParser.parse(text).object).members.map(\.key)
        #expect(
            keys == [
                "dataset", "n", "dimension", "metric", "k", "queries", "engine", "index", "parameters", "search", "threads", "build_seconds",
                "recall", "qps", "p50_us", "p99_us", "index_bytes", "resident_bytes", "disk_bytes", "machine",
            ])
        #expect(!text.contains("\n"))
    }

    @Test func lineIsReadBack() throws {
        var line = Self.line()
        line.queriesPerSecond = 1_234.6
        #expect(try ResultLine(parsing: line.json) == line)
        line.buildSeconds = nil
        #expect(try ResultLine(parsing: line.json) == line)
        #expect(line.configuration == "lyrica hnsw M=16")
        #expect(line.searchText == "efSearch=40")
    }

    @Test(arguments: ["", "[]", "{", "{}", #"{"dataset":1}"#, "null"]) func otherTextIsRefused(text: String) {
        #expect(throws: ClientError.self) { try ResultLine(parsing: text) }
    }

    @Test func filesGrowAndNameTheirBadLines() throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "results.jsonl")
        try ResultFile.append([Self.line(effort: 10)], to: path)
        try ResultFile.append([Self.line(effort: 20), Self.line(effort: 30)], to: path)
        #expect(try ResultFile.read(path).map(\.searchText) == ["efSearch=10", "efSearch=20", "efSearch=30"])
        try ResultFile.append(["{}"], to: path)
        let error = #expect(throws: ClientError.self) { try ResultFile.read(path) }
        #expect(error?.message.contains("line 4 ") == true)
    }

    @Test func summaryTellsTheFastestOfEachGoal() {
        let lines = [
            Self.line(recall: 0.91, queriesPerSecond: 5_000), Self.line(recall: 0.96, queriesPerSecond: 3_000),
            Self.line(recall: 0.985, queriesPerSecond: 3_100), Self.line(engine: "other", recall: 0.999, queriesPerSecond: 10),
        ]
        let table = ResultTable.summary(lines, width: nil)
        #expect(table.count == 4)
        func cells(_ line: String) -> [Substring] { line.split(separator: " ").suffix(7) }
        #expect(cells(table[2]).map(String.init) == ["5,000", "3,100", "3,100", "–", "–", "4.0", "KiB"])
        #expect(cells(table[3]).map(String.init) == ["10.0", "10.0", "10.0", "10.0", "10.0", "4.0", "KiB"])
    }

    @Test func decimalsAreFixed() {
        #expect(ResultTable.fixed(1.005, 1) == "1.0")
        #expect(ResultTable.fixed(0.99996, 4) == "1.0000")
        #expect(ResultTable.fixed(-2.25, 1) == "-2.3")
        #expect(ResultTable.fixed(12.03, 2) == "12.03")
        #expect(ResultTable.fixed(7.6, 0) == "8")
        #expect(ResultTable.fixed(.nan, 2) == "?")
        #expect(ResultTable.fixed(1e300, 2) == "?")
    }
}

@Suite struct RecallPlotTests {
    /// The centres of the dots of results, in the order of the lines.
    static func dots(_ svg: String) -> [(x: Double, y: Double)] {
        svg.split(separator: "\n").filter { $0.hasPrefix("<circle") && $0.contains("queries/s") }.map { circle in
            func number(_ name: String) -> Double {
                let start = circle.split(separator: "\(name)=\"", maxSplits: 1)[1]
                return Double(start.prefix { $0 != "\"" }) ?? .nan
            }
            return (number(" cx"), number(" cy"))
        }
    }

    @Test func betterIsFurtherUpAndRight() {
        let recalls = [0.5, 0.8, 0.95, 0.97, 0.999]
        let lines = recalls.enumerated().map { ReportTests.line(recall: $1, queriesPerSecond: 10_000 / Double($0 + 1)) }
        let dots = Self.dots(RecallPlot(lines).svg)
        #expect(dots.count == recalls.count)
        for (left, right) in zip(dots, dots.dropFirst()) { #expect(left.x < right.x && left.y < right.y) }
    }

    @Test func missesCountByTheirLogarithm() {
        let dots = Self.dots(RecallPlot([0.9, 0.99, 0.999].map { ReportTests.line(recall: $0) }).svg)
        #expect(abs((dots[1].x - dots[0].x) - (dots[2].x - dots[1].x)) < 0.1)
    }

    @Test(arguments: [0, 0.3, 0.9, 0.97, 1], [0, 1e-9, 20, 1e12, .infinity]) func everyResultHasItsPlace(recall: Double, queriesPerSecond: Double) {
        let line = ReportTests.line(recall: recall, queriesPerSecond: queriesPerSecond)
        for lines in [[line], [ReportTests.line(), line]] {
            let dots = Self.dots(RecallPlot(lines).svg)
            #expect(dots.count == lines.count)
            #expect(dots.allSatisfy { (90...830).contains($0.x) && (64...464).contains($0.y) })
        }
    }

    @Test func namesAreEscapedAndEveryConfigurationIsNamed() {
        let svg = RecallPlot([ReportTests.line(engine: "<a&\"b\">"), ReportTests.line(engine: "second")]).svg
        #expect(!svg.contains("<a&"))
        #expect(svg.contains(">&lt;a&amp;&quot;b&quot;&gt; hnsw M=16</text>"))
        #expect(svg.contains(">second hnsw M=16</text>"))
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    }
}
