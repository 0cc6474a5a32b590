import LyricaClient
import Testing

@Suite struct IngestionTests {
    private let rowCount = 53

    private func input(in folder: TemporaryFolder) throws -> IngestInput {
        let text = (1...rowCount).map { #"{"id":"r\#($0)","document":"d\#($0)","embedding":[\#($0),1]}"# }.joined(separator: "\n")
        return try IngestInput(path: try folder.write(text, to: "rows.jsonl"), embeddingsPath: nil)
    }

    private func run(
        _ server: FakeServer, _ input: IngestInput, from start: RowPosition = .start, concurrency: Int, saved: inout RowPosition
    ) async throws -> AcknowledgementTracker {
        let batches = BatchReader(
            source: try input.records(reader: RecordReader(fields: FieldNames()), after: start),
            planner: BatchPlanner(rowsMax: 5, bytesMax: 1 << 20), collectionDimension: 2
        )
        let ingestion = Ingestion(
            client: server.client, collectionID: FakeServer.collectionID, encoder: BatchEncoder(mode: .upsert, usesBase64: false), concurrency: concurrency
        )
        return try await ingestion.run(batches, startingAt: start) { saved = $0.position }
    }

    @Test(arguments: [1, 2, 7]) func storesEveryRowOnce(concurrency: Int) async throws {
        let folder = try TemporaryFolder()
        let server = FakeServer()
        var saved = RowPosition.start
        let end = try await run(server, try input(in: folder), concurrency: concurrency, saved: &saved)
        #expect(Set(server.ids) == Set((1...rowCount).map { "r\($0)" }))
        #expect(server.writes == 11)
        #expect(end.position.rows == rowCount)
        #expect(saved == end.position)
        if concurrency == 1 { #expect(server.ids == (1...rowCount).map { "r\($0)" }) }
    }

    @Test(arguments: [1, 3], 1...11) func goesOnBehindTheLastAcknowledgedRow(concurrency: Int, failingCall: Int) async throws {
        let folder = try TemporaryFolder()
        let input = try input(in: folder)
        let broken = FakeServer { number, _ in number == failingCall ? .failure(.unreachable(url: "x", reason: "gone")) : nil }
        var saved = RowPosition.start
        await #expect(throws: ClientError.self) { try await run(broken, input, concurrency: concurrency, saved: &saved) }
        let stored = Set(broken.ids)
        // Nothing before the saved row is missing.
        #expect(stored.isSuperset(of: (1...rowCount).prefix(saved.rows).map { "r\($0)" }))
        if concurrency == 1 { #expect(saved.rows == (failingCall - 1) * 5) }

        let later = FakeServer()
        var savedLater = saved
        _ = try await run(later, input, from: saved, concurrency: concurrency, saved: &savedLater)
        #expect(stored.union(later.ids) == Set((1...rowCount).map { "r\($0)" }))
        #expect(later.ids.count == rowCount - saved.rows)
        #expect(savedLater.rows == rowCount)
    }

    @Test func aRefusalNamesTheRows() async throws {
        let folder = try TemporaryFolder()
        let body = Array(#"{"error":"InvalidArgumentError","message":"no"}"#.utf8)
        let server = FakeServer { number, _ in number == 2 ? .success(HTTPReply(status: 400, body: body)) : nil }
        var saved = RowPosition.start
        let error = await #expect(throws: ClientError.self) { try await run(server, try input(in: folder), concurrency: 1, saved: &saved) }
        #expect(error == .refused(status: 400, name: "InvalidArgumentError", message: "rows 6 to 10: no"))
        #expect(error?.exitCode == 1)
    }

    @Test(arguments: [
        (#"{"id":"x","embedding":[1]}"#, "row 7: wrong dimension: 1 components, the collection has 2"),
        (#"{"id":"x"}"#, "row 7: unusable embedding: there is no 'embedding' and no embedding file"),
        (#"{"id":"r6","embedding":[1,2]}"#, "row 7: duplicate id: the id is the one of row 6, and one request cannot hold both"),
    ]) func stopsAtTheFirstUnusableRow(line: String, message: String) async throws {
        let folder = try TemporaryFolder()
        let text = (1...6).map { #"{"id":"r\#($0)","embedding":[1,2]}"# }.joined(separator: "\n") + "\n" + line
        let input = try IngestInput(path: try folder.write(text, to: "rows.jsonl"), embeddingsPath: nil)
        let server = FakeServer()
        var saved = RowPosition.start
        let error = await #expect(throws: ClientError.self) { try await run(server, input, concurrency: 1, saved: &saved) }
        #expect(error == .data(message))
        #expect(server.ids == (1...5).map { "r\($0)" })
        #expect(saved.rows == 5)
    }
}
