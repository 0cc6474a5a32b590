/// A vector of which only the numbers that are said differ from zero: terms with weights, as learned sparse models and BM25 make them.
///
/// Invariants: indices ascend, each at most once; values are finite and as many as the indices; so are labels, if there are any.
public struct SparseVector: Hashable, Sendable {
    /// The dimensions that have a value, ascending.
    public let indices: [UInt32]
    /// The value of each index. May be zero or negative.
    public let values: [Float]
    /// What each index stands for, a token as a rule: kept for the client, of no meaning to a search. `nil` rather than empty.
    public let labels: [String]?

    /// - Throws: where the parts contradict the invariants.
    public init(indices: [UInt32], values: [Float], labels: [String]? = nil) throws(SparseVectorFlaw) {
        guard indices.count == values.count else { throw .values(found: values.count, indices: indices.count) }
        if let labels, labels.count != indices.count { throw .labels(found: labels.count, indices: indices.count) }
        for position in indices.indices.dropFirst() where indices[position] <= indices[position - 1] {
            throw .order(position: position)
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) { throw .number(position: position) }
        self.init(unchecked: indices, values, labels: labels)
    }

    /// Parts that come from a sparse vector.
    package init(unchecked indices: [UInt32], _ values: [Float], labels: [String]?) {
        self.indices = indices
        self.values = values
        self.labels = labels?.isEmpty == true ? nil : labels
    }

    /// How many indices have a value.
    public var count: Int { indices.count }
}

/// Why indices, values and labels are no sparse vector. Positions count from 0.
public enum SparseVectorFlaw: Error, Hashable, Sendable, CustomStringConvertible {
    case values(found: Int, indices: Int)
    case labels(found: Int, indices: Int)
    /// The index at this position is not above the one before it.
    case order(position: Int)
    /// The value at this position is NaN or infinite.
    case number(position: Int)

    /// Goes after the name of the field.
    public var description: String {
        switch self {
        case .values(let found, let indices): "has \(indices) indices and \(found) values; a sparse vector has as many of both"
        case .labels(let found, let indices): "has \(indices) indices and \(found) tokens; a sparse vector has as many of both, or no tokens"
        case .order(let position): "has an index at position \(position) that is not above the one before; indices ascend strictly, none twice"
        case .number(let position): "has NaN or a number beyond 32-bit floats at position \(position) of its values"
        }
    }
}
