import ByteCoding
import TestSupport
import Testing

@Suite struct LZ4BlockTests {
    private func compressed(_ bytes: [UInt8], max: Int = .max) -> [UInt8]? {
        bytes.withUnsafeBytes { LZ4Block.compress($0, bytesMax: max) }?.withUnsafeBytes { Array($0) }
    }

    private func decompressed(_ bytes: [UInt8], declared: Int, first: Int = .max, max: Int) throws -> [UInt8] {
        let block = try bytes.withUnsafeBytes { try LZ4Block.decompress($0, declaredBytes: declared, prefixBytes: first, bytesMax: max) }
        return block.withUnsafeBytes { Array($0) }
    }

    @Test func blocksComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let alphabet = UInt8.random(in: 1...255, using: &random)
            let bytes = (0..<Int.random(in: 1...5000, using: &random)).map { _ in UInt8.random(in: 0...alphabet, using: &random) }
            let block = try #require(compressed(bytes))
            #expect(try decompressed(block, declared: bytes.count, max: bytes.count) == bytes, "seed \(seed)")
        }
    }

    @Test func whatDoesNotShrinkIsNotKept() {
        var random = SeededGenerator(seed: 2)
        let noise = (0..<4000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        #expect(compressed(noise, max: 3600) == nil)
        #expect(compressed([UInt8](repeating: 5, count: 4000), max: 3600) != nil)
        #expect(compressed([]) == nil)
    }

    /// A few bytes that claim to be a gigabyte are refused before anything is allocated for them.
    @Test func bombsAreRefused() throws {
        let bomb = try #require(compressed([UInt8](repeating: 0, count: 1 << 20)))
        let limits = DecodingFailure(offset: 0, reason: .lengthOutOfBounds(length: 1 << 20, limit: 1 << 16))
        #expect(throws: limits) { try decompressed(bomb, declared: 1 << 20, max: 1 << 16) }
        #expect(throws: DecodingFailure.self) { try decompressed([1, 2, 3], declared: 1 << 30, max: 1 << 30) }
        #expect(throws: DecodingFailure.self) { try decompressed(bomb, declared: -1, max: 1 << 20) }
    }

    @Test func wrongLengthsAndDamageAreRefusedOrYieldTheDeclaredLength() throws {
        let bytes = (0..<2000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let block = try #require(compressed(bytes))
        #expect(throws: DecodingFailure.self) { try decompressed(block, declared: bytes.count - 1, max: 4000) }
        #expect(throws: DecodingFailure.self) { try decompressed(block, declared: bytes.count + 1, max: 4000) }
        for count in 0..<block.count {
            #expect(throws: DecodingFailure.self) { try decompressed(Array(block[..<count]), declared: bytes.count, max: 4000) }
        }
        for index in block.indices {
            var broken = block
            broken[index] ^= 0x55
            // The block format has no checksum, so damage may go unnoticed here; it must only stay within bounds.
            if let found = try? decompressed(broken, declared: bytes.count, max: 4000) { #expect(found.count == bytes.count) }
        }
    }

    /// Of a whole block any beginning; of a broken one whatever it says, within bounds.
    @Test func beginningsComeWithoutTheRest() throws {
        let bytes = (0..<2000).map { UInt8(truncatingIfNeeded: $0 / 7 &+ $0 % 3) }
        let block = try #require(compressed(bytes))
        for first in [0, 1, 2, 7, 100, 1_234, 1_999, 2_000, 5_000] {
            #expect(try decompressed(block, declared: bytes.count, first: first, max: 4000) == Array(bytes.prefix(first)))
        }
        #expect(try decompressed(block, declared: bytes.count, first: -1, max: 4000).isEmpty)
        #expect(throws: DecodingFailure.self) { try decompressed(Array(block.prefix(10)), declared: bytes.count, first: 1_900, max: 4000) }
        for index in block.indices {
            var broken = block
            broken[index] ^= 0x55
            if let found = try? decompressed(broken, declared: bytes.count, first: 700, max: 4000) { #expect(found.count == 700) }
        }
    }
}
