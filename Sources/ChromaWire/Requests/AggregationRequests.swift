public import Engine
public import Filtering

/// Counting under a filter: requests of this server, which the protocol does not have.
extension RequestDecoder {
    /// Reads the body of a count: which records are meant. All of them when it says nothing.
    public func countMatching(_ body: RequestBody) throws(WireError) -> RecordSelector {
        try read(body, "CountRequestPayload") { fields throws(WireError) in try selector(fields) }
    }

    /// Reads the body of a request for the values of keys.
    public func facets(_ body: RequestBody) throws(WireError) -> FacetRequest {
        try read(body, "FacetRequestPayload") { fields throws(WireError) in
            let keys = try fields.required("keys")
            guard keys.count <= FacetRequest.keysMax else {
                let problem = "keys: must have from 1 to \(FacetRequest.keysMax) keys, got \(keys.count)"
                throw .rule("Validation error: \(problem)", version1: problem, dialect)
            }
            return FacetRequest(
                selector: try selector(fields), keys: try fields.strings("keys", keys), limit: try fields.count("limit") ?? Self.usualFacetValues)
        }
    }

    private static let usualFacetValues = 10
}
