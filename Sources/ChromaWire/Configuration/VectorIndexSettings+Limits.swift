import Engine

extension VectorIndexSettings {
    /// Refuses parameters beyond their limits. Only what differs from `previous` is looked at: a collection of earlier times stays changeable.
    func checkLimits(since previous: IndexConfiguration = IndexConfiguration(), _ dialect: Dialect) throws(WireError) {
        try check("max_neighbors (hnsw:M)", index.M, since: previous.M, IndexLimits.M, dialect)
        try check("ef_construction", index.efConstruction, since: previous.efConstruction, IndexLimits.efConstruction, dialect)
        try check("ef_search", index.efSearch, since: previous.efSearch, IndexLimits.efSearch, dialect)
        try check("nlist", index.nlist, since: previous.nlist, IndexLimits.nlist, dialect)
        try check("search_nprobe", index.nprobe, since: previous.nprobe, IndexLimits.nprobe, dialect)
    }

    private func check(
        _ name: String, _ value: Int?, since previous: Int?, _ range: ClosedRange<Int>, _ dialect: Dialect
    ) throws(WireError) {
        guard let value, value != previous, !range.contains(value) else { return }
        let problem = "\(name) must be from \(range.lowerBound) to \(range.upperBound), got \(value)"
        throw .rule("Validation error: configuration: \(problem)", version1: "configuration: \(problem)", dialect)
    }
}
