import ByteCoding
import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// What opening makes of torn, flipped, cut, missing and swapped bytes.
@Suite struct LogDamageTests {
    private static let first = "log/00000000000000000001.wal"

    /// A small log of two files and several groups; what it holds, and how many records its last group has.
    private func sample(sealed: Bool) throws -> (disk: SimulatedFileSystem, records: [Replayed], lastGroup: Int) {
        let disk = SimulatedFileSystem(seed: 11)
        let (log, _) = try openStepped(disk)
        var records: [Replayed] = []
        for index in 0..<9 {
            records += try log.commit([UInt8](repeating: UInt8(index + 1), count: 301), [], [UInt8](repeating: 0xEE, count: index * 50))
        }
        records += try log.commit([5, 6, 7])
        if sealed { try log.closeStepped() }
        #expect(disk.paths.filter { $0.hasSuffix(".wal") }.count == 2)
        return (disk.afterProcessDeath(), records, 1)
    }

    @Test(arguments: [true, false])
    func everyFlippedByteIsNoticedOrHarmless(sealed: Bool) throws {
        let (disk, records, lastGroup) = try sample(sealed: sealed)
        var refused = 0
        for path in disk.paths where path.hasSuffix(".wal") {
            let intact = disk.contents(path)
            for index in intact.indices {
                var broken = intact
                broken[index] ^= UInt8(1 + index % 255)
                let copy = disk.afterProcessDeath()
                copy.replaceContents(path, with: broken)
                do {
                    let found = try openStepped(copy).records
                    #expect(records.starts(with: found), "byte \(index) of \(path): wrong records")
                    let lossMax = sealed ? 0 : lastGroup
                    #expect(found.count >= records.count - lossMax, "byte \(index) of \(path): \(records.count - found.count) records lost")
                    // What was accepted must be stable: the next opening finds the same.
                    #expect(try openStepped(copy).records == found, "byte \(index) of \(path)")
                } catch {
                    guard case .corruption(let corruption) = error else {
                        #expect(Bool(false), "byte \(index) of \(path): \(error)")
                        continue
                    }
                    #expect(corruption.file == path, "byte \(index) of \(path)")
                    #expect(corruption.offset <= index, "byte \(index) of \(path)")
                    #expect(copy.contents(path) == broken, "a refused file was changed")
                    refused += 1
                }
            }
        }
        #expect(refused > 4096)
    }

    @Test func everyTruncationIsRefused() throws {
        let (disk, _, _) = try sample(sealed: true)
        for path in disk.paths {
            let intact = disk.contents(path)
            for count in stride(from: 0, to: intact.count, by: 37) {
                let copy = disk.afterProcessDeath()
                copy.replaceContents(path, with: Array(intact[..<count]))
                #expect(throws: LogOpenError.self, "\(path) cut to \(count) bytes") { try openStepped(copy) }
            }
        }
    }

