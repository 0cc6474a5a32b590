import CTextAnalysis

/// Makes terms of words, as a `TextAnalysis` says. For one thread at a time: it owns a stemmer.
final class TextAnalyzer {
    let analysis: TextAnalysis
    private let stopWords: Set<[UInt8]>
    private let stemmer: OpaquePointer?

    init(_ analysis: TextAnalysis) {
        self.analysis = analysis
        stopWords = Set(analysis.stopWords.map { word in Array(word.utf8).withUnsafeBufferPointer { Self.folded($0, stripsMarks: false) } })
        stemmer = analysis.stemming.map { language in
            guard let stemmer = cta_stemmer_create(language.rawValue) else { preconditionFailure("the stemming library has no \(language.rawValue)") }
            return stemmer
        }
    }

    deinit {
        if let stemmer { cta_stemmer_destroy(stemmer) }
    }

    /// The term that a word of a text counts as, at most 255 bytes; nil for a stop word and for one that folds to nothing.
    func term(of word: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var term = Self.folded(word, stripsMarks: false)
        guard !term.isEmpty, !stopWords.contains(term) else { return nil }
        if let stemmer { term = Self.stemmed(term, stemmer) }
        if analysis.removesDiacritics, !term.allSatisfy({ $0 < 0x80 }) {
            term = term.withUnsafeBufferPointer { Self.folded($0, stripsMarks: true) }
        }
        return term.isEmpty ? nil : term
    }

    private static func folded(_ word: UnsafeBufferPointer<UInt8>, stripsMarks: Bool) -> [UInt8] {
        let word = UnsafeBufferPointer(rebasing: word.prefix(WordSplitter.wordBytesMax))
        if word.allSatisfy({ $0 < 0x80 }) {
            return word.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }
        return [UInt8](unsafeUninitializedCapacity: WordSplitter.wordBytesMax) { target, count in
            // SAFETY: the callee writes at most the capacity that it is given.
            count = cta_fold(word.baseAddress, word.count, stripsMarks, target.baseAddress, WordSplitter.wordBytesMax)
        }
    }

    private static func stemmed(_ term: [UInt8], _ stemmer: OpaquePointer) -> [UInt8] {
        var stem: UnsafePointer<UInt8>?
        let length = cta_stem(stemmer, term, term.count, &stem)
        // A word that is all ending is kept, and one for which there was no memory too.
        guard length > 0, let stem else { return term }
        return Array(UnsafeBufferPointer(start: stem, count: min(length, WordSplitter.wordBytesMax)))
    }
}
