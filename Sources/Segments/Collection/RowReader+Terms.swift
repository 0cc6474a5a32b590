package import TextSearch

/// What is known of the words of a source's documents.
package enum TermSource {
    /// No row has a document.
    case absent
    case index(TermIndex)
    /// Each document has to be read.
    case unindexed
}

extension RowReader {
    /// The index of the documents' words.
    /// - Parameter analysis: how texts become words; an index that was made with another is none.
    package func terms(_ analysis: TextAnalysis) -> TermSource {
        guard case .segment(let cursor) = self, let lookup = cursor.segment.lookup else { return .unindexed }
        guard let terms = lookup.terms else { return .absent }
        return terms.analysis == analysis ? .index(terms) : .unindexed
    }
}
