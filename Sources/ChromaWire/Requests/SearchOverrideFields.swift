import Engine

extension RequestDecoder {
    /// Reads how one query is to be searched, where it differs from its collection: fields of this server, which clients may leave out.
    func searchOverrides(_ fields: JSONFields) throws(WireError) -> SearchOverrides {
        let exact = try fields.optional("exact")
        if let exact, exact.boolean == nil {
            throw .type(fields.place.field("exact"), "invalid type: \(exact.summary), expected a boolean", dialect)
        }
        let (efSearch, nprobe, rerank) = (try fields.size("ef_search"), try fields.size("nprobe"), try fields.size("rerank"))
        return SearchOverrides(
            exact: exact?.boolean ?? false,
            efSearch: try bounded(efSearch, "ef_search", IndexLimits.efSearch),
            nprobe: try bounded(nprobe, "nprobe", IndexLimits.nprobe),
            rerank: try bounded(rerank, "rerank", IndexLimits.rerank))
    }

    private func bounded(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let value, !range.contains(value) else { return value }
        let problem = "\(name): must be from \(range.lowerBound) to \(range.upperBound), got \(value)"
        throw .rule("Validation error: \(problem)", version1: problem, dialect)
    }
}
