import ByteCoding

/// How a text becomes terms. Documents and queries must be analysed alike, so an index keeps the analysis that it was built with.
///
/// 1. *Words*: the longest runs of letters, marks and numbers (Unicode's general categories), with an apostrophe between two letters; each Han and
///    Hiragana character is a word, since these are written without spaces. Everything else separates. Of a word longer than 255 bytes the
///    beginning counts.
/// 2. *Folding*: compatibility forms and case are folded, marks composed (NFKC with case folding).
/// 3. *Stop words* are left out.
/// 4. *Stemming* by Snowball's stemmer of one language.
/// 5. *Diacritics* are removed, when asked for.
public struct TextAnalysis: Hashable, Sendable {
    /// Whose endings are cut off; nil to keep words as they are.
    public var stemming: StemmingLanguage?
    /// Words that say nothing of a document. Folded like the text's.
    public var stopWords: Set<String>
    /// Whether é, e and ë are one letter. Texts that are typed without their marks are found then.
    public var removesDiacritics: Bool

    public init(stemming: StemmingLanguage?, stopWords: Set<String> = [], removesDiacritics: Bool = true) {
        self.stemming = stemming
        self.stopWords = stopWords
        self.removesDiacritics = removesDiacritics
    }

    /// For English: its stemmer and stop words.
    public static let english = DocumentLanguage(.english).analysis

    /// For texts of any or several languages: no stop words, no stemming.
    public static let plain = TextAnalysis(stemming: nil)

    /// English articles, conjunctions, prepositions, pronouns and forms of "to be": the words that stand in nearly every text and decide no search.
    public static let englishStopWords: Set<String> = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his", "i", "if", "in",
        "into", "is", "it", "its", "no", "not", "of", "on", "or", "she", "so", "such", "that", "the", "their", "them", "then", "there", "these",
        "they", "this", "to", "was", "we", "were", "which", "will", "with", "you", "your",
    ]
}

/// The languages whose stemmers Snowball has, by its names. The names stand in images.
public enum StemmingLanguage: String, CaseIterable, Sendable {
    case arabic, armenian, basque, catalan, danish, dutch, english, finnish, french, german, greek, hindi, hungarian, indonesian, irish, italian
    case lithuanian, nepali, norwegian, portuguese, romanian, russian, serbian, spanish, swedish, tamil, turkish, yiddish
}

extension TextAnalysis {
    /// A number by which analyses are told apart without reading them: the CRC-32C of how they are encoded.
    package var checksum: UInt32 {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.withUnsafeBytes { crc32c($0) }
    }

    /// `flags u8 (1: diacritics removed), text: the language or nothing, varint: number of stop words, { text }` in ascending order.
    func encode(into writer: inout ByteWriter) {
        writer.append(UInt8(removesDiacritics ? 1 : 0))
        writer.append(lengthPrefixed: stemming?.rawValue ?? "")
        writer.appendVarint(UInt64(stopWords.count))
        for word in stopWords.sorted() { writer.append(lengthPrefixed: word) }
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        let flags: UInt8 = try reader.read()
        guard flags <= 1 else { throw reader.failure(.invalidValue(UInt64(flags))) }
        let language = try reader.readString()
        let stemming = StemmingLanguage(rawValue: language)
        guard stemming != nil || language.isEmpty else { throw reader.failure(.invalidValue(0)) }
        let count = try reader.readCount(elementBytesMin: 1)
        var words: Set<String> = []
        for _ in 0..<count { words.insert(try reader.readString()) }
        try reader.finish()
        guard words.count == count else { throw reader.failure(.invalidValue(UInt64(count))) }
        self.init(stemming: stemming, stopWords: words, removesDiacritics: flags == 1)
    }
}
