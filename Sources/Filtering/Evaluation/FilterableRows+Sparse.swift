import ByteCoding
import ColumnStore
public import VectorModel

/// Sparse vectors of rows that no inverted index covers: each is read.
extension FilterableRows {
    /// The candidates that have an index in common with `query` under `key`, ascending, with their inner products: what an inverted index says.
    ///
    /// Cost: O(indices) for each candidate that has the key.
    /// - Parameters:
    ///   - candidates: its bound is `rowCount`.
    ///   - shouldContinue: asked every few thousand rows; an error it throws ends the search.
    public func sparseScores(
        of query: SparseVector, key: String, among candidates: OrdinalSet, shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> [(row: Int, score: Double)] {
        var scored: [(row: Int, score: Double)] = []
        try forEachSlice(of: candidates, shouldContinue) { (slice) throws(Corruption) in
            // Rows are asked about in ascending order, so the n-th that stays has the n-th score.
            var scores: [Double] = []
            try keep(in: &slice, key: key, keepsMissing: false) { entry in
                guard entry.kind == .sparse, let score = SparseWords(encoded: entry.elements).innerProduct(query) else { return false }
                scores.append(score)
                return true
            }
            var next = 0
            slice.forEach { row in
                scored.append((row, scores[next]))
                next += 1
                return true
            }
        }
        return scored
    }

    /// How many of the candidates have a value at each index of `query` under `key`: the terms' document frequencies.
    ///
    /// Cost and parameters as of `sparseScores`.
    public func sparseFrequencies(
        of query: SparseVector, key: String, among candidates: OrdinalSet, shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> [Int] {
        var counts = [Int](repeating: 0, count: query.count)
        try forEachSlice(of: candidates, shouldContinue) { (slice) throws(Corruption) in
            try keep(in: &slice, key: key, keepsMissing: false) { entry in
                guard entry.kind == .sparse else { return false }
                SparseWords(encoded: entry.elements).forEachCommonIndex(query) { place, _ in counts[place] += 1 }
                return true
            }
        }
        return counts
    }

    /// Calls `body` with the candidates in pieces of 4,096 rows, none of them empty.
    private func forEachSlice(
        of candidates: OrdinalSet, _ shouldContinue: () throws(RequestError) -> Void, _ body: (inout OrdinalSet) throws(Corruption) -> Void
    ) throws(RequestError) {
        for start in stride(from: 0, to: candidates.wordCount, by: 64) {
            let words = start..<min(start + 64, candidates.wordCount)
            guard words.contains(where: { candidates.word($0) != 0 }) else { continue }
            try shouldContinue()
            var slice = OrdinalSet(bound: candidates.bound)
            for index in words { slice.setWord(index, candidates.word(index)) }
            do throws(Corruption) {
                try body(&slice)
            } catch {
                throw RequestError(error)
            }
        }
    }
}
