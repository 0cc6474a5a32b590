import ByteCoding
import Engine
import Testing
import TestSupport
import VectorModel

@Suite struct CatalogCheckpointTests {
    private let sample = CatalogCheckpoint(
        logFloor: SequenceNumber(7), logEnd: SequenceNumber(300), lastChange: SequenceNumber(9),
        tenants: [
            .init(name: "t", databases: [
                .init(identifier: .zero, name: "d", createdAt: .zero, collections: [
                    .init(
                        identifier: CollectionIdentifier("00010203-0405-0607-0809-0a0b0c0d0e0f")!, name: "c", createdAt: SequenceNumber(200),
                        metadata: Metadata(["n": .integer(7)]), index: IndexConfiguration(metric: .cosine, M: 16, efConstruction: 100, efSearch: 50),
                        wireConfiguration: Array("{}".utf8), version: 3, manifestEdit: 2)
                ])
            ]),
            .init(name: "empty", databases: []),
        ])

    private func bytes(_ checkpoint: CatalogCheckpoint) -> [UInt8] { checkpoint.encoded().withUnsafeBytes { Array($0) } }

    private func decode(_ bytes: [UInt8], version: UInt32 = 1) throws -> CatalogCheckpoint {
        try bytes.withUnsafeBytes { try CatalogCheckpoint(decoding: $0, version: version) }
    }

    private var withFork: CatalogCheckpoint {
        var forked = sample
        var fork = forked.tenants[0].databases[0].collections[0]
        fork.lineage = fork.identifier
        fork.identifier = CollectionIdentifier("10010203-0405-0607-0809-0a0b0c0d0e0f")!
        fork.name = "f"
        forked.tenants[0].databases[0].collections.append(fork)
        return forked
    }

    /// What no fork is in, older programs read.
    @Test func forksAreToldInVersionTwo() throws {
        let whole = bytes(withFork)
        #expect(try decode(whole, version: 2) == withFork)
        #expect(Array(whole.suffix(33)) == [1, 0x10] + (1...15) + (0...15))
        #expect(throws: DecodingFailure.self) { try decode(whole, version: 1) }
        #expect(throws: DecodingFailure.self) { try decode(bytes(sample), version: 2) }
        for count in 0..<whole.count { #expect(throws: DecodingFailure.self) { try decode(Array(whole.prefix(count)), version: 2) } }
        // A fork that is no collection.
        var stranger = whole
        stranger[whole.count - 32] = 0x20
        #expect(throws: DecodingFailure.self) { try decode(stranger, version: 2) }
    }

    @Test func whatWasWrittenIsRead() throws {
        #expect(try decode(bytes(sample)) == sample)
        let empty = CatalogCheckpoint(logFloor: .zero, logEnd: .zero, lastChange: .zero, tenants: [])
        #expect(try decode(bytes(empty)) == empty)
    }

    /// The bytes as `storage-format.md` describes them, written out by hand.
    @Test func theBytesAreThoseOfTheFormat() {
        var expected: [UInt8] = []
        for number: UInt64 in [7, 300, 9] { expected += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        expected += [2, 1, UInt8(ascii: "t"), 1] + [UInt8](repeating: 0, count: 16) + [1, UInt8(ascii: "d"), 0, 1]
        expected += (0...15) + [1, UInt8(ascii: "c"), 0xC8, 0x01]
        expected += [1, 1, 1, UInt8(ascii: "n"), 2, 14]
        expected += [2, 32, 0xC8, 0x01, 100] + [2] + Array("{}".utf8) + [3, 2]
        expected += [5] + Array("empty".utf8) + [0]
        #expect(bytes(sample) == expected)
    }

    @Test func brokenBytesAreRefusedAndNeverTrapped() throws {
        let good = bytes(sample)
        for count in 0..<good.count { #expect(throws: DecodingFailure.self) { try decode(Array(good.prefix(count))) } }
        #expect(throws: DecodingFailure.self) { try decode(good + [0]) }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            var broken = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = try? decode(broken)
        }
    }
}
