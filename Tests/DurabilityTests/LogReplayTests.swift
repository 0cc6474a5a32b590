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
        // Their files are gone, so nothing earlier can be read.
        #expect(try openStepped(disk, after: SequenceNumber(25)).records == Array(expected[25...]))
        #expect(throws: LogOpenError.self) { try openStepped(disk) }
        // When all are, numbers go on behind what is safe.
        for path in disk.paths { try disk.remove(path) }
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

    /// A file that version 1 of the format wrote, with the record `Psalm 119`.
    @Test func aFileOfVersion1IsReadAndNotWrittenTo() throws {
        let disk = SimulatedFileSystem(seed: 12)
        try disk.createDirectory("log")
        _ = try disk.create("log/00000000000000000001.wal")
        let bytes = Self.version1 + [UInt8](repeating: 0, count: 4096 - Self.version1.count)
        disk.replaceContents("log/00000000000000000001.wal", with: bytes)
        let psalm = Replayed(sequence: 1, bytes: Array("Psalm 119".utf8))
        #expect(try replay(disk) == [psalm])
        let (log, records) = try openStepped(disk)
        #expect(records == [psalm] && log.recovery.lastTimestamp == .zero)
        let more = try log.commit([2])
        try log.closeStepped()
        #expect(disk.paths.count == 2)
        #expect(disk.contents("log/00000000000000000001.wal") == bytes)
        #expect(try openStepped(disk.afterPowerLoss()).records == [psalm] + more)
    }

    /// The worked example of the first version of the format.
    private static let version1: [UInt8] = [
        0x89, 0x4C, 0x59, 0x52, 0x57, 0x41, 0x4C, 0x0A, 0x01, 0x00, 0x00, 0x00, 0x60, 0x00, 0x00, 0x00,
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x31, 0x2E, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1C, 0x06, 0xB7, 0xA7,
        0x81, 0xBA, 0x01, 0x1B, 0xE7, 0x05, 0x49, 0x4F, 0x09, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x50, 0x73, 0x61, 0x6C, 0x6D, 0x20, 0x31, 0x31, 0x39, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ]
}
