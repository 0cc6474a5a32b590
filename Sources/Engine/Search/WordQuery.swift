public import TextSearch
import VectorModel

/// The text of a ranking by words.
public struct WordQuery: Hashable, Sendable {
    public var text: String
    /// How the text and the documents are made words; `nil`: as the collection says.
    public var language: DocumentLanguage?

    public init(_ text: String, language: DocumentLanguage? = nil) {
        self.text = text
        self.language = language
    }

    /// Its words in a collection of this configuration.
    /// - Throws: `invalid` when they are too many, or the text is too long.
    func terms(_ configuration: IndexConfiguration, _ limits: Limits) throws(RequestError) -> TextQuery {
        try TextQuery(text, analysis: (language ?? configuration.language).analysis, field: "rank", limits: limits)
    }
}
