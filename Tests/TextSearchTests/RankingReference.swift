#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import TestSupport
import TextSearch

/// BM25 as its formula reads, over dictionaries: shares nothing with what it checks. Words are what spaces separate.
struct RankingReference {
    let documents: [[String: Int]?]
    let lengths: [Int]
    var k1 = 1.2
    var b = 0.75

    init(_ documents: [String?]) {
        let words = documents.map { $0?.split(separator: " ").map(String.init) }
        self.documents = words.map { $0.map { Dictionary($0.map { ($0, 1) }, uniquingKeysWith: +) } }
        lengths = words.map { $0?.count ?? 0 }
    }

    /// The score of each row; nil for those without a word of the query.
    func scores(_ query: String) -> [Double?] {
        let n = Double(lengths.count { $0 > 0 })
        let average = Double(lengths.reduce(0, +)) / n
        let words = query.split(separator: " ").map(String.init)
        let frequencies = words.map { word in Double(documents.count { $0?[word] != nil }) }
        return documents.indices.map { row -> Double? in
            guard let document = documents[row], words.contains(where: { document[$0] != nil }) else { return nil }
            var sum = 0.0
            for (word, frequency) in zip(words, frequencies) {
                let f = Double(document[word] ?? 0)
                let idf: Double = log(1 + (n - frequency + 0.5) / (frequency + 0.5))
                let norm: Double = k1 * (1 - b + b * Double(lengths[row]) / average)
                if f > 0 { sum += idf * f * (k1 + 1) / (f + norm) }
            }
            return sum
        }
    }

    /// Rows and scores, best first, of equals the first row first.
    static func best(of scores: [Double?], k: Int, where isAccepted: (Int) -> Bool = { _ in true }) -> [(row: Int, score: Double)] {
        var found: [(row: Int, score: Double)] = []
        for (row, score) in scores.enumerated() where isAccepted(row) {
            if let score { found.append((row, score)) }
        }
        found.sort { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
        return Array(found.prefix(k))
    }
}

/// Random texts whose words are as unequal as those of a language.
struct RandomTexts {
    static func word(_ generator: inout SeededGenerator, vocabulary: Int) -> String {
        let place = Double(vocabulary) * pow(Double.random(in: 0..<1, using: &generator), 3)
        return "w" + String(Int(place))
    }

    static func documents(_ count: Int, vocabulary: Int, _ generator: inout SeededGenerator) -> [String?] {
        (0..<count).map { _ in
            if generator.chance(percent: 3) { return nil }
            return (0..<Int.random(in: 0...30, using: &generator)).map { _ in word(&generator, vocabulary: vocabulary) }.joined(separator: " ")
        }
    }

    static func query(_ words: Int, vocabulary: Int, _ generator: inout SeededGenerator) -> String {
        (0..<words).map { _ in word(&generator, vocabulary: vocabulary) }.joined(separator: " ")
    }
}
