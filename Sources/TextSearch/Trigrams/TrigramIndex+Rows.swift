public import VectorModel

/// How many rows match, as far as counts alone tell.
public struct TextEstimate: Hashable, Sendable {
    /// At least this many.
    public let lower: Int
    /// A guess, between the others.
    public let expected: Int
    /// At most this many.
    public let upper: Int

    public init(lower: Int, expected: Int, upper: Int) {
        self.lower = lower
        self.expected = min(max(expected, lower), upper)
        self.upper = upper
    }
}

extension TrigramIndex {
    /// How much longer than the rows that are left a list may be to be read still: reading one document costs about as much as this many of its rows.
    private static let rowsPerDocument = 256

    /// The rows that the query admits: all that match, and exactly those if it is exact.
    ///
    /// Rarest first; lists that are much longer than what is left are not read. Cost: at most the lists' lengths, and a
    /// pass of `rowCount` / 64 for each list that is read.
    public func rows(_ query: TrigramQuery) -> OrdinalSet { rows(query.root) }

    private func rows(_ node: TrigramQuery.Node) -> OrdinalSet {
        var found = OrdinalSet(bound: rowCount)
        switch node {
        case .everything: insert(.document, into: &found)
        case .key(let key): insert(key, into: &found)
        case .keys(let range): for list in lists(range) { insert(list, into: &found) }
        case .any(let parts):
            for part in parts {
                if case .key(let key) = part { insert(key, into: &found) } else { found.formUnion(rows(part)) }
            }
        case .all(let parts): found = rowsOfAll(parts)
        }
        return found
    }

    private func insert(_ key: Trigram, into rows: inout OrdinalSet) {
        if let list = list(key) { insert(list, into: &rows) }
    }

    private func rowsOfAll(_ parts: [TrigramQuery.Node]) -> OrdinalSet {
        let ordered = parts.map { (part: $0, upper: upper($0)) }.sorted { $0.upper < $1.upper }
        guard let rarest = ordered.first, rarest.upper > 0 else { return OrdinalSet(bound: rowCount) }
        var left = rows(rarest.part)
        for (part, upper) in ordered.dropFirst() {
            let count = left.count
            if count == 0 || upper / Self.rowsPerDocument > count { break }
            if case .key(let key) = part, let list = list(key) {
                intersect(&left, with: list)
            } else {
                left.formIntersection(rows(part))
            }
        }
        return left
    }

    // MARK: Estimates

    /// How many rows match, from the lists' lengths alone; reads no list. Cost: a binary search for each trigram.
    public func estimate(_ query: TrigramQuery) -> TextEstimate {
        let upper = upper(query.root)
        let expected = min(Int(expected(query.root).rounded(.up)), upper)
        return TextEstimate(lower: query.isExact ? lower(query.root) : 0, expected: expected, upper: upper)
    }

    private func count(_ key: Trigram) -> Int { list(key)?.count ?? 0 }

    private func upper(_ node: TrigramQuery.Node) -> Int {
        switch node {
        case .everything: count(.document)
        case .key(let key): count(key)
        case .keys(let range): min(rowCount, lists(range).reduce(0) { $0 + $1.count })
        case .any(let parts): min(rowCount, parts.reduce(0) { $0 + upper($1) })
        case .all(let parts): parts.reduce(rowCount) { min($0, upper($1)) }
        }
    }

    /// Only for exact queries, which have no conjunction.
    private func lower(_ node: TrigramQuery.Node) -> Int {
        switch node {
        case .everything: count(.document)
        case .key(let key): count(key)
        case .keys(let range): lists(range).reduce(0) { max($0, $1.count) }
        case .any(let parts): parts.reduce(0) { max($0, lower($1)) }
        case .all: 0
        }
    }

    /// Conjuncts depend on one another, so each counts a quarter of the rarer one before: s₁ · s₂^¼ · s₃^(1/16) …
    private func expected(_ node: TrigramQuery.Node) -> Double {
        guard rowCount > 0 else { return 0 }
        let rows = Double(rowCount)
        switch node {
        case .everything, .key, .keys: return Double(upper(node))
        case .any(let parts): return rows * (1 - parts.reduce(1) { $0 * (1 - expected($1) / rows) })
        case .all(let parts):
            let shares = parts.map { expected($0) / rows }.sorted().prefix(4)
            return rows * shares.reversed().reduce(1) { $1 * $0.squareRoot().squareRoot() }
        }
    }
}
