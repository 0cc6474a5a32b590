#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
public import VectorModel

/// The two constants of BM25.
public struct BM25Parameters: Hashable, Sendable {
    /// How soon more of a term counts no more: 0 makes once as good as often. At least 0.
    public let k1: Double
    /// How much long documents are marked down: 0 not at all, 1 in proportion.
    public let b: Double

    /// The values that Lucene and Chroma use.
    public static let standard = BM25Parameters(uncheckedK1: 1.2, b: 0.75)

    /// - Throws: `invalid` naming `k1` or `b` when it is out of range.
    public init(k1: Double = 1.2, b: Double = 0.75) throws(RequestError) {
        guard k1 >= 0, k1 <= Self.k1Max else { throw .invalid("k1", "must be a number from 0 to \(Self.k1Max)") }
        guard b >= 0, b <= 1 else { throw .invalid("b", "must be a number from 0 to 1") }
        self.init(uncheckedK1: k1, b: b)
    }

    private init(uncheckedK1 k1: Double, b: Double) {
        self.k1 = k1
        self.b = b
    }

    private static let k1Max = 1_000.0
}

/// One query with its weights: says what a document scores.
///
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009, doi:10.1561/1500000019), with Lucene's idf, which is
/// never negative: Σ over the query's terms of count · ln(1 + (N − n + ½) / (n + ½)) · f · (k1 + 1) / (f + k1 · (1 − b + b · length / average
/// length)). Terms are summed in the query's order, so that equal documents score equally to the last bit, wherever they lie.
public struct BM25Scorer: Sendable {
    public let query: TextQuery
    /// For each term, what its share tends to as its frequency grows.
    private let weights: [Double]
    /// What a document's normalisation is at length 0, and how it grows with each term.
    private let baseNormalization: Double
    private let normalizationPerTerm: Double

    /// - Parameter statistics: of `query`, summed over every part of the collection.
    public init(_ query: TextQuery, statistics: TermStatistics, parameters: BM25Parameters = .standard) {
        precondition(statistics.documentFrequencies.count == query.termCount)
        self.query = query
        let documents = Double(statistics.documentCount)
        weights = zip(query.counts, statistics.documentFrequencies).map { count, frequency in
            let rarity = 1 + (documents - Double(frequency) + 0.5) / (Double(frequency) + 0.5)
            return Double(count) * log(rarity) * (parameters.k1 + 1)
        }
        let averageLength = statistics.documentCount > 0 ? Double(statistics.totalLength) / documents : 1
        baseNormalization = parameters.k1 * (1 - parameters.b)
        normalizationPerTerm = parameters.k1 * parameters.b / averageLength
    }

    /// What a document of so many terms is marked down by.
    @inline(__always)
    func normalization(length: UInt32) -> Double { baseNormalization + normalizationPerTerm * Double(length) }

    /// What a term adds to a document that has it `frequency` times. Grows with the frequency, falls with the normalisation.
    @inline(__always)
    func share(_ term: Int, frequency: UInt32, normalization: Double) -> Double {
        let frequency = Double(frequency)
        return weights[term] * (frequency / (frequency + normalization))
    }
}
