import Engine

/// What a query may ask for beyond the nearest records: fields of this server, which clients may leave out.
extension RequestDecoder {
    /// `max_distance`, `query_ids`, `recommend`, `group_by` and `mmr`.
    func refinement(_ fields: JSONFields) throws(WireError) -> QueryRefinement {
        var refinement = QueryRefinement()
        if let distance = try fields.double("max_distance") { refinement.maxDistance = Float(distance) }
        refinement.examples = try examples(fields)
        if let groups = try fields.object("group_by") {
            refinement.groups = QueryRefinement.Groups(key: try groups.requiredString("key"), limit: try groups.size("limit") ?? 1)
        }
        if let diversity = try fields.object("mmr") {
            refinement.diversity = QueryRefinement.Diversity(
                lambda: try diversity.double("lambda") ?? Self.usualLambda, candidates: try diversity.size("candidates") ?? Self.usualCandidates)
        }
        return refinement
    }

    /// As much weight on being near as on being different.
    private static let usualLambda = 0.5
    private static let usualCandidates = 100

    private func examples(_ fields: JSONFields) throws(WireError) -> QueryRefinement.Examples? {
        let identifiers = try fields.optional("query_ids")
        let recommendation = try fields.object("recommend")
        guard identifiers != nil || recommendation != nil else { return nil }
        let given = [identifiers != nil, recommendation != nil, try fields.optional("query_embeddings") != nil].count { $0 }
        guard given == 1 else {
            let problem = "query_embeddings: only one of query_embeddings, query_ids and recommend can be given"
            throw .rule("Validation error: \(problem)", version1: problem, dialect)
        }
        if let identifiers { return .each(try fields.strings("query_ids", identifiers)) }
        guard let recommendation else { return nil }
        let positive = try recommendation.required("positive")
        let negative = try recommendation.optional("negative")
        return .recommend(
            positive: try recommendation.strings("positive", positive),
            negative: try negative.map { (value) throws(WireError) in try recommendation.strings("negative", value) } ?? [])
    }
}
