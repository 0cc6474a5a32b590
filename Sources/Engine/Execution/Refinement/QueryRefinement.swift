import VectorModel

/// What a query asks for beyond the nearest records: which of them are near enough, how many of a group, how different from each other; and
/// records in place of query vectors.
public struct QueryRefinement: Hashable, Sendable {
    /// Records that stand for query vectors. They are not among the answers to themselves.
    public enum Examples: Hashable, Sendable {
        /// A query for each of these ids: what is near its record.
        case each([String])
        /// One query: near the mean of the vectors of `positive`, away from the mean of those of `negative`, that is for 2·p − n, or p without
        /// negatives.
        case recommend(positive: [String], negative: [String])
    }

    /// At most `limit` answers with one value of a metadata key. Values compare as filters do; records without the key are a group too.
    public struct Groups: Hashable, Sendable {
        public var key: String
        public var limit: Int

        public init(key: String, limit: Int) {
            self.key = key
            self.limit = limit
        }
    }

    /// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998, doi:10.1145/290941.291025): of the nearest `candidates` one after the other
    /// is taken that is near the query and far from those taken before. It minimises `lambda` · distance to the query − (1 − `lambda`) · distance to
    /// the nearest one taken; so 1 is the usual order, 0 the most different. Answers come in the order in which they were taken.
    public struct Diversity: Hashable, Sendable {
        public var lambda: Double
        public var candidates: Int

        /// - Parameter candidates: at least as many as results are taken into account.
        public init(lambda: Double, candidates: Int) {
            self.lambda = lambda
            self.candidates = candidates
        }

        /// Bounds the work: candidates times results distances are computed.
        public static let candidatesMax = 4_096
    }

    /// Numbers that the vectors of the examples may have together, 256 MiB: an id is shorter in a request than the vector that it stands for.
    public static let exampleNumbersMax = 64 << 20

    /// In place of query vectors; `nil`: the request has them.
    public var examples: Examples?
    /// Only answers at most so far away.
    public var maxDistance: Float?
    public var groups: Groups?
    public var diversity: Diversity?

    public init(examples: Examples? = nil, maxDistance: Float? = nil, groups: Groups? = nil, diversity: Diversity? = nil) {
        self.examples = examples
        self.maxDistance = maxDistance
        self.groups = groups
        self.diversity = diversity
    }

    /// Nothing but the nearest records is asked for.
    var isPlain: Bool { self == QueryRefinement() }
}

extension QueryRequest {
    /// What can be said against the refinement before anything is read.
    func checkRefinement(_ limits: Limits, of snapshot: CollectionSnapshot) throws(RequestError) {
        if let maxDistance = refinement.maxDistance, maxDistance.isNaN { throw .invalid("max_distance", "is not a number") }
        if let groups = refinement.groups {
            guard (1...limits.resultCount).contains(groups.limit) else {
                throw .invalid("group_by.limit", "must be from 1 to \(limits.resultCount), got \(groups.limit)")
            }
            guard refinement.diversity == nil else { throw .invalid("group_by", "cannot be combined with mmr") }
        }
        if let diversity = refinement.diversity { try check(diversity) }
        if let examples = refinement.examples { try check(examples, limits, snapshot) }
    }

    private func check(_ diversity: QueryRefinement.Diversity) throws(RequestError) {
        guard (0...1).contains(diversity.lambda) else { throw .invalid("mmr.lambda", "must be from 0 to 1") }
        let most = QueryRefinement.Diversity.candidatesMax
        guard (1...most).contains(diversity.candidates) else {
            throw .invalid("mmr.candidates", "must be from 1 to \(most), got \(diversity.candidates)")
        }
        guard k <= most else { throw .invalid("n_results", "is \(k); with mmr the limit is \(most)") }
    }

    private func check(_ examples: QueryRefinement.Examples, _ limits: Limits, _ snapshot: CollectionSnapshot) throws(RequestError) {
        guard queryCount == 0 else { throw .invalid("query_embeddings", "cannot be combined with records as examples") }
        switch examples {
        case .each(let identifiers):
            guard identifiers.count <= limits.queryVectors else {
                throw .invalid("query_ids", "has \(identifiers.count) ids; the limit is \(limits.queryVectors)")
            }
            let numbers = identifiers.count * (snapshot.dimension ?? 0)
            guard numbers <= QueryRefinement.exampleNumbersMax else {
                throw .invalid("query_ids", "means \(numbers) numbers of vectors; the limit is \(QueryRefinement.exampleNumbersMax)")
            }
            let results = min(k, snapshot.liveCount) * identifiers.count
            guard results <= limits.totalResultCount else {
                throw .invalid("n_results", "asks for \(results) results in all; the limit is \(limits.totalResultCount)")
            }
        case .recommend(let positive, let negative):
            guard !positive.isEmpty else { throw .invalid("recommend.positive", "needs at least one id") }
            guard positive.count + negative.count <= limits.queryVectors else {
                throw .invalid("recommend", "has \(positive.count + negative.count) ids; the limit is \(limits.queryVectors)")
            }
        }
    }
}
