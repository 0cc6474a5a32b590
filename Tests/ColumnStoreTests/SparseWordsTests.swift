import ColumnStore
import Testing
import TestSupport
import VectorModel

@Suite struct SparseWordsTests {
    private func accepts(_ words: [UInt64]) -> Bool { words.withUnsafeBufferPointer { SparseWords(checking: $0) != nil } }

    private func pair(_ index: UInt32, _ value: Float) -> UInt64 { UInt64(index) | UInt64(value.bitPattern) << 32 }

    @Test func wordsAreThoseOfTheDocument() throws {
        let vector = try SparseVector(indices: [3, 700], values: [1.5, -2], labels: ["x", "y"])
        let words = SparseWords.words(of: vector) { $0 == "x" ? 11 : 12 }
        #expect(words == [2, pair(3, 1.5), pair(700, -2), 11, 12])
        words.withUnsafeBufferPointer { words in
            let read = SparseWords(checking: words)
            #expect(read?.vector { (number) throws(Never) in number == 11 ? "x" : "y" } == vector)
            #expect(read?.unlabelled.labels == nil && read?.count == 2)
        }
    }

    @Test func whatIsNoVectorIsRefused() {
        #expect(accepts([0]) && accepts([1, pair(0, 1)]) && accepts([1, pair(.max, 1), 99]))
        let bad: [[UInt64]] = [
            [], [1], [2, pair(0, 1)], [.max, pair(0, 1)], [0, 5], [1, pair(0, 1), 1, 2], [2, pair(0, 1), pair(1, 1), 1],
            [2, pair(1, 1), pair(1, 1)], [2, pair(2, 1), pair(1, 1)], [1, pair(0, .nan)], [1, pair(0, .infinity)],
        ]
        for words in bad { #expect(!accepts(words), "\(words)") }
    }

    @Test(arguments: Seeds.some(3))
    func innerProductsAreThoseOfDictionaries(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func random() throws -> SparseVector {
            let indices = (0..<30).filter { _ in generator.chance(percent: 30) }.map { UInt32($0 * 97) }
            return try SparseVector(indices: indices, values: indices.map { _ in Float.random(in: -1...1, using: &generator) })
        }
        for _ in 0..<300 {
            let (own, query) = (try random(), try random())
            let weights = Dictionary(zip(query.indices, query.values)) { $1 }
            let common = zip(own.indices, own.values).filter { weights[$0.0] != nil }
            let expected = common.isEmpty ? nil : common.reduce(0.0) { $0 + Double($1.1) * Double(weights[$1.0] ?? 0) }
            let words = SparseWords.words(of: own) { _ in 0 }
            words.withUnsafeBufferPointer { #expect(SparseWords(encoded: $0).innerProduct(query) == expected, "\(Seeds.replay(seed))") }
        }
    }
}
