/// The language that documents are written in, as far as it decides how they become terms: what may be chosen of a `TextAnalysis`.
public struct DocumentLanguage: Hashable, Sendable {
    /// Whose endings are cut off; `nil`: any language or several, and words are taken as they are.
    public let stemming: StemmingLanguage?
    /// Whether the words that say nothing of a document count too. False where there is no list of them.
    public let keepsStopWords: Bool

    /// Any language, or several.
    public static let any = DocumentLanguage(nil)

    /// - Parameter keepsStopWords: means nothing for a language without a list of stop words.
    public init(_ stemming: StemmingLanguage?, keepsStopWords: Bool = false) {
        self.stemming = stemming
        self.keepsStopWords = keepsStopWords && Self.hasStopWords(stemming)
    }

    /// Whether there is a list of its stop words.
    public var hasStopWords: Bool { Self.hasStopWords(stemming) }

    /// How its texts become terms.
    public var analysis: TextAnalysis {
        TextAnalysis(stemming: stemming, stopWords: hasStopWords && !keepsStopWords ? TextAnalysis.englishStopWords : [])
    }

    private static func hasStopWords(_ stemming: StemmingLanguage?) -> Bool { stemming == .english }
}
