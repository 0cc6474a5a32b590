import ChromaWire
import Engine
import Logging
import VectorModel

/// The endpoints about indexes, for whoever runs the server.
extension ChromaHandlers {
    /// One collection's indexes, or a page of all collections', the oldest first.
    func indexStatus(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        if let text = call.query["collection"] {
            let identifier = try decoder(call).collectionIdentifier(text)
            let report = try call.read { () throws(RequestError) in try database.indexReport(of: identifier) }
            return .json(call.encoder.indexReports([report], total: 1, buildProgress: buildProgress(among: [report], in: database)))
        }
        let page = try decoder(call).paging(limit: call.query["limit"], offset: call.query["offset"])
        let reports = database.indexReports
        let limit = min(page.limit ?? ResponseEncoder.indexReportsMax, ResponseEncoder.indexReportsMax)
        let shown = Array(reports.dropFirst(page.offset).prefix(limit))
        return .json(call.encoder.indexReports(shown, total: reports.count, buildProgress: buildProgress(among: shown, in: database)))
    }

    /// One index is built at a time. A collection that was deleted meanwhile builds none.
    private func buildProgress(among reports: [CollectionIndexReport], in database: VectorDatabase) -> Double? {
        guard let report = reports.first(where: \.isBuilding) else { return nil }
        return (try? database.indexingStatus(of: report.collection))?.buildProgress
    }

    func rebuildIndexes(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let request = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.indexRebuild(body) }
        guard request.waits else {
            let indexes = try call.read { () throws(RequestError) in try database.scheduleIndexRebuild(of: request.collection) }
            return .json(call.encoder.rebuildScheduled(indexes: indexes))
        }
        guard let turn = administration.rebuilds.begin() else { throw .alreadyRunning("A rebuild of indexes", dialect: call.dialect) }
        let (encoder, logger) = (call.encoder, call.logger)
        return try await atLength(call, turn) { answer async throws(WireError) in
            let report = try await call.engine { () async throws(RequestError) in
                try await database.rebuildIndexes(of: request.collection) { progress in answer.note { encoder.progress(progress) } }
            }
            logger.info("rebuilt indexes", metadata: [
                "indexes": "\(report.indexes)", "rows": "\(report.rows)", "failures": "\(report.failures.count)",
                "cancelled": "\(report.wasCancelled)",
            ])
            return encoder.result(report)
        }
    }
}
