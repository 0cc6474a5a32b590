import ByteCoding
import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// Appending, closing and opening again, without faults.
@Suite struct LogReplayTests {
    @Test func anEmptyLogHasNoRecordsAndNoFiles() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let (log, records) = try openStepped(disk)
        #expect(records.isEmpty)
        #expect(log.lastDurable == .zero)
        try log.closeStepped()
        #expect(disk.paths.isEmpty)
    }

    @Test func recordsComeBackInOrder() throws {
        let disk = SimulatedFileSystem(seed: 2)
        var expected: [Replayed] = []
        for round in 0..<5 {
            let (log, records) = try openStepped(disk)
            #expect(records == expected)
            #expect(log.recovery.records == expected.count)
            #expect(log.recovery.bytes == expected.reduce(0) { $0 + $1.bytes.count })
            #expect(log.recovery.last.rawValue == UInt64(expected.count))
            #expect(log.recovery.wasSealed == (round > 0))
            #expect(log.recovery.cut == nil)
            expected += try log.commit([UInt8(round)], [], Array(repeating: 7, count: 100 * round))
            expected += try log.commit(Array("two".utf8))
            try log.closeStepped()
        }
        #expect(expected.map(\.sequence) == Array(1...20))
    }

    @Test func closingAnUnchangedLogWritesNothing() throws {
        let disk = SimulatedFileSystem(seed: 3)
        let (first, _) = try openStepped(disk)
        try first.commit([1, 2, 3])
        try first.closeStepped()
        let before = disk.contents("log/00000000000000000001.wal")
        for _ in 0..<200 { try openStepped(disk).log.closeStepped() }
        #expect(disk.contents("log/00000000000000000001.wal") == before)
    }

    @Test func filesFollowOneAnother() throws {
        let disk = SimulatedFileSystem(seed: 4)
        let (log, _) = try openStepped(disk)
        var expected: [Replayed] = []
        for index in 0..<60 { expected += try log.commit([UInt8](repeating: UInt8(index), count: 300)) }
        try log.closeStepped()
        #expect(disk.paths.count > 4)
        #expect(disk.paths.allSatisfy { $0.hasSuffix(".wal") && disk.contents($0).count == 4096 })
        let (reopened, records) = try openStepped(disk)
        #expect(records == expected)
        #expect(reopened.recovery.files == disk.paths.count)
    }

    @Test func aLargeRecordGetsAFileOfItsSize() throws {
        let disk = SimulatedFileSystem(seed: 5)
        let (log, _) = try openStepped(disk)
        let large = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var expected = try log.commit([1])
        expected += try log.commit([2], large, [3])
        expected += try log.commit([4])
        try log.closeStepped()
        #expect(try openStepped(disk).records == expected)
        #expect(disk.paths.contains { disk.contents($0).count == 96 + 48 + 100_000 + 48 })
    }

    @Test func aGroupTakesOneWriteAndOneSync() throws {
        let disk = SimulatedFileSystem(seed: 6)
        let (log, _) = try openStepped(disk)
        try log.commit([0])
        let (writes, syncs) = (disk.writes, disk.syncs)
        try log.commit([1], [2], [3], [4])
        #expect(disk.writes == writes + 1)
        #expect(disk.syncs == syncs + 1)
    }

    @Test func compressedRecordsAreSmallerAndComeBack() throws {
        let disk = SimulatedFileSystem(seed: 7)
        let (log, _) = try openStepped(disk)
        let words = Array(String(repeating: "the same words again and again, ", count: 3000).utf8)
        _ = try log.append(payload(words, compressible: true))
        var random = SeededGenerator(seed: 7)
        let noise = (0..<600).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        _ = try log.append(payload(noise, compressible: true))
        log.commitPending()
        try log.closeStepped()
        #expect(disk.paths == ["log/00000000000000000001.wal"])
        #expect(try openStepped(disk).records.map(\.bytes) == [words, noise])
    }

    @Test func recordsThatAreSafeElsewhereAreSkipped() throws {
        let disk = SimulatedFileSystem(seed: 8)
        let (log, _) = try openStepped(disk)
        var expected: [Replayed] = []
        for index in 0..<40 { expected += try log.commit([UInt8](repeating: UInt8(index), count: 300)) }
        try log.closeStepped()
        #expect(try openStepped(disk, after: SequenceNumber(25)).records == Array(expected[25...]))
        // Their files may be gone.
        let paths = disk.paths
        try disk.remove(paths[0])
        #expect(try openStepped(disk, after: SequenceNumber(25)).records == Array(expected[25...]))
        #expect(throws: LogOpenError.self) { try openStepped(disk) }
        // When all are, numbers go on behind what is safe.
        for path in paths.dropFirst() { try disk.remove(path) }
        let (fresh, none) = try openStepped(disk, after: SequenceNumber(40))
        #expect(none.isEmpty)
        #expect(try fresh.commit([9]).map(\.sequence) == [41])
        #expect(try openStepped(disk, after: SequenceNumber(40)).records.map(\.sequence) == [41])
    }

    @Test func aPayloadThatDoesNotDecodeStopsTheOpening() throws {
        let disk = SimulatedFileSystem(seed: 9)
        let (log, _) = try openStepped(disk)
        try log.commit([1])
        try log.closeStepped()
        let refused = #expect(throws: LogOpenError.self) {
            try WriteAheadLog.open(
                directory: "log", fileSystem: disk, options: LogOptions(fileBytes: 4096), execution: .stepped
            ) { (record) throws(Corruption) in
                throw record.corruption(DecodingFailure(offset: 0, reason: .invalidUTF8))
            }
        }
        guard case .corruption(let corruption) = refused else { return #expect(Bool(false), "not a corruption") }
        #expect(corruption.file == "log/00000000000000000001.wal")
        #expect(corruption.offset == 96)
    }

    @Test func leftoverTemporaryFilesAreRemoved() throws {
        let disk = SimulatedFileSystem(seed: 10)
        let (log, _) = try openStepped(disk)
        try log.commit([1])
        _ = try disk.create("log/prepared-7.tmp")
        _ = try openStepped(disk)
        #expect(disk.paths == ["log/00000000000000000001.wal"])
    }
}
