import ChromaWire
import Engine
import VectorModel

/// The search API: several searches in one request, each with a rank expression.
extension ChromaHandlers {
    func search(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.search(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        let description = try collection(identifier, in: database, call, .query)
        for search in decoded.batch.searches { try decoder(call).checkFilters(search.selector, on: description) }
        let batch = decoder(call).weighted(withDeadline(decoded.batch), on: description)
        let result = try await untilClientLeaves(call, .query) { () async throws(RequestError) in
            try await database.search(batch, in: identifier)
        }
        let encoder = call.encoder
        guard result.answers.reduce(0, { $0 + $1.count }) >= configuration.inlineAnswerRecordsMax else {
            return .json(encoder.search(result, selections: decoded.selections))
        }
        return .json(try await onWorker(of: database, call) { encoder.search(result, selections: decoded.selections) })
    }

    private func withDeadline(_ batch: SearchBatch) -> SearchBatch {
        var batch = batch
        batch.deadline = batch.deadline ?? usualDeadline
        return batch
    }
}
