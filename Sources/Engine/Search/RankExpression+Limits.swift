import VectorModel

extension RankExpression {
    /// Refuses what is larger than the limits allow, or has no meaning.
    /// - Parameter resultsLeft: how many more values for records all expressions of a request may work with: for each record that may be found,
    ///   one of each leaf. What this expression may need is taken off.
    func check(_ limits: Limits, rows: Int, resultsLeft: inout Int) throws(RequestError) {
        var count = Count()
        try check(limits, depth: 1, &count)
        for leaf in RankProgram(self).leaves {
            try leaf.check(limits)
            resultsLeft -= min(leaf.limit, rows) * count.leaves
        }
        guard resultsLeft >= 0 else {
            throw .invalid(
                "rank", "the leaves of all searches may find more than \(limits.totalResultCount) records together, "
                    + "each counted once for every leaf of its search")
        }
    }

    private struct Count {
        var nodes = 0
        var leaves = 0
    }

    private func check(_ limits: Limits, depth: Int, _ count: inout Count) throws(RequestError) {
        guard depth <= limits.rankDepth else { throw .invalid("rank", "is nested deeper than \(limits.rankDepth) levels") }
        count.nodes += 1
        guard count.nodes <= limits.rankNodes else { throw .invalid("rank", "has more than \(limits.rankNodes) operators and values") }
        switch self {
        case .value(let value):
            guard value.isFinite else { throw .invalid("rank", "has a value that is not finite") }
        case .leaf:
            count.leaves += 1
            guard count.leaves <= limits.rankLeaves else { throw .invalid("rank", "has more than \(limits.rankLeaves) leaves") }
        case .sum(let parts), .product(let parts), .minimum(let parts), .maximum(let parts):
            guard !parts.isEmpty else { throw .invalid("rank", "has an operator with an empty list") }
        case .difference, .quotient, .absolute, .exponential, .logarithm: break
        }
        for operand in operands { try operand.check(limits, depth: depth + 1, &count) }
    }
}

extension RankLeaf {
    fileprivate func check(_ limits: Limits) throws(RequestError) {
        guard (1...limits.resultCount).contains(limit) else {
            throw .invalid("rank", "a leaf's limit is \(limit); it must be from 1 to \(limits.resultCount)")
        }
        if let missing, !missing.isFinite { throw .invalid("rank", "a leaf's default is not finite") }
        switch query {
        case .dense(let vector, _):
            guard (1...limits.dimension).contains(vector.count) else {
                throw .invalid("rank", "a query vector has \(vector.count) numbers; it must have from 1 to \(limits.dimension)")
            }
            guard vector.allSatisfy(\.isFinite) else { throw .invalid("rank", "a query vector has NaN or an infinity") }
        case .sparse(let vector, let key):
            guard vector.count <= limits.sparseVectorCount else {
                throw .invalid("rank", "a sparse query vector has \(vector.count) indices; the limit is \(limits.sparseVectorCount)")
            }
            guard !key.isEmpty, key.utf8.count <= limits.metadataKeyBytes else {
                throw .invalid("rank", "a leaf's key has \(key.utf8.count) bytes; it must have from 1 to \(limits.metadataKeyBytes)")
            }
        case .words(let query, _):
            let bytes = query.text.utf8.count
            guard bytes <= limits.documentBytes else {
                throw .invalid("rank", "a leaf's text has \(bytes) bytes; the limit is \(limits.documentBytes)")
            }
        }
    }
}
