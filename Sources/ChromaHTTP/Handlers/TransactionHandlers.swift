import ChromaWire
import Engine
import VectorModel

/// Transactions: reads at one moment, and a commit that holds only if nothing of what was read has changed.
extension ChromaHandlers {
    func conditionalGet(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.conditionalGet(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        let (get, token) = (decoded.get, decoded.token)
        try decoder(call).checkFilters(get.request.selector, on: collection(identifier, in: database, call, .get))
        let found = try await untilClientLeaves(call, .get) { () async throws(RequestError) in
            try await database.get(get.request, from: identifier, at: token)
        }
        let encoder = call.encoder
        guard found.result.records.count >= configuration.inlineAnswerRecordsMax else {
            return .json(encoder.get(found.result, include: get.include, token: found.token))
        }
        return .json(try await onWorker(of: database, call) { encoder.get(found.result, include: get.include, token: found.token) })
    }

    func conditionalCommit(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let transaction = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in
            try decoder.conditionalCommit(body)
        }
        let identifier = try call.collectionIdentifier(decoder(call))
        let number = try await call.engine { () async throws(RequestError) in try await database.commit(transaction, to: identifier) }
        return .json(call.encoder.committed(transaction, at: number))
    }
}
