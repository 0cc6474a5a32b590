public import VectorModel

/// A query's text as terms: each once, with how often it stands there.
public struct TextQuery: Hashable, Sendable {
    public let analysis: TextAnalysis
    /// In the order of the text, as UTF-8.
    package let terms: [[UInt8]]
    let counts: [Int]

    /// - Throws: `invalid` naming `field` when the text is longer than `limits.documentBytes` or has more than `limits.queryTerms` different terms.
    public init(_ text: String, analysis: TextAnalysis, field: String = "query", limits: Limits = .standard) throws(RequestError) {
        var text = text
        let length = text.utf8.count
        guard length <= limits.documentBytes else {
            throw .invalid(field, "the text has \(length) bytes; the limit is \(limits.documentBytes)")
        }
        let analyzer = TextAnalyzer(analysis)
        var table = WordTable()
        var counts: [Int] = []
        text.withUTF8 { utf8 in
            WordSplitter.forEachWord(in: UnsafeRawBufferPointer(utf8)) { word in
                guard table.count <= limits.queryTerms, let term = analyzer.term(of: word) else { return }
                let (number, isNew) = term.withUnsafeBufferPointer { table.number($0) }
                if isNew { counts.append(0) }
                counts[number] += 1
            }
        }
        guard table.count <= limits.queryTerms else {
            throw .invalid(field, "the text has more than \(limits.queryTerms) different words")
        }
        var terms: [[UInt8]] = []
        for number in 0..<table.count { terms.append(Array(table.word(number))) }
        self.terms = terms
        self.counts = counts
        self.analysis = analysis
    }

    /// How many different terms it has; without any it finds nothing.
    public var termCount: Int { terms.count }
}
