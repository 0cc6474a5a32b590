import LyricaClient
import Testing

@Suite struct IngestInputTests {
    private let reader = RecordReader(fields: FieldNames())

    private func dryRun(_ text: String, embeddings: [[Float]]? = nil, collectionDimension: Int? = nil) throws -> ValidationReport {
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "rows.jsonl")
        let embeddingsPath = try embeddings.map { try folder.write(FileBuilders.fbin($0), to: "rows.fbin") }
        let input = try IngestInput(path: path, embeddingsPath: embeddingsPath)
        return try DryRun.run(input.records(reader: reader), collectionDimension: collectionDimension) { _ in }
    }

    @Test func findsProblemsBetweenRows() throws {
        let report = try dryRun("""
            {"id":"a","embedding":[1,2]}
            {"id":"b","embedding":[1,2]}
            {"id":"a","embedding":[0,0]}
            {"id":"c","embedding":[1,2,3]}\r
            {"id":"d","embedding":[0,-0.0]}

            """)
        #expect(report.rowCount == 5)
        #expect(report[.duplicateID].first.map(\.row) == [3])
        #expect(report[.dimension].first == [RowProblem(row: 4, kind: .dimension, detail: "3 components, row 1 has 2")])
        #expect(report[.duplicateVector].first.map(\.row) == [2])
        #expect(report[.zeroVector].first.map(\.row) == [3, 5])
        #expect(report.errorCount == 2)
        #expect(report.warningCount == 3)
    }

    @Test func comparesWithTheCollection() throws {
        let report = try dryRun(#"{"id":"a","embedding":[1,2]}"#, collectionDimension: 3)
        #expect(report[.dimension].first.map(\.detail) == ["2 components, the collection has 3"])
    }

    @Test func showsTheFirstOfManyAndCountsAll() throws {
        let text = (0..<45).map { _ in #"{"id":""}"# }.joined(separator: "\n")
        let report = try dryRun(text, embeddings: (0..<45).map { [Float($0) + 1] })
        #expect(report[.id].total == 45)
        #expect(report[.id].first.map(\.row) == Array(1...20))
        #expect(report.lines.contains("  … and 25 more"))
        #expect(report.json.object?["is_valid"] == .bool(false))
    }

    @Test func joinsLinesWithVectorsByRow() throws {
        let folder = try TemporaryFolder()
        let count = 700
        let text = (0..<count).map { #"{"id":"r\#($0)"}"# }.joined(separator: "\n") + "\n\n  \n"
        let input = try IngestInput(
            path: try folder.write(text, to: "a.jsonl"),
            embeddingsPath: try folder.write(FileBuilders.fvecs((0..<count).map { [Float($0), 1] }), to: "a.fvecs")
        )
        #expect(input.rowCount == count)
        var source = try input.records(reader: reader)
        var rows = 0
        while let row = try source.next() {
            let record = try row.result.get()
            #expect(record.id == "r\(rows)")
            #expect(record.embedding == [Float(rows), 1])
            rows += 1
        }
        #expect(rows == count)
    }

    @Test func refusesUnequalLengthsBeforeAnythingElse() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("{\"id\":\"a\"}\n{\"id\":\"b\"}\n", to: "a.jsonl")
        let vectors = try folder.write(FileBuilders.fbin([[1], [2], [3]]), to: "a.fbin")
        let error = #expect(throws: ClientError.self) { try IngestInput(path: path, embeddingsPath: vectors) }
        #expect(error?.message == "\(path) has 2 rows, but \(vectors) has 3; nothing was sent")
    }

    @Test func aBlankLineBetweenRowsIsAProblem() throws {
        let report = try dryRun("{\"id\":\"a\",\"embedding\":[1]}\n\n{\"id\":\"b\",\"embedding\":[2]}")
        #expect(report[.blankLine].first.map(\.row) == [2])
        #expect(report.errorCount == 1)
    }

    @Test func linesAreCutWhereTheyEnd() throws {
        let folder = try TemporaryFolder()
        let long = String(repeating: "x", count: 600_000)
        let file = try InputFile(path: try folder.write("a\r\n\(long)\nlast", to: "lines"))
        var reader = try file.lines()
        #expect(try reader.next() == Line(number: 1, bytes: [0x61], endOffset: 3))
        #expect(try reader.next()?.bytes.count == 600_000)
        #expect(try reader.next() == Line(number: 3, bytes: Array("last".utf8), endOffset: 600_008))
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        var later = try file.lines(fromOffset: 600_004, lineNumber: 3)
        #expect(try later.next()?.number == 3)
    }
}