    @Test func everyTornLengthOfTheLastFrameIsCut() throws {
        let disk = SimulatedFileSystem(seed: 12)
        let (log, _) = try openStepped(disk)
        let kept = try log.commit([1], [2, 2], [UInt8](repeating: 3, count: 77))
        let before = disk.contents(Self.first)
        let last = try log.commit([UInt8](repeating: 0xAB, count: 203))
        let after = disk.contents(Self.first)
        let start = try #require(before.indices.first { before[$0] != after[$0] })
        let frameStart = start & ~7
        let frameEnd = frameStart + 48 + 208
        for end in frameStart...frameEnd {
            let copy = disk.afterProcessDeath()
            copy.replaceContents(Self.first, with: Array(after[..<end]) + before[end...])
            let (reopened, records) = try openStepped(copy)
            // The padding is zeros either way.
            let isWhole = end >= frameStart + 48 + 203
            #expect(records == (isWhole ? kept + last : kept), "frame torn after \(end - frameStart) bytes")
            #expect((reopened.recovery.cut == nil) == (isWhole || end <= start), "frame torn after \(end - frameStart) bytes")
            if let cut = reopened.recovery.cut { #expect(cut.offset == frameStart && cut.bytes <= end - frameStart) }
            let more = try reopened.commit([9, 9])
            #expect(try openStepped(copy.afterPowerLoss()).records == records + more)
        }
    }

    @Test func laterFramesOfTheSameUnsyncedTailAreCutToo() throws {
        let disk = SimulatedFileSystem(seed: 13)
        let (log, _) = try openStepped(disk)
        let kept = try log.commit([1])
        _ = try log.commit([UInt8](repeating: 2, count: 100), [UInt8](repeating: 3, count: 100), [4])
        var bytes = disk.contents(Self.first)
        // The first frame of the second group, which nothing vouches for, is lost; the others were written back.
        bytes.replaceSubrange(152..<304, with: [UInt8](repeating: 0, count: 152))
        disk.replaceContents(Self.first, with: bytes)
        let (reopened, records) = try openStepped(disk)
        #expect(records == kept)
        #expect(reopened.recovery.cut?.offset == 152)
        // As long as the lost one, so that it ends where the next frame of the old tail begins, which must not come back.
        let more = try reopened.commit([UInt8](repeating: 5, count: 100))
        #expect(more.map(\.sequence) == [2])
        #expect(try openStepped(disk).records == kept + more)
    }

    /// The first group after a clean restart, torn so that the seal still stands and only its later frames are there.
    @Test(arguments: [false, true])
    func framesBehindAStandingSealAreCut(recycled: Bool) throws {
        let disk = SimulatedFileSystem(seed: 20)
        let (first, _) = try openStepped(disk)
        var floor = SequenceNumber.zero
        if recycled {
            for _ in 0..<12 { try first.commit([UInt8](repeating: 9, count: 300)) }
            try first.trim(through: SequenceNumber(11))
            for _ in 0..<11 { try first.commit([UInt8](repeating: 9, count: 300)) }
            floor = SequenceNumber(22)
        }
        try first.commit([1])
        try first.closeStepped()
        let path = try #require(disk.paths.last { $0.hasSuffix(".wal") })
        let sealed = disk.contents(path)
        let end = try #require(first.status.files.last).usedBytes
        let (second, kept) = try openStepped(disk, after: floor)
        _ = try second.commit([UInt8](repeating: 2, count: 100), [UInt8](repeating: 3, count: 100), [4])
        disk.replaceContents(path, with: Array(sealed[..<(end + 152)]) + disk.contents(path)[(end + 152)...])
        let (third, found) = try openStepped(disk, after: floor)
        #expect(found == kept && third.recovery.wasSealed && third.recovery.cut?.file == path)
        // As long as the lost frame, so that it ends where the next one of the old group begins.
        let more = try third.commit([UInt8](repeating: 5, count: 100))
        #expect(try openStepped(disk, after: floor).records == kept + more)
    }

    @Test func aHoleBeforeAcknowledgedFramesIsRefused() throws {
        let disk = SimulatedFileSystem(seed: 14)
        let (log, _) = try openStepped(disk)
        for index in 0..<4 { try log.commit([UInt8](repeating: UInt8(index), count: 100)) }
        var bytes = disk.contents(Self.first)
        bytes.replaceSubrange(96 + 152..<96 + 304, with: [UInt8](repeating: 0, count: 152))
        disk.replaceContents(Self.first, with: bytes)
        let refused = #expect(throws: LogOpenError.self) { try openStepped(disk) }
        guard case .corruption(let corruption) = refused else { return #expect(Bool(false), "not a corruption") }
        #expect(corruption.offset == 96 + 152)
        #expect(disk.contents(Self.first) == bytes)
    }

    @Test func missingAndSwappedFilesAreRefused() throws {
        let disk = SimulatedFileSystem(seed: 15)
        let (log, _) = try openStepped(disk)
        for index in 0..<40 { try log.commit([UInt8](repeating: UInt8(index), count: 300)) }
        try log.closeStepped()
        let paths = disk.paths
        #expect(paths.count >= 4)

        let missing = disk.afterProcessDeath()
        try missing.remove(paths[1])
        #expect(throws: LogOpenError.self) { try openStepped(missing) }

        let swapped = disk.afterProcessDeath()
        let (one, two) = (swapped.contents(paths[1]), swapped.contents(paths[2]))
        swapped.replaceContents(paths[1], with: two)
        swapped.replaceContents(paths[2], with: one)
        #expect(throws: LogOpenError.self) { try openStepped(swapped) }

        // A file of the same name and numbers from another log.
        let other = SimulatedFileSystem(seed: 16)
        let (otherLog, _) = try openStepped(other)
        for index in 0..<40 { try otherLog.commit([UInt8](repeating: UInt8(index), count: 300)) }
        try otherLog.closeStepped()
        let foreign = disk.afterProcessDeath()
        foreign.replaceContents(paths[1], with: other.contents(paths[1]))
        #expect(throws: LogOpenError.self) { try openStepped(foreign) }
    }

    @Test func aStaleFrameInsideAPayloadIsNotEvidence() throws {
        // A record that holds the log's own bytes, damaged before it: the frames in it have another place than they claim.
        let disk = SimulatedFileSystem(seed: 17)
        let (log, _) = try openStepped(disk)
        let kept = try log.commit([1])
        for index in 0..<3 { try log.commit([UInt8](repeating: UInt8(index), count: 20)) }
        let whole = disk.contents(Self.first)
        let copy = SimulatedFileSystem(seed: 18)
        let (other, _) = try openStepped(copy)
        try other.commit([1])
        // Same salt, and the frames of `log` 512 bytes behind their places, behind a torn frame.
        var bytes = Array(whole[..<152]) + [UInt8](repeating: 0, count: 4096 - 152)
        bytes.replaceSubrange(152..<160, with: [UInt8](repeating: 0x55, count: 8))
        bytes.replaceSubrange(664..<1176, with: whole[152..<664])
        copy.replaceContents(Self.first, with: bytes)
        let (reopened, records) = try openStepped(copy)
        #expect(records == kept)
        #expect(reopened.recovery.cut?.offset == 152)
    }

    @Test func aNewerVersionIsNamed() throws {
        let disk = SimulatedFileSystem(seed: 19)
        let (log, _) = try openStepped(disk)
        try log.commit([1])
        try log.closeStepped()
        var bytes = disk.contents(Self.first)
        bytes[8] = 3
        let checksum = crc(of: bytes[..<92])
        for index in 0..<4 { bytes[92 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index))) }
        disk.replaceContents(Self.first, with: bytes)
        #expect(throws: LogOpenError.unsupportedVersion(file: Self.first, found: 3, newestKnown: 2)) { try openStepped(disk) }
    }
}
