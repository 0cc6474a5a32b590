/// How one query is to be searched, where that differs from its collection. lyrica-vectord's own fields; other servers ignore or refuse them.
public struct SearchOptions: Equatable, Sendable {
    /// Candidates that the search of a graph keeps.
    public var efSearch: Int?
    /// Lists of an inverted file that are looked into.
    public var nprobe: Int?
    /// Compare with every record, whatever index there is.
    public var isExact: Bool
    /// Candidates per result whose distances are computed from the stored vectors.
    public var rerank: Int?
    /// Time after which the server gives up.
    public var timeoutMilliseconds: Int?

    public init(efSearch: Int? = nil, nprobe: Int? = nil, isExact: Bool = false, rerank: Int? = nil, timeoutMilliseconds: Int? = nil) {
        self.efSearch = efSearch
        self.nprobe = nprobe
        self.isExact = isExact
        self.rerank = rerank
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// Only what was asked for is sent, so that a usual query is the same for every server.
    func append(to body: inout JSONObject) {
        if isExact { body.append("exact", .bool(true)) }
        for (name, value) in [("ef_search", efSearch), ("nprobe", nprobe), ("rerank", rerank), ("timeout_ms", timeoutMilliseconds)] {
            if let value { body.append(name, .integer(Int64(value))) }
        }
    }
}
