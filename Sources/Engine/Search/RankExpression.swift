public import TextSearch
public import VectorModel

/// How a search scores records: arithmetic over the lists of records that its leaves find. A smaller score is better.
///
/// A record has a score if at least one leaf found it, and every leaf that has no `missing` value did. An expression without leaves gives every
/// record that the search may return the same score.
///
/// Numbers are doubles with the rules of IEEE 754, so nothing fails: a division by zero is infinite or not a number, so is the logarithm of what is
/// not positive, and what is not a number stays so, except that the minimum and the maximum pass over it. A record whose score is not a number
/// comes after all others.
public indirect enum RankExpression: Hashable, Sendable {
    case value(Double)
    case leaf(RankLeaf)
    case sum([RankExpression])
    case product([RankExpression])
    case minimum([RankExpression])
    case maximum([RankExpression])
    case difference(RankExpression, RankExpression)
    case quotient(RankExpression, RankExpression)
    case absolute(RankExpression)
    /// e to the power of it.
    case exponential(RankExpression)
    /// The natural logarithm.
    case logarithm(RankExpression)

    /// What the operator works on, in order.
    var operands: [RankExpression] {
        switch self {
        case .value, .leaf: []
        case .sum(let parts), .product(let parts), .minimum(let parts), .maximum(let parts): parts
        case .difference(let left, let right), .quotient(let left, let right): [left, right]
        case .absolute(let part), .exponential(let part), .logarithm(let part): [part]
        }
    }
}

/// One list of records, the nearest first, that an expression computes with: those that a query finds among the records that the search may return.
public struct RankLeaf: Hashable, Sendable {
    /// What the records are compared with. All kinds give a distance: the smaller, the nearer.
    public enum Query: Hashable, Sendable {
        /// A vector, by the collection's metric. Records without a vector are not found.
        case dense([Float], SearchOverrides)
        /// A sparse vector, with those under a metadata key: one minus the inner product. Records that share no index with it are not found.
        case sparse(SparseVector, key: String)
        /// Words, with the documents: one minus the BM25 score. Records that share no word with it are not found.
        case words(WordQuery, BM25Parameters)
    }

    public var query: Query
    /// At most so many records are found.
    public var limit: Int
    /// The value for records that are not found; `nil`: those have no score at all.
    public var missing: Double?
    /// The value of a record is its position in the list, from 0, and not its distance.
    public var countsPositions: Bool

    public init(_ query: Query, limit: Int = 16, missing: Double? = nil, countsPositions: Bool = false) {
        self.query = query
        self.limit = limit
        self.missing = missing
        self.countsPositions = countsPositions
    }
}
