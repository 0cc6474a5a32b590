import ArgumentParser
import LyricaClient

extension IngestCommand {
    /// Requests are kept below this: Chroma's servers take 40 MiB, and the size of a request is estimated.
    private static let requestBytesMax = 24 << 20

    /// `--dry-run`.
    func check(_ input: IngestInput, _ client: ChromaClient) async throws {
        let dimension = try await collectionDimension(client)
        var reporter = ProgressReporter(style: .suitable(quiet: quiet), total: input.rowCount)
        let source = try input.records(reader: RecordReader(fields: fields.names))
        let report = try DryRun.run(source, collectionDimension: dimension) { reporter.advance(to: $0) }
        reporter.finish()
        if json {
            try Output.print(json: report.json)
        } else {
            try Output.print(report.lines)
        }
        if report.errorCount > 0 { throw ExitCode(1) }
    }

    /// The dimension of the collection, if there is one. The files can be checked without a server.
    private func collectionDimension(_ client: ChromaClient) async throws(ClientError) -> Int? {
        do throws(ClientError) {
            return try await client.collectionIfExists(named: collection)?.dimension
        } catch .unreachable {
            Terminal.note("\(connection.baseURL) cannot be reached; the rows are checked without comparing them with the collection")
            return nil
        } catch {
            throw error
        }
    }

    /// Sends the rows.
    func store(_ input: IngestInput, _ client: ChromaClient) async throws {
        let limits = try await client.limits()
        let target = try await targetCollection(client)
        let recorder = try checkpoint.map { try CheckpointRecorder(path: $0, collectionID: target.id, mode: mode, file: file, embeddings: embeddings) }
        let start = try recorder?.startingPosition(resumes: resume) ?? .start
        if start != .start, !quiet { Terminal.note("going on after row \(ProgressMeter.grouped(start.rows))") }

        let batches = BatchReader(
            source: try input.records(reader: RecordReader(fields: fields.names), after: start),
            planner: BatchPlanner(rowsMax: min(batchSize, limits.batchSizeMax), bytesMax: Self.requestBytesMax),
            collectionDimension: target.dimension
        )
        let ingestion = Ingestion(
            client: client, collectionID: target.id, encoder: BatchEncoder(mode: mode, usesBase64: limits.supportsBase64), concurrency: concurrency
        )
        var reporter = ProgressReporter(style: .suitable(quiet: quiet), total: input.rowCount, initial: start.rows)
        var stored = start.rows
        let clock = ContinuousClock()
        let began = clock.now
        do throws(ClientError) {
            let end = try await ingestion.run(batches, startingAt: start) { (tracker) throws(ClientError) in
                try recorder?.save(tracker.position, isComplete: false)
                stored = tracker.rowsAcknowledged
                reporter.advance(to: stored)
            }
            try recorder?.save(end.position, isComplete: true)
        } catch {
            reporter.finish()
            Terminal.note("\(ProgressMeter.grouped(stored)) rows are stored; \(advice)")
            throw error
        }
        reporter.finish()
        try printResult(rows: stored, sent: stored - start.rows, took: began.duration(to: clock.now))
    }

    private var advice: String {
        checkpoint == nil
            ? "run the command again to store the rest, what is stored stays"
            : "go on with --resume, or without the checkpoint if the files are changed"
    }

    private func targetCollection(_ client: ChromaClient) async throws(ClientError) -> CollectionInfo {
        if let existing = try await client.collectionIfExists(named: collection) {
            if let metric, let found = existing.metric, found != metric {
                throw .data("the collection measures distances by \(found.rawValue), not \(metric.rawValue); nothing was sent")
            }
            return existing
        }
        guard create else {
            throw .data("there is no collection '\(TerminalText.printable(collection))'; --create makes it")
        }
        return try await client.createCollection(named: collection, metric: metric ?? .l2, metadata: JSONObject(), getOrCreate: true)
    }

    private func printResult(rows: Int, sent: Int, took: Duration) throws(ClientError) {
        if json {
            try Output.print(json: .object(JSONObject([
                .init("collection", .string(collection)),
                .init("rows", .integer(Int64(rows))),
                .init("sent", .integer(Int64(sent))),
                .init("seconds", .number(took / .seconds(1))),
            ])))
        } else {
            let before = rows > sent ? ", \(ProgressMeter.grouped(rows - sent)) were stored before" : ""
            try Output.print(["\(ProgressMeter.grouped(sent)) rows stored in \(TerminalText.printable(collection))\(before)"])
        }
    }
}

/// The checkpoint of one ingest.
private struct CheckpointRecorder {
    private let file: CheckpointFile
    private let subject: Checkpoint.Subject

    init(path: String, collectionID: String, mode: WriteMode, file: String, embeddings: String?) throws(ClientError) {
        self.file = CheckpointFile(path: path)
        var vectors: SourceFingerprint?
        if let embeddings { vectors = try SourceFingerprint(of: FileBytes(path: embeddings)) }
        subject = Checkpoint.Subject(
            collectionID: collectionID, mode: mode, source: try SourceFingerprint(of: FileBytes(path: file)), embeddings: vectors
        )
    }

    func startingPosition(resumes: Bool) throws(ClientError) -> RowPosition {
        try file.startingPosition(for: subject, resumes: resumes)
    }

    func save(_ position: RowPosition, isComplete: Bool) throws(ClientError) {
        try file.save(Checkpoint(subject: subject, position: position, isComplete: isComplete))
    }
}
