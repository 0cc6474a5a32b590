import ByteCoding
import TestSupport
import Testing
import TextSearch
import VectorModel

/// The index's lists against the documents, and images that no builder wrote.
@Suite struct TrigramIndexTests {
    static func image(_ documents: [[UInt8]?], rowCount: Int) -> [UInt8] {
        var builder = TrigramIndexBuilder()
        for (row, document) in documents.enumerated() {
            document?.withUnsafeBytes { builder.add(row: row, document: $0) }
        }
        return builder.finish(rowCount: rowCount).withUnsafeBytes { Array($0) }
    }

    static func contains(_ document: [UInt8]?, _ text: [UInt8]) -> Bool {
        guard let document, document.count >= text.count else { return false }
        return (0...document.count - text.count).contains { document[$0..<$0 + text.count].elementsEqual(text) }
    }

    private static func randomDocuments(_ count: Int, letters: ClosedRange<UInt8>, _ generator: inout SeededGenerator) -> [[UInt8]?] {
        (0..<count).map { _ in
            if generator.chance(percent: 5) { return nil }
            return (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: letters, using: &generator) }
        }
    }

    @Test(arguments: Seeds.some(4))
    func randomBytes(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for letters in [0...255, 97...99, 97...110] as [ClosedRange<UInt8>] {
            let documents = Self.randomDocuments(Int.random(in: 0...300, using: &generator), letters: letters, &generator)
            let rows = documents.count + Int.random(in: 0...3, using: &generator)
            let index = try TrigramIndex(TextImage.copying(Self.image(documents, rowCount: rows)), rowCount: rows)
            for _ in 0..<60 {
                let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in UInt8.random(in: letters, using: &generator) }
                let query = TrigramQuery(containing: text)
                let (found, estimate) = (index.rows(query), index.estimate(query))
                #expect(query.isExact == (text.count <= 3))
                #expect(estimate.lower <= found.count && found.count <= estimate.upper, "\(Seeds.replay(seed))")
                for (row, document) in documents.enumerated() {
                    let matches = Self.contains(document, text)
                    #expect(query.isExact ? found.contains(row) == matches : found.contains(row) || !matches, "\(Seeds.replay(seed))")
                }
            }
        }
    }

    @Test func longDocumentsAndDenseLists() throws {
        var generator = SeededGenerator(seed: 5)
        let long = (0..<200_000).map { _ in UInt8.random(in: 97...122, using: &generator) }
        let documents: [[UInt8]?] = [long] + (0..<99).map { _ in Array("the same words again".utf8) }
        let index = try TrigramIndex(TextImage.copying(Self.image(documents, rowCount: 100)), rowCount: 100)
        #expect(index.rows(TrigramQuery(containing: Array("same words".utf8))).count == 99)
        #expect(index.rows(TrigramQuery(containing: long[1_000..<1_200])).contains(0))
        #expect(index.estimate(TrigramQuery(containing: Array("the same".utf8))).upper <= 100)
    }

    @Test func theSameDocumentsGiveTheSameImage() {
        let documents: [[UInt8]?] = [Array("abc".utf8), nil, Array("xyzabc".utf8)]
        #expect(Self.image(documents, rowCount: 4) == Self.image(documents, rowCount: 4))
    }

    // MARK: Damage

    private static func sample() -> (bytes: [UInt8], rows: Int) {
        var generator = SeededGenerator(seed: 11)
        return (image(randomDocuments(30, letters: 97...100, &generator), rowCount: 31), 31)
    }

    private static func expectHarmless(_ index: TrigramIndex) {
        for text in ["", "a", "ab", "abc", "abcd", "abab"] {
            let query = TrigramQuery(containing: Array(text.utf8))
            #expect(index.rows(query).count <= index.rowCount && index.estimate(query).upper <= index.rowCount)
        }
    }

    @Test func everyBitAndEveryLength() {
        let (bytes, rows) = Self.sample()
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                if let index = try? TrigramIndex(TextImage.copying(damaged), rowCount: rows) {
                    // Other rows, or another key, cannot be told from those that were written.
                    #expect(offset >= 32)
                    Self.expectHarmless(index)
                }
            }
        }
        for length in bytes.indices {
            #expect(throws: TextImageDamage.self) { try TrigramIndex(TextImage.copying(Array(bytes.prefix(length))), rowCount: rows) }
        }
        #expect(throws: TextImageDamage.self) { try TrigramIndex(TextImage.copying(bytes + [0]), rowCount: rows) }
        #expect(throws: TextImageDamage.self) { try TrigramIndex(TextImage.copying(bytes), rowCount: rows - 1) }
    }

    @Test(arguments: Seeds.some(3))
    func randomDamage(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (bytes, rows) = Self.sample()
        for _ in 0..<2_000 {
            let damaged = bytes.damaged(&generator)
            if let index = try? TrigramIndex(TextImage.copying(damaged), rowCount: rows) { Self.expectHarmless(index) }
        }
    }
}
