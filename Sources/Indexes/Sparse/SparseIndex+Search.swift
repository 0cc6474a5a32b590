public import VectorModel

extension SparseIndex {
    /// Offers the accepted rows that have an index in common with `query` to `best`, but those that it could not keep.
    ///
    /// One `best` may go through many parts. Cost: O(blocks of the query's indices) for the bounds, and O(values) of the windows that are scored: few
    /// for small `k`, since the best windows come first.
    /// - Parameters:
    ///   - accepted: the rows that may be returned; its bound is `rowCount`.
    ///   - part: what the rows are marked with.
    ///   - order: the tie-breaking order of a row, asked only for rows that are good enough.
    ///   - shouldContinue: asked once per index of the query and per window of 256 rows.
    public func search<Failure: Error>(
        _ query: SparseVector, accepted: OrdinalSet, part: UInt32 = 0, into best: inout ScoredTopK,
        order: (Int) throws(Failure) -> UInt64, shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        defer { withExtendedLifetime(image) {} }
        let scan = SparseScan(postings, query, accepted)
        defer { scan.deallocate() }
        var windows = try scan.windows(shouldContinue)
        // Ties in the order of rows: the same work for the same data.
        windows.sort { $0.bound > $1.bound || $0.bound == $1.bound && $0.number < $1.number }
        for window in windows {
            // A row of the same score may be older, so only what is certainly worse is left.
            guard window.bound >= best.threshold else { return }
            try shouldContinue()
            try scan.score(window.number) { (row, score) throws(Failure) in
                guard score >= best.threshold else { return }
                best.offer(ScoredRow(score: score, part: part, ordinal: UInt32(truncatingIfNeeded: row), order: try order(row)))
            }
        }
    }

    /// Calls `body` with every accepted row that has an index in common with `query`, rows ascending, and its inner product.
    ///
    /// Cost: O(values at the query's indices). Parameters as of `search`.
    public func forEachScore<Failure: Error>(
        _ query: SparseVector, accepted: OrdinalSet, shouldContinue: () throws(Failure) -> Void,
        _ body: (_ row: Int, _ score: Double) throws(Failure) -> Void
    ) throws(Failure) {
        defer { withExtendedLifetime(image) {} }
        let scan = SparseScan(postings, query, accepted)
        defer { scan.deallocate() }
        for window in try scan.windows(shouldContinue) {
            try shouldContinue()
            try scan.score(window.number, body)
        }
    }
}

/// One query over one index: bounds of windows, and the scores within one.
private struct SparseScan {
    private struct Term {
        let weight: Double
        let list: SparsePostings.List
    }

    struct Window {
        let number: Int
        /// No row of the window has a larger score.
        let bound: Double
    }

    private let postings: SparsePostings
    private let accepted: OrdinalSet
    /// Ascending by index, as all sums are.
    private let terms: [Term]
    // SAFETY: room for one window each, owned until `deallocate`, all zero between two windows.
    private let sums: UnsafeMutablePointer<Double>
    private let found: UnsafeMutablePointer<UInt64>
    private static var wordsPerWindow: Int { SparseHeader.windowRows / 64 }

    init(_ postings: SparsePostings, _ query: SparseVector, _ accepted: OrdinalSet) {
        precondition(accepted.bound == postings.header.rowCount)
        self.postings = postings
        self.accepted = accepted
        terms = zip(query.indices, query.values).compactMap { index, value in
            postings.list(of: index).map { Term(weight: Double(value), list: $0) }
        }
        sums = .allocate(capacity: SparseHeader.windowRows)
        sums.initialize(repeating: 0, count: SparseHeader.windowRows)
        found = .allocate(capacity: Self.wordsPerWindow)
        found.initialize(repeating: 0, count: Self.wordsPerWindow)
    }

    func deallocate() {
        sums.deallocate()
        found.deallocate()
    }

    /// The windows in which an accepted row may have an index of the query, ascending.
    ///
    /// Bounds are sums in the order in which scores are, of terms that are none smaller, and adding rounds monotonically: so they hold exactly.
    func windows<Failure: Error>(_ shouldContinue: () throws(Failure) -> Void) throws(Failure) -> [Window] {
        let untouched = -1.0
        var bounds = [Double](repeating: untouched, count: postings.header.windowCount)
        for term in terms {
            try shouldContinue()
            for block in term.list.blocks {
                let window = Int(postings.windows[block])
                bounds[window] = max(bounds[window], 0) + most(term.weight, block)
            }
        }
        return bounds.indices.compactMap { number in
            guard bounds[number] != untouched, (0..<Self.wordsPerWindow).contains(where: { acceptedWord(number, $0) != 0 }) else { return nil }
            return Window(number: number, bound: bounds[number])
        }
    }

    /// The most that a term adds to a row's score in a block. A row without the term gets nothing, so never less than that.
    @inline(__always)
    private func most(_ weight: Double, _ block: Int) -> Double {
        if weight >= 0 { return max(0, weight * Double(postings.maxima[block])) }
        return postings.minima.map { max(0, weight * Double($0[block])) } ?? 0
    }

    @inline(__always)
    private func acceptedWord(_ window: Int, _ word: Int) -> UInt64 {
        let index = window * Self.wordsPerWindow + word
        return index < accepted.wordCount ? accepted.word(index) : 0
    }

    /// Calls `body` with the accepted rows of a window that have an index of the query, ascending.
    func score<Failure: Error>(_ window: Int, _ body: (Int, Double) throws(Failure) -> Void) throws(Failure) {
        for term in terms {
            guard let block = postings.block(of: window, in: term.list) else { continue }
            for posting in postings.postings(of: block, in: term.list) {
                let row = Int(postings.rows[posting])
                sums[row] += term.weight * Double(postings.weights[posting])
                found[row / 64] |= 1 << UInt64(row % 64)
            }
        }
        for word in 0..<Self.wordsPerWindow where found[word] != 0 {
            var rest = found[word] & acceptedWord(window, word)
            while rest != 0 {
                let row = word * 64 + rest.trailingZeroBitCount
                try body(window * SparseHeader.windowRows + row, sums[row])
                rest &= rest &- 1
            }
            found[word] = 0
        }
        sums.update(repeating: 0, count: SparseHeader.windowRows)
    }
}
