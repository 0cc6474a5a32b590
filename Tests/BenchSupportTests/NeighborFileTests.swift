import BenchSupport
import LyricaClient
import TestSupport
import Testing

@Suite struct NeighborFileTests {
    static let rows: [[Int32]] = [[4, 0, 2], [1, 9, 3]]

    /// One file of each kind with the same neighbours.
    static var files: [(name: String, bytes: [UInt8])] {
        let numbers = rows.flatMap { $0 }
        return [
            ("truth.ivecs", BenchFiles.ivecs(rows)), ("truth.ibin", BenchFiles.ibin(rows)),
            ("distances.ibin", BenchFiles.ibin(rows) + BenchFiles.bytes([Float](repeating: 0.5, count: 6))),
            ("narrow.npy", BenchFiles.npy(descriptor: "<i4", rows: 2, columns: 3, data: BenchFiles.bytes(numbers))),
            ("wide.npy", BenchFiles.npy(descriptor: "<i8", rows: 2, columns: 3, data: BenchFiles.bytes(numbers.map { Int64($0) }))),
        ]
    }

    static func read(_ name: String, _ bytes: [UInt8], baseRows: Int = 10) throws(ClientError) -> TrueNeighbors {
        try NeighborFile.read(MemoryBytes(bytes, name: name), baseRows: baseRows)
    }

    @Test func readsEveryKind() throws {
        for (name, bytes) in Self.files {
            let truth = try Self.read(name, bytes)
            #expect(truth.queryCount == 2 && truth.width == 3, "\(name)")
            #expect(truth.neighbors(of: 0) == [4, 0, 2], "\(name)")
            #expect(truth.neighbors(of: 1) == [1, 9, 3], "\(name)")
        }
    }

    @Test func refusesRowsThatAreNotThere() throws {
        for (name, bytes) in Self.files { #expect(throws: ClientError.self, "\(name)") { try Self.read(name, bytes, baseRows: 9) } }
        #expect(throws: ClientError.self) { try Self.read("negative.ivecs", BenchFiles.ivecs([[-1]])) }
        let huge = BenchFiles.npy(descriptor: "<u8", rows: 1, columns: 1, data: BenchFiles.bytes([UInt64.max]))
        #expect(throws: ClientError.self) { try Self.read("huge.npy", huge) }
    }

    @Test func refusesEveryTruncation() {
        for (name, bytes) in Self.files {
            for length in 0..<bytes.count {
                // A file without a row count, or without its distances, is a good one.
                if name == "truth.ivecs", length == bytes.count / 2 { continue }
                if name == "distances.ibin", length == bytes.count - 24 { continue }
                #expect(throws: ClientError.self, "\(name) cut to \(length) bytes") { try Self.read(name, Array(bytes[..<length])) }
            }
        }
    }

    @Test func refusesOtherKindsAndShapes() {
        let numbers = BenchFiles.bytes([Int32(1), 2])
        for (name, bytes) in [
            ("truth.txt", numbers), ("truth", numbers), ("empty.ivecs", []), ("ragged.ivecs", BenchFiles.ivecs([[1, 2], [3]])),
            ("none.ibin", BenchFiles.bytes([UInt32(0), 4])), ("flat.ibin", BenchFiles.bytes([UInt32(4), 0])),
            ("huge.ibin", BenchFiles.bytes([UInt32.max, UInt32.max])), ("huge.ivecs", BenchFiles.bytes([UInt32.max])),
            ("floats.npy", BenchFiles.npy(descriptor: "<f4", rows: 1, columns: 2, data: numbers)),
            ("more.npy", BenchFiles.npy(descriptor: "<i4", rows: Int.max, columns: 2, data: numbers)),
        ] {
            #expect(throws: ClientError.self, "\(name)") { try Self.read(name, bytes) }
        }
    }

    @Test(arguments: Seeds.some(3)) func survivesFlippedBits(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for (name, bytes) in Self.files {
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                guard let truth = try? Self.read(name, damaged) else { continue }
                #expect(truth.ordinals.allSatisfy { $0 < 10 }, "\(name), \(Seeds.replay(seed))")
            }
        }
    }
}
