import Indexes
import TestSupport
import Testing
import VectorModel

/// Bytes that no builder wrote: they are refused or, where only codes and floats differ, searched without harm.
@Suite struct IVFImageTests {
    private static func opened(_ content: some Collection<UInt8>, ordinalBound: Int) throws -> IVFIndex {
        try IVFIndex(copiedImage(content), ordinalBound: ordinalBound)
    }

    private static func sample() -> (rows: ApproximateRows, bytes: [UInt8]) {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 150, dimension: 20, seed: 1)
        return (rows, rows.lists().bytes)
    }

    /// Whatever an opened image holds, a search returns ordinals below the bound and ends.
    private static func expectHarmless(_ index: IVFIndex, _ rows: ApproximateRows, _ comment: Comment) {
        for wanted in [1, 10, 400] {
            let found = index.search([Float](repeating: 0.1, count: index.dimension), wanted: wanted, effort: 4)
            #expect(found.allSatisfy { $0.ordinal < rows.rows.count }, comment)
            #expect(found.count <= rows.rows.count, comment)
        }
    }

    @Test func anImageOpenedAgainAnswersTheSame() throws {
        let (rows, bytes) = Self.sample()
        let built = rows.lists()
        let opened = try Self.opened(bytes, ordinalBound: 150)
        #expect(opened.rowCount == 150 && opened.dimension == 20 && opened.metric == .l2 && opened.nlist == built.nlist)
        for query in rows.queries(20, seed: 2) {
            let (a, b) = (built.search(query, wanted: 10, effort: 5), opened.search(query, wanted: 10, effort: 5))
            #expect(a.map(\.ordinal) == b.map(\.ordinal) && a.map(\.distance) == b.map(\.distance))
        }
        #expect(throws: IndexImageDamage.self) { try Self.opened(bytes, ordinalBound: 149) }
    }

    @Test func everyBitOfTheHeader() {
        let (rows, bytes) = Self.sample()
        for offset in 0..<128 {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                if let index = try? Self.opened(damaged, ordinalBound: 150) {
                    // Seed, scales and floats cannot be told from others, nor a dimension or a number of rows whose sections are as long.
                    #expect([12, 16, 20].contains(offset) || (32..<40).contains(offset) || (48..<60).contains(offset), "byte \(offset)")
                    Self.expectHarmless(index, rows, "byte \(offset), bit \(bit)")
                }
            }
        }
    }

    @Test func everyLength() {
        let (_, bytes) = Self.sample()
        for length in Array(0..<300) + Array(stride(from: 300, to: bytes.count, by: 997)) + [bytes.count - 64, bytes.count - 1] {
            #expect(throws: IndexImageDamage.self, "\(length) bytes") { try Self.opened(bytes.prefix(length), ordinalBound: 150) }
        }
        #expect(throws: IndexImageDamage.self) { try Self.opened(bytes + [0], ordinalBound: 150) }
        #expect(throws: IndexImageDamage.self) { try Self.opened([UInt8](), ordinalBound: 150) }
    }

    @Test(arguments: Seeds.some(3))
    func randomBytesAnywhere(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (rows, bytes) = Self.sample()
        var opened = 0
        for _ in 0..<600 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = Int.random(in: 68..<damaged.count, using: &generator)
                for place in offset..<min(damaged.count, offset + Int.random(in: 1...8, using: &generator)) {
                    damaged[place] = generator.chance(percent: 50) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
                }
            }
            guard let index = try? Self.opened(damaged, ordinalBound: 150) else { continue }
            opened += 1
            Self.expectHarmless(index, rows, "\(Seeds.replay(seed))")
        }
        #expect(opened > 0)
    }

    @Test func anImageWithoutRows() throws {
        let bytes = ApproximateRows(metric: .cosine, dimension: 5, rows: []).lists().bytes
        let index = try Self.opened(bytes, ordinalBound: 0)
        #expect(index.rowCount == 0 && index.nlist == 0 && index.search([1, 2, 3, 4, 5], wanted: 3, effort: 1).isEmpty)
    }
}
