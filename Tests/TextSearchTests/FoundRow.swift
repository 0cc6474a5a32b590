import TextSearch
import VectorModel

/// An answer of one part.
struct FoundRow: Equatable {
    let row: Int
    let score: Double

    init(_ found: ScoredRow) {
        (row, score) = (Int(found.ordinal), found.score)
    }
}

extension TermIndex {
    /// The `k` best rows, best first.
    func top<Failure: Error>(
        _ scorer: BM25Scorer, k: Int, accepted: OrdinalSet? = nil, order: (Int) -> UInt64, shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [FoundRow] {
        var best = ScoredTopK(k: k)
        try search(
            scorer, accepted: accepted, into: &best, order: { (row) throws(Failure) in order(row) }, shouldContinue: shouldContinue)
        return best.sorted().map(FoundRow.init)
    }
}

extension UnindexedDocuments {
    /// The `k` best rows, best first.
    func top(_ scorer: BM25Scorer, k: Int, accepted: OrdinalSet? = nil, order: (Int) -> UInt64) -> [FoundRow] {
        var best = ScoredTopK(k: k)
        search(scorer, into: &best, accepts: { accepted?.contains($1) ?? true }, order: { (_, row) throws(Never) in order(row) })
        return best.sorted().map(FoundRow.init)
    }
}
