public import VectorModel

extension TermIndex {
    /// Offers the accepted rows that have a term of the query to `best`, but those that it could not keep.
    ///
    /// MaxScore (Turtle and Flood 1995, doi:10.1016/0306-4573(95)00020-H) with block maxima (Ding and Suel 2011, doi:10.1145/2009916.2010048): terms
    /// that together cannot lift a row into the answer are only looked up in rows that others propose, and blocks whose bounds are too low are
    /// passed over.
    /// - Parameters:
    ///   - scorer: its query must have been analysed as the index was.
    ///   - accepted: the rows that may be returned, of `rowCount`; nil for all. Rows of deleted records must not be in it.
    ///   - part: what the rows are marked with; one `best` may go through many parts.
    ///   - order: breaks ties between equal scores, the smaller first; asked for rows that are good enough only.
    ///   - shouldContinue: asked every few hundred rows.
    public func search<Failure: Error>(
        _ scorer: BM25Scorer, accepted: OrdinalSet? = nil, part: UInt32 = 0, into best: inout ScoredTopK,
        order: (Int) throws(Failure) -> UInt64, shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        precondition(scorer.query.analysis == analysis && accepted?.bound ?? rowCount == rowCount)
        var search = MaxScoreSearch(self, scorer, scoreMin: best.threshold)
        var rowsUntilCheck = 0
        while let row = search.nextRow(accepted) {
            if rowsUntilCheck == 0 {
                rowsUntilCheck = 256
                try shouldContinue()
            }
            rowsUntilCheck -= 1
            if let score = search.score(of: row), score >= best.threshold {
                best.offer(ScoredRow(score: score, part: part, ordinal: UInt32(row), order: try order(row)))
                search.scoreMin = best.threshold
            }
            search.pass(row)
        }
    }
}

/// The state of one search.
private struct MaxScoreSearch {
    private struct Term {
        /// Its place in the query.
        let place: Int
        let cursor: PostingCursor
        /// What it adds to a row at most.
        let bound: Double
        /// The bounds of this and all terms before it together.
        var boundSum: Double
        /// What it adds at most to a row up to the last of the cursor's block, once that is known.
        var blockBound = 0.0
        var boundedBlockLastRow = -1
    }

    /// Sums of bounds are in another order than those of scores: the last bits may differ.
    private static let roundingSlack = 1 + 1e-9

    private let index: TermIndex
    private let scorer: BM25Scorer
    /// Ascending by bound.
    private var terms: [Term] = []
    /// Terms before this one cannot make a row good enough without another.
    private var firstEssential = 0
    /// The rows up to here have been found worth looking at.
    private var windowEnd = -1
    private var shares: [Double]
    /// A row below this score is of no use.
    var scoreMin: Double

    init(_ index: TermIndex, _ scorer: BM25Scorer, scoreMin: Double) {
        self.index = index
        self.scorer = scorer
        self.scoreMin = scoreMin
        shares = [Double](repeating: 0, count: scorer.query.termCount)
        for (place, text) in scorer.query.terms.enumerated() {
            guard let number = index.number(of: text) else { continue }
            let cursor = PostingCursor(index, term: number)
            let bound = cursor.allBounds.reduce(0) { max($0, Self.bound($1, place, scorer)) }
            terms.append(Term(place: place, cursor: cursor, bound: bound, boundSum: 0))
        }
        terms.sort { $0.bound < $1.bound }
        var sum = 0.0
        for number in terms.indices {
            sum += terms[number].bound
            terms[number].boundSum = sum
        }
    }

    private static func bound(_ block: TermIndexFormat.Block, _ place: Int, _ scorer: BM25Scorer) -> Double {
        scorer.share(place, frequency: block.frequencyMax, normalization: scorer.normalization(length: block.lengthMin))
    }

    private func isTooLow(_ bound: Double) -> Bool { bound * Self.roundingSlack < scoreMin }

    private func boundSum(before term: Int) -> Double { term == 0 ? 0 : terms[term - 1].boundSum }

    /// The next row that may be good enough; nil when there is none.
    mutating func nextRow(_ accepted: OrdinalSet?) -> Int? {
        while true {
            while firstEssential < terms.count, isTooLow(terms[firstEssential].boundSum) { firstEssential += 1 }
            var row = Int.max
            for number in firstEssential..<terms.count { row = min(row, terms[number].cursor.row) }
            guard row < Int.max else { return nil }
            if let accepted {
                guard let next = accepted.first(from: row) else { return nil }
                if next > row {
                    advance(to: next)
                    continue
                }
            }
            if row <= windowEnd || opensWindow() { return row }
            advance(to: windowEnd + 1)
        }
    }

    /// Looks at the blocks that the cursors are in: whether a row up to the end of the first of them may be good enough.
    private mutating func opensWindow() -> Bool {
        var bound = boundSum(before: firstEssential)
        windowEnd = .max
        for number in firstEssential..<terms.count where terms[number].cursor.row < Int.max {
            let cursor = terms[number].cursor
            if terms[number].boundedBlockLastRow != cursor.blockLastRow {
                terms[number].boundedBlockLastRow = cursor.blockLastRow
                terms[number].blockBound = Self.bound(cursor.bounds, terms[number].place, scorer)
            }
            bound += terms[number].blockBound
            windowEnd = min(windowEnd, cursor.blockLastRow)
        }
        return !isTooLow(bound)
    }

    private func advance(to row: Int) {
        for number in firstEssential..<terms.count { terms[number].cursor.advance(to: row) }
    }

    /// Leaves a row that was looked at.
    func pass(_ row: Int) {
        advance(to: row + 1)
    }

    /// What the row scores; nil as soon as it cannot be good enough.
    mutating func score(of row: Int) -> Double? {
        let normalization = scorer.normalization(length: index.lengths[row])
        for place in shares.indices { shares[place] = 0 }
        var sum = 0.0
        for number in (0..<terms.count).reversed() {
            let cursor = terms[number].cursor
            if number < firstEssential {
                if isTooLow(sum + terms[number].boundSum) { return nil }
                cursor.advance(to: row)
            }
            guard cursor.row == row else { continue }
            let share = scorer.share(terms[number].place, frequency: cursor.frequency, normalization: normalization)
            shares[terms[number].place] = share
            sum += share
        }
        return shares.reduce(0, +)
    }
}

extension OrdinalSet {
    /// The smallest member that is not below `start`.
    fileprivate func first(from start: Int) -> Int? {
        guard start < bound else { return nil }
        var index = start / 64
        var word = word(index) & (UInt64.max << UInt64(start % 64))
        while word == 0 {
            index += 1
            guard index < wordCount else { return nil }
            word = self.word(index)
        }
        return index * 64 + word.trailingZeroBitCount
    }
}
