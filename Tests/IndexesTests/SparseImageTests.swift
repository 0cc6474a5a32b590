import Indexes
import TestSupport
import Testing
import VectorModel

/// Bytes that no builder wrote: they are refused, or searched without harm and as they say.
@Suite struct SparseImageTests {
    private static func sample(_ seed: UInt64, _ shape: SparseRows.Shape = .signed) throws -> (rows: SparseRows, bytes: [UInt8]) {
        var generator = SeededGenerator(seed: seed)
        let rows = try SparseRows(shape, rowCount: 600, &generator)
        let image = rows.index.image
        return (rows, withExtendedLifetime(image) { Array(image.bytes) })
    }

    /// Whatever an opened image holds, a search returns rows of the part, best first, and the same as all scores say.
    private static func expectSound(_ index: SparseIndex, _ comment: Comment) throws {
        var generator = SeededGenerator(seed: 1)
        let query = try SparseRows.vector(.signed, size: 20, &generator)
        let accepted = OrdinalSet.all(below: index.rowCount)
        var (best, all) = (ScoredTopK(k: 20), [ScoredRow]())
        index.search(query, accepted: accepted, into: &best, order: { (row) throws(Never) in UInt64(row) }, shouldContinue: { () throws(Never) in })
        index.forEachScore(query, accepted: accepted, shouldContinue: { () throws(Never) in }) { row, score in
            all.append(ScoredRow(score: score, ordinal: UInt32(row), order: UInt64(row)))
        }
        #expect(all.allSatisfy { $0.ordinal < index.rowCount }, comment)
        #expect(best.sorted().map(\.ordinal) == all.sorted(by: ScoredRow.precedes).prefix(20).map(\.ordinal), comment)
    }

    @Test func theSameVectorsGiveTheSameBytes() throws {
        #expect(try Self.sample(1).bytes == Self.sample(1).bytes)
        #expect(throws: IndexImageDamage.self) { try SparseIndex(copiedImage(try Self.sample(1).bytes), rowCount: 601) }
        #expect(throws: IndexImageDamage.self) { try SparseIndex(copiedImage(try Self.sample(1).bytes), rowCount: 599) }
    }

    @Test func everyBitOfTheHeader() throws {
        for shape in [SparseRows.Shape.signed, .words] {
            let (_, bytes) = try Self.sample(2, shape)
            for offset in 0..<64 {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[offset] ^= 1 << UInt8(bit)
                    guard let index = try? SparseIndex(copiedImage(damaged), rowCount: 600) else { continue }
                    Issue.record("byte \(offset), bit \(bit) passed")
                    try Self.expectSound(index, "byte \(offset), bit \(bit)")
                }
            }
        }
    }

    @Test func everyLength() throws {
        let (_, bytes) = try Self.sample(3)
        for length in Array(0..<200) + Array(stride(from: 200, to: bytes.count, by: 2_501)) + [bytes.count - 64, bytes.count - 1] {
            #expect(throws: IndexImageDamage.self, "\(length) bytes") { try SparseIndex(copiedImage(bytes.prefix(length)), rowCount: 600) }
        }
        #expect(throws: IndexImageDamage.self) { try SparseIndex(copiedImage(bytes + [0]), rowCount: 600) }
    }

    @Test(arguments: Seeds.some(3))
    func randomBytesAnywhere(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (_, bytes) = try Self.sample(seed)
        var (opened, refused) = (0, 0)
        for _ in 0..<120 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let offset = Int.random(in: 16..<damaged.count, using: &generator)
                for place in offset..<min(damaged.count, offset + Int.random(in: 1...8, using: &generator)) {
                    damaged[place] = generator.chance(percent: 50) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
                }
            }
            guard let index = try? SparseIndex(copiedImage(damaged), rowCount: 600) else {
                refused += 1
                continue
            }
            opened += 1
            try Self.expectSound(index, "\(Seeds.replay(seed))")
        }
        // Of what is gone by only a weight that is not the bound of its block cannot be told from another.
        #expect(refused > opened)
    }
}
