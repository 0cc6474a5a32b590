import ChromaWire
import Engine
import HTTPTypes
import VectorModel

/// How stored records lie to each other.
extension ChromaHandlers {
    func neighbors(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        var decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.neighbors(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(decoded.records.selector, on: collection(identifier, in: database, call, .query))
        decoded.deadline = decoded.deadline ?? usualDeadline
        let request = decoded
        let graph = try await untilClientLeaves(call, .query) { () async throws(RequestError) in
            try await database.neighbors(request, in: identifier)
        }
        let encoder = call.encoder
        guard graph.identifiers.count + graph.neighbors.count >= configuration.inlineAnswerRecordsMax else { return .json(encoder.neighbors(graph)) }
        return .json(try await onWorker(of: database, call) { encoder.neighbors(graph) })
    }

    func distances(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        var decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.distances(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(decoded.records.selector, on: collection(identifier, in: database, call, .query))
        decoded.deadline = decoded.deadline ?? usualDeadline
        let request = decoded
        let matrix = try await untilClientLeaves(call, .query) { () async throws(RequestError) in
            try await database.distances(request, in: identifier)
        }
        let encoder = call.encoder
        guard matrix.rows.count + matrix.distances.count >= configuration.inlineAnswerRecordsMax else { return .json(encoder.distances(matrix)) }
        return .json(try await onWorker(of: database, call) { encoder.distances(matrix) })
    }
}
