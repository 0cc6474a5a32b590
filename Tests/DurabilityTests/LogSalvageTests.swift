import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// Reading what is left of a damaged log.
@Suite struct LogSalvageTests {
    private func salvage(
        _ disk: SimulatedFileSystem, _ directories: [String] = ["log"], after: SequenceNumber = .zero
    ) throws -> (records: [Replayed], report: LogSalvage.Report) {
        var records: [Replayed] = []
        let report = try LogSalvage.read(directories, fileSystem: disk, after: after) { record in
            records.append(Replayed(sequence: record.sequence.rawValue, bytes: Array(record.payload)))
        }
        return (records, report)
    }

    /// Four files, the last of which was used before.
    private func sample() throws -> (disk: SimulatedFileSystem, records: [Replayed]) {
        let disk = SimulatedFileSystem(seed: 91)
        let (log, _) = try openStepped(disk)
        for index in 0..<12 { try log.commit([UInt8](repeating: UInt8(index), count: 300)) }
        try log.trim(through: SequenceNumber(11))
        var records: [Replayed] = []
        for index in 0..<48 {
            _ = try log.append(payload(Array(repeating: UInt8(index), count: 310), compressible: index % 3 == 0))
            log.commitPending()
            records.append(Replayed(sequence: UInt64(13 + index), bytes: Array(repeating: UInt8(index), count: 310)))
        }
        try log.closeStepped()
        return (disk, [Replayed(sequence: 12, bytes: [UInt8](repeating: 11, count: 300))] + records)
    }

    @Test func aSoundLogIsReadWhole() throws {
        let (disk, records) = try sample()
        let changes = disk.changes
        let (found, report) = try salvage(disk, after: SequenceNumber(11))
        #expect(found == records)
        #expect(report.gaps.isEmpty && report.problems.isEmpty && report.records == records.count && report.last == SequenceNumber(60))
        #expect(disk.changes == changes)
        #expect(try salvage(disk, after: SequenceNumber(40)).records == records.filter { $0.sequence > 40 })
        // What is missing before the first is a gap too.
        #expect(try salvage(disk).report.gaps.map(\.missing) == [SequenceNumber(1)...SequenceNumber(11)])
    }

    @Test func everyFlippedByteCostsOneRecordAtMost() throws {
        let (disk, records) = try sample()
        let paths = disk.paths.filter { $0.hasSuffix(".wal") }
        for (place, path) in paths.enumerated() {
            // Every byte of one file that was used before, and some of the others.
            for index in stride(from: 0, to: 4096, by: place == paths.count - 1 ? 1 : 7) {
                let copy = disk.afterProcessDeath()
                copy.flipBit(path, at: 8 * index + index % 8)
                let (found, report) = try salvage(copy, after: SequenceNumber(11))
                var expected = records
                // The first that differs is the one that is lost; the seal tells of the last.
                if let lost = records.indices.first(where: { $0 >= found.count || found[$0] != records[$0] }) {
                    expected.remove(at: lost)
                    let number = SequenceNumber(records[lost].sequence)
                    #expect(report.gaps.map(\.missing) == [number...number], "byte \(index) of \(path)")
                    #expect(report.gaps.allSatisfy { $0.file.hasPrefix("log/") && $0.offset >= 96 })
                }
                #expect(found == expected, "byte \(index) of \(path): more than one record is lost, or wrong")
                if index < 96 { #expect(report.problems.count == 1, "byte \(index) of \(path)") }
            }
        }
    }

    @Test func whatIsBehindMissingFilesAndCutOnesIsFound() throws {
        let (disk, records) = try sample()
        let paths = disk.paths.filter { $0.hasSuffix(".wal") }
        try disk.remove(paths[1])
        disk.replaceContents(paths[2], with: Array(disk.contents(paths[2])[..<1000]))
        let (found, report) = try salvage(disk, after: SequenceNumber(11))
        #expect(report.files == paths.count - 1)
        #expect(found.allSatisfy { records.contains($0) } && found.last == records.last && found.first == records.first)
        #expect(report.problems.count == 1)
        let missing = records.map(\.sequence).filter { number in !found.contains { $0.sequence == number } }
        #expect(report.gaps.flatMap { Array($0.missing.lowerBound.rawValue...$0.missing.upperBound.rawValue) } == missing)
    }

    @Test func aSecondCopyFillsTheGaps() throws {
        let (disk, records) = try sample()
        let path = try #require(disk.paths.first { $0.hasSuffix(".wal") })
        try disk.createDirectory("copy")
        try disk.copyFile(path, to: "copy/" + path.dropFirst(4))
        disk.flipBit(path, at: 8 * 150)
        #expect(try salvage(disk, after: SequenceNumber(11)).records.count == records.count - 1)
        #expect(try salvage(disk, ["log", "copy"], after: SequenceNumber(11)).records == records)
    }

    @Test func filesThatLostTheirBeginningAreRead() throws {
        let (disk, records) = try sample()
        var lost: Set<UInt64> = []
        for path in disk.paths where path.hasSuffix(".wal") {
            var bytes = disk.contents(path)
            bytes.replaceSubrange(0..<640, with: [UInt8](repeating: 0xA5, count: 640))
            disk.replaceContents(path, with: bytes)
        }
        let (found, report) = try salvage(disk, after: SequenceNumber(11))
        for gap in report.gaps { lost.formUnion(gap.missing.lowerBound.rawValue...gap.missing.upperBound.rawValue) }
        #expect(report.problems.count == report.files)
        #expect(found == records.filter { !lost.contains($0.sequence) })
        // Two or three of about fifteen in a file.
        #expect(found.count >= records.count * 2 / 3)
    }

    @Test func noBytesCrashIt() throws {
        for seed in Seeds.some(200) {
            var random = SeededGenerator(seed: seed)
            let (disk, records) = try sample()
            for _ in 0..<Int.random(in: 1...300, using: &random) { _ = disk.flipRandomBit { $0.hasSuffix(".wal") } }
            let found = try salvage(disk, after: SequenceNumber(11)).records
            #expect(found.allSatisfy { records.contains($0) }, "\(Seeds.replay(seed))")
        }
    }
}
