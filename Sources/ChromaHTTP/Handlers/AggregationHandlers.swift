import ChromaWire
import Engine
import Filtering
import HTTPTypes
import VectorModel

/// Numbers about the records that a filter means.
extension ChromaHandlers {
    func countMatching(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let selector = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.countMatching(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(selector, on: collection(identifier, in: database, call, .count))
        let count = try await untilClientLeaves(call, .count) { () async throws(RequestError) in
            try await database.count(selector, in: identifier)
        }
        return .json(call.encoder.count(count))
    }

    func facets(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let request = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.facets(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(request.selector, on: collection(identifier, in: database, call, .other))
        let facets = try await untilClientLeaves(call, .other) { () async throws(RequestError) in
            try await database.facets(request, of: identifier)
        }
        let encoder = call.encoder
        guard facets.reduce(0, { $0 + $1.values.count }) >= configuration.inlineAnswerRecordsMax else { return .json(encoder.facets(facets)) }
        return .json(try await onWorker(of: database, call) { encoder.facets(facets) })
    }
}
