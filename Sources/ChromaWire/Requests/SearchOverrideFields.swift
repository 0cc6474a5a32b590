import Engine

extension RequestDecoder {
    /// Reads how one query is to be searched, where it differs from its collection: fields of this server, which clients may leave out.
    func searchOverrides(_ fields: JSONFields) throws(WireError) -> SearchOverrides {
        let exact = try flag("exact", fields)
        let (efSearch, nprobe, rerank) = (try fields.size("ef_search"), try fields.size("nprobe"), try fields.size("rerank"))
        return SearchOverrides(
            exact: exact,
            efSearch: try bounded(efSearch, "ef_search", IndexLimits.efSearch),
            nprobe: try bounded(nprobe, "nprobe", IndexLimits.nprobe),
            rerank: try bounded(rerank, "rerank", IndexLimits.rerank))
    }

    /// Whether the answer is to say how it was found.
    func explain(_ fields: JSONFields) throws(WireError) -> Bool { try flag("explain", fields) }

    /// When to give up: so long after `now` as the request says; `nil`: it says nothing.
    func deadline(_ fields: JSONFields, _ now: ContinuousClock.Instant) throws(WireError) -> ContinuousClock.Instant? {
        try fields.count("timeout_ms").map { now.advanced(by: .milliseconds($0)) }
    }

    private func flag(_ name: String, _ fields: JSONFields) throws(WireError) -> Bool {
        guard let value = try fields.optional(name) else { return false }
        guard let flag = value.boolean else {
            throw .type(fields.place.field(name), "invalid type: \(value.summary), expected a boolean", dialect)
        }
        return flag
    }

    private func bounded(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let value, !range.contains(value) else { return value }
        let problem = "\(name): must be from \(range.lowerBound) to \(range.upperBound), got \(value)"
        throw .rule("Validation error: \(problem)", version1: problem, dialect)
    }
}
