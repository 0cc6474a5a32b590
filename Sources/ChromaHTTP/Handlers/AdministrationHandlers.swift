import ChromaWire
import Engine
import FoundationEssentials
import HTTPTypes
import Logging
import NIOCore
import VectorModel

/// The endpoints for whoever runs the server: status, flush, verification, backup.
extension ChromaHandlers {
    /// Damaged collections and problems that `/readyz` names; the rest is counted.
    private static let readinessLinesMax = 100

    /// Ready while requests are served. What is damaged stands in further lines: it concerns some collections, and a restart mends nothing.
    func readiness() -> Reply {
        guard let database = gate.openDatabase else { return text("not ready\n", status: .serviceUnavailable) }
        let report = database.status.storage
        var lines = report.damagedCollections.map { damaged in
            "collection \(damaged.collection) is \(damaged.isReadable ? "read-only" : "refused"): \(damaged.damage)"
        }
        lines += report.problems.map { "problem: \($0)" }
        if lines.count > Self.readinessLinesMax {
            lines[Self.readinessLinesMax...] = ["and \(lines.count - Self.readinessLinesMax) more"]
        }
        return text((["ready"] + lines).map { $0 + "\n" }.joined(), status: .ok)
    }

    private func text(_ text: String, status: HTTPResponse.Status) -> Reply {
        Reply(status: status, contentType: "text/plain; charset=utf-8", body: .fixed(ByteBuffer(string: text)))
    }

    func status(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        return .json(call.encoder.status(ServerStatus(
            version: administration.version, uptimeSeconds: administration.uptimeSeconds, allowsBackups: configuration.backupDirectory != nil,
            database: database.status, indexes: database.indexReports)))
    }

    func flush(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.nothing(body) }
        try await call.engine { () async throws(RequestError) in try await database.flush() }
        return .json(call.encoder.flushed())
    }

    func verify(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.nothing(body) }
        guard let turn = administration.verifications.begin() else { throw .alreadyRunning("A verification", dialect: call.dialect) }
        let (encoder, logger) = (call.encoder, call.logger)
        return try await atLength(call, turn) { answer async throws(WireError) in
            let report = try await call.engine { () async throws(RequestError) in
                try await database.verify { progress in answer.note { encoder.progress(progress) } }
            }
            logger.info("verified", metadata: [
                "sound": "\(report.isSound)", "findings": "\(report.findings.count)", "bytes": "\(report.bytes)",
                "cancelled": "\(report.wasCancelled)",
            ])
            return encoder.result(report)
        }
    }

    func backup(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let request = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.backup(body) }
        guard let directory = configuration.backupDirectory else { throw .backupsNotConfigured(dialect: call.dialect) }
        guard let turn = administration.backups.begin() else { throw .alreadyRunning("A backup", dialect: call.dialect) }
        let name = Self.fileName(of: request)
        let destination: BackupDestination = switch request.format {
        case .directory: .directory(directory + "/" + name)
        case .tar: .archive(directory + "/" + name)
        }
        var options = BackupOptions()
        options.base = request.base.map { directory + "/" + $0 }
        let (encoder, logger, dialect) = (call.encoder, call.logger, call.dialect)
        return try await atLength(call, turn) { [options] answer async throws(WireError) in
            do throws(BackupError) {
                let report = try await database.backup(to: destination, options: options) { progress in answer.note { encoder.progress(progress) } }
                logger.info("backed up", metadata: ["name": "\(name)", "sequence": "\(report.sequence)", "bytes": "\(report.bytes)"])
                return encoder.result(report, name: name)
            } catch {
                let refusal = WireError(error, dialect: dialect)
                // What only the client can mend is the client's to know.
                logger.log(level: refusal.status >= 500 ? .error : .notice, "no backup was made", metadata: ["name": "\(name)", "error": "\(error)"])
                throw refusal
            }
        }
    }

    /// A name that tells the time where none is given.
    private static func fileName(of request: BackupRequest) -> String {
        let name = request.name ?? "backup-" + Date.now.ISO8601Format(.init(dateSeparator: .omitted, timeSeparator: .omitted))
        switch request.format {
        case .directory: return name
        case .tar: return name.hasSuffix(".tar") ? name : name + ".tar"
        }
    }

    /// Runs work that takes long and answers with lines of progress, then its result. The work is cancelled when the client leaves.
    ///
    /// What fails before there is any progress is answered with its status, like any request; what fails later with an error in the last line.
    /// - Parameter turn: held until the work has ended.
    func atLength(
        _ call: Call, _ turn: ExclusiveWork.Turn, _ work: @escaping @Sendable (LongAnswer) async throws(WireError) -> WireBytes
    ) async throws(WireError) -> Reply {
        let answer = LongAnswer(first: call.encoder.progressUnknown())
        let (connection, longWork) = (connections[call.channel], gate.longWork)
        longWork.insert(answer)
        let task = Task {
            let silence = Task { await answer.repeatInSilence() }
            @Sendable func outcome() async -> Result<WireBytes, WireError> {
                do throws(WireError) { return .success(try await work(answer)) } catch { return .failure(error) }
            }
            // A connection that nobody watches is taken to stay.
            let ended = if let connection { await connection.cancellingWhenClientLeaves(outcome) } else { await outcome() }
            silence.cancel()
            longWork.remove(answer)
            turn.end()
            answer.end(ended)
        }
        // The task that sends the answer may be cancelled, by a stop that cannot wait.
        switch await answer.events.first(where: { _ in true }) {
        case .progress(let line):
            let body = LongAnswerBody(answer: answer, first: line, encoder: call.encoder) { task.cancel() }
            return Reply(contentType: ChromaWire.ResponseEncoder.linesMediaType, body: .lines(body))
        case .end(let outcome):
            return Reply(contentType: ChromaWire.ResponseEncoder.linesMediaType, body: .wire(try outcome.get()))
        case nil:
            task.cancel()
            throw WireError(RequestError(.cancelled), dialect: call.dialect)
        }
    }
}
