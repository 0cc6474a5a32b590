public import VectorModel

/// One query against documents that no index holds, as those of a memtable: reads each, and scores as an index would, to the last bit.
///
/// First every living document is added, then its `statistics` are summed with those of the other parts, then it is searched.
/// Cost: one pass over the documents' bytes; each different word is analysed once. Memory: the different words, and a few numbers for each document
/// with a term of the query.
public struct UnindexedDocuments: ~Copyable {
    private struct Match {
        let part: UInt32
        let row: UInt32
        let length: UInt32
        /// Where its terms end in `frequencies`.
        let end: Int
    }

    /// A word that counts towards the length, but is not in the query.
    private static let otherTerm: Int32 = -1
    private static let noTerm: Int32 = -2

    private let query: TextQuery
    private let analyzer: TextAnalyzer
    private let placeOfTerm: [[UInt8]: Int32]
    private var words = WordTable()
    /// For each word its term's place in the query.
    private var placeOfWord: [Int32] = []
    private var pending: [UInt32]
    private var matches: [Match] = []
    private var frequencies: [(place: Int, frequency: UInt32)] = []
    /// Of the documents that were added.
    public private(set) var statistics: TermStatistics

    public init(_ query: TextQuery) {
        self.query = query
        analyzer = TextAnalyzer(query.analysis)
        placeOfTerm = Dictionary(uniqueKeysWithValues: query.terms.enumerated().map { ($1, Int32($0)) })
        pending = [UInt32](repeating: 0, count: query.termCount)
        statistics = TermStatistics(of: query)
    }

    /// Adds the document of a living row. Rows may come in any order, each once; below 2³².
    /// - Parameter part: which part of the collection the row belongs to.
    public mutating func add(part: UInt32 = 0, row: Int, document: UnsafeRawBufferPointer) {
        var length: UInt32 = 0
        var isMatch = false
        WordSplitter.forEachWord(in: document) { word in
            let place = place(of: word)
            guard place != Self.noTerm else { return }
            length += 1
            guard place != Self.otherTerm else { return }
            pending[Int(place)] += 1
            isMatch = true
        }
        guard length > 0 else { return }
        statistics.documentCount += 1
        statistics.totalLength += Int(length)
        guard isMatch else { return }
        for place in pending.indices where pending[place] > 0 {
            frequencies.append((place, pending[place]))
            statistics.documentFrequencies[place] += 1
            pending[place] = 0
        }
        matches.append(Match(part: part, row: UInt32(row), length: length, end: frequencies.count))
    }

    private mutating func place(of word: UnsafeBufferPointer<UInt8>) -> Int32 {
        let (number, isNew) = words.number(word)
        if isNew {
            placeOfWord.append(analyzer.term(of: word).map { placeOfTerm[$0] ?? Self.otherTerm } ?? Self.noTerm)
        }
        return placeOfWord[number]
    }

    /// Offers the accepted rows to `best`; rows without any term of the query are none.
    /// - Parameters:
    ///   - accepts: whether a row of a part may be returned.
    ///   - order: as of `TermIndex.search`, for a row of a part.
    public func search<Failure: Error>(
        _ scorer: BM25Scorer, into best: inout ScoredTopK, accepts: (_ part: Int, _ row: Int) -> Bool = { _, _ in true },
        order: (_ part: Int, _ row: Int) throws(Failure) -> UInt64
    ) throws(Failure) {
        precondition(scorer.query == query)
        var start = 0
        for match in matches {
            let terms = frequencies[start..<match.end]
            start = match.end
            let (part, row) = (Int(match.part), Int(match.row))
            guard accepts(part, row) else { continue }
            let normalization = scorer.normalization(length: match.length)
            // The places ascend, so shares are summed as an index does.
            let score = terms.reduce(0) { $0 + scorer.share($1.place, frequency: $1.frequency, normalization: normalization) }
            guard score >= best.threshold else { continue }
            best.offer(ScoredRow(score: score, part: match.part, ordinal: match.row, order: try order(part, row)))
        }
    }
}
