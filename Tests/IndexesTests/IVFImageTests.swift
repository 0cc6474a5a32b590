import Indexes
import TestSupport
import Testing
import VectorModel

/// Bytes that no builder wrote: they are refused or, where only codes and floats differ, searched without harm.
@Suite struct IVFImageTests {
    private static func opened(_ content: some Collection<UInt8>, ordinalBound: Int) throws -> IVFIndex {
        try IVFIndex(copiedImage(content), ordinalBound: ordinalBound)
    }

    /// Of narrow rows with codes of four bits and of wide ones with two.
    private static let dimensions = [20, 300]

    private static func sample(_ dimension: Int = 20) -> (rows: ApproximateRows, bytes: [UInt8]) {
        let rows = ApproximateRows(.clusters, metric: .l2, count: 150, dimension: dimension, seed: 1)
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

    @Test(arguments: dimensions)
    func anImageOpenedAgainAnswersTheSame(_ dimension: Int) throws {
        let (rows, bytes) = Self.sample(dimension)
        let built = rows.lists()
        let opened = try Self.opened(bytes, ordinalBound: 150)
        #expect(opened.rowCount == 150 && opened.dimension == dimension && opened.metric == .l2 && opened.nlist == built.nlist)
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

    /// Wherever a number says what belongs to a list, one that is too large is found.
    @Test func everyNumberOfTheLists() throws {
        let (_, bytes) = Self.sample()
        func field(_ offset: Int) -> Int { bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
        func padded(_ length: Int) -> Int { (length + 63) / 64 * 64 }
        let (lists, references) = (field(24), field(28))
        // What comes before: header, mean, the centres' codes, parameters and blocks.
        let starts = 128 + 4 * 64 + 64 * lists + padded(12 * lists) + (lists + 31) / 32 * (4 * 64 + 256)
        let places = Array(stride(from: starts, to: starts + 12 * (lists + 1), by: 4))
            + stride(from: starts + padded(12 * (lists + 1)), to: starts + padded(12 * (lists + 1)) + 8 * references, by: 4)
        #expect(references > 0)
        for place in places {
            for value: UInt32 in [.max, 1 << 31, 151] {
                var damaged = bytes
                for byte in 0..<4 { damaged[place + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
                #expect(throws: IndexImageDamage.self, "byte \(place), \(value)") { try Self.opened(damaged, ordinalBound: 150) }
            }
        }
    }

    @Test(arguments: Seeds.some(3), dimensions)
    func randomBytesAnywhere(_ seed: UInt64, _ dimension: Int) {
        var generator = SeededGenerator(seed: seed)
        let (rows, bytes) = Self.sample(dimension)
        var opened = 0
        for _ in 0..<600 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = Int.random(in: 64..<damaged.count, using: &generator)
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
