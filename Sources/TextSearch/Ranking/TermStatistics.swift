public import VectorModel

/// What BM25 must know of all living documents of a collection, summed over its parts before any of them is scored. So scores do not depend on how
/// documents are spread over parts, nor on documents that are deleted.
public struct TermStatistics: Hashable, Sendable {
    /// Documents with at least one term.
    public internal(set) var documentCount = 0
    /// Terms of all documents, with repetitions.
    public internal(set) var totalLength = 0
    /// For each term of the query, how many documents have it.
    public internal(set) var documentFrequencies: [Int]

    /// Of no document.
    public init(of query: TextQuery) {
        documentFrequencies = [Int](repeating: 0, count: query.termCount)
    }

    /// Adds another part's, of the same query.
    public static func += (sum: inout TermStatistics, part: TermStatistics) {
        precondition(sum.documentFrequencies.count == part.documentFrequencies.count)
        sum.documentCount += part.documentCount
        sum.totalLength += part.totalLength
        for term in sum.documentFrequencies.indices { sum.documentFrequencies[term] += part.documentFrequencies[term] }
    }
}

extension TermIndex {
    /// The statistics of the living rows, for the terms of `query`, which must have been analysed as the index was.
    ///
    /// Cost: a binary search for each term; with dead rows also a pass over them, for each term over them or its rows, whichever are fewer.
    /// - Parameter living: of `rowCount` rows; nil for all.
    public func statistics(for query: TextQuery, living: OrdinalSet? = nil) -> TermStatistics {
        precondition(query.analysis == analysis)
        var statistics = TermStatistics(of: query)
        statistics.documentCount = documentCount
        statistics.totalLength = totalLength
        let numbers = query.terms.map(number(of:))
        for (term, number) in numbers.enumerated() {
            if let number { statistics.documentFrequencies[term] = Int(frequencies[number]) }
        }
        guard let living else { return statistics }
        precondition(living.bound == rowCount)
        let dead = (0..<rowCount).filter { lengths[$0] > 0 && !living.contains($0) }
        guard !dead.isEmpty else { return statistics }
        statistics.documentCount -= dead.count
        statistics.totalLength -= dead.reduce(0) { $0 + Int(lengths[$1]) }
        for (term, number) in numbers.enumerated() {
            if let number { statistics.documentFrequencies[term] -= deadRows(of: number, dead, living) }
        }
        return statistics
    }

    private func deadRows(of term: Int, _ dead: [Int], _ living: OrdinalSet) -> Int {
        let cursor = PostingCursor(self, term: term)
        var count = 0
        if Int(frequencies[term]) <= dead.count {
            while cursor.row != Int.max {
                if !living.contains(cursor.row) { count += 1 }
                cursor.advance(to: cursor.row + 1)
            }
        } else {
            for row in dead {
                cursor.advance(to: row)
                if cursor.row == row { count += 1 }
            }
        }
        return count
    }
}
