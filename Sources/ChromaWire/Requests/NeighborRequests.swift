public import Engine
import Filtering
import VectorModel

/// Distances and neighbours of stored records: requests of this server, which the protocol does not have.
extension RequestDecoder {
    /// Reads the body of a request for the neighbours of records.
    /// - Parameter now: the moment from which the body's `timeout_ms` counts.
    public func neighbors(_ body: RequestBody, now: ContinuousClock.Instant = .now) throws(WireError) -> NeighborRequest {
        try read(body, "NeighborRequestPayload") { fields throws(WireError) in
            var request = NeighborRequest(records: try records(fields), k: try fields.count("n_results") ?? 10)
            request.scope = try scope(fields)
            request.maxDistance = try fields.double("max_distance").map { Float($0) }
            request.overrides = try searchOverrides(fields)
            request.deadline = try deadline(fields, now)
            return request
        }
    }

    /// Reads the body of a request for the distances between records.
    /// - Parameter now: the moment from which the body's `timeout_ms` counts.
    public func distances(_ body: RequestBody, now: ContinuousClock.Instant = .now) throws(WireError) -> DistanceRequest {
        try read(body, "DistanceRequestPayload") { fields throws(WireError) in
            let others = try fields.optional("other_ids").map { (value) throws(WireError) in try fields.strings("other_ids", value) }
            return DistanceRequest(records: try records(fields), others: others, deadline: try deadline(fields, now))
        }
    }

    /// Which records are meant: the fields of a `get` that say so.
    private func records(_ fields: JSONFields) throws(WireError) -> GetRequest {
        let (limit, offset) = (try fields.count("limit"), try fields.count("offset") ?? 0)
        var request = GetRequest(selector: try selector(fields), limit: limit, offset: offset, fields: [])
        request.arrangement = try arrangement(fields)
        return request
    }

    private func scope(_ fields: JSONFields) throws(WireError) -> NeighborRequest.Scope {
        guard let name = try fields.optionalString("within") else { return .matches }
        guard let scope = NeighborRequest.Scope(rawValue: name) else {
            let problem = "within: must be one of \(NeighborRequest.Scope.allCases.map(\.rawValue).joined(separator: ", "))"
            throw .rule("Validation error: \(problem)", version1: problem, dialect)
        }
        return scope
    }
}
