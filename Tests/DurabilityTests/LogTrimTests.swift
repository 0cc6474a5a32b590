import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// Files that leave the log and come back as new ones.
@Suite struct LogTrimTests {
    /// Records of 300 bytes, so that a file of 4 KiB takes 11.
    private func fill(_ log: WriteAheadLog, _ numbers: ClosedRange<Int>) throws -> [Replayed] {
        try numbers.reduce(into: []) { records, number in records += try log.commit([UInt8](repeating: UInt8(number), count: 300)) }
    }

    @Test func whatIsSafeElsewhereLeavesTheLog() throws {
        let disk = SimulatedFileSystem(seed: 51)
        let (log, _) = try openStepped(disk)
        let records = try fill(log, 1...60)
        let before = log.status
        #expect(before.files.map(\.first.rawValue) == [1, 12, 23, 34, 45, 56])
        #expect(before.files.map(\.last.rawValue) == [11, 22, 33, 44, 55, 60])
        #expect(before.bytesPinned(by: SequenceNumber(34)) == 2 * before.files[3].usedBytes + before.files[5].usedBytes)
        #expect(before.bytesPinned(by: SequenceNumber(61)) == 0)
        #expect(before.bytes == 6 * 4096)

        try log.trim(through: SequenceNumber(32))
        #expect(log.status.oldest == SequenceNumber(23))
        #expect(log.status.recycledFiles == 2)
        try log.trim(through: SequenceNumber(33))
        #expect(log.status.oldest == SequenceNumber(34))
        // The file that is being written stays, whatever the floor.
        try log.trim(through: SequenceNumber(1000))
        #expect(log.status.files.map(\.first.rawValue) == [56])
        #expect(log.status.recycledFiles == 4)
        #expect(disk.paths.count { $0.hasSuffix(".wal") } == 1)
        let restarted = disk.afterPowerLoss()
        #expect(try openStepped(restarted, after: SequenceNumber(58)).records == Array(records[58...]))
        #expect(throws: LogOpenError.self) { try openStepped(restarted, after: SequenceNumber(54)) }
    }

    @Test func filesThatAreUsedAgainAreNotWrittenWithZeros() throws {
        let disk = SimulatedFileSystem(seed: 52)
        let (log, _) = try openStepped(disk)
        var records = try fill(log, 1...60)
        try log.trim(through: SequenceNumber(55))
        let writes = disk.writes
        records += try fill(log, 61...95)
        #expect(disk.writes == writes + 35, "each record takes one write, and files that are used again none")
        #expect(disk.paths.count == 5)
        try log.closeStepped()
        let (reopened, found) = try openStepped(disk.afterPowerLoss(), after: SequenceNumber(55))
        #expect(found == Array(records[55...]))
        #expect(reopened.recovery.wasSealed && reopened.recovery.cut == nil)
        // What waits is kept over a clean restart, as far as the setting goes.
        #expect(reopened.status.recycledFiles == 1)
        let fewer = try openStepped(disk.afterPowerLoss(), options: LogOptions(fileBytes: 4096, recycledFilesMax: 0), after: SequenceNumber(55)).log
        #expect(fewer.status.recycledFiles == 0)
    }

    @Test func filesOfAnotherLengthOrBeyondTheLimitAreRemoved() throws {
        let disk = SimulatedFileSystem(seed: 53)
        let (log, _) = try openStepped(disk, options: LogOptions(fileBytes: 4096, recycledFilesMax: 1))
        try log.commit([UInt8](repeating: 1, count: 9000))
        _ = try fill(log, 2...40)
        try log.trim(through: SequenceNumber(40))
        #expect(log.status.recycledFiles == 1)
        #expect(disk.paths.allSatisfy { disk.contents($0).count == 4096 })
        try log.closeStepped()
        let other = try openStepped(disk, options: LogOptions(fileBytes: 8192), after: SequenceNumber(39)).log
        #expect(other.status.recycledFiles == 0 && disk.paths.count == 1)
    }

    @Test func aCrashWhileFilesLeaveKeepsAnySubset() throws {
        let disk = SimulatedFileSystem(seed: 54)
        let (log, _) = try openStepped(disk)
        let records = try fill(log, 1...60)
        let names = log.status.files.map { LogFormat.fileName(first: $0.first) }
        for subset in 0..<32 {
            let copy = disk.afterProcessDeath()
            for index in 0..<5 where subset & 1 << index != 0 { try copy.rename("log/" + names[index], to: "log/recycled-\(index).tmp") }
            let (reopened, found) = try openStepped(copy, after: SequenceNumber(57))
            #expect(found == Array(records[57...]), "subset \(subset)")
            #expect(reopened.status.files.count == 1 && reopened.status.recycledFiles == 4, "subset \(subset)")
            // Above the floor a missing file is damage.
            let isWhole = subset & 0b11000 == 0
            let again = disk.afterProcessDeath()
            for index in 0..<5 where subset & 1 << index != 0 { try again.remove("log/" + names[index]) }
            if isWhole {
                #expect(try openStepped(again, after: SequenceNumber(35)).records == Array(records[35...]), "subset \(subset)")
            } else {
                #expect(throws: LogOpenError.self, "subset \(subset)") { try openStepped(again, after: SequenceNumber(35)) }
            }
        }
    }

    @Test func anInterruptedTrimGoesOn() throws {
        let disk = SimulatedFileSystem(seed: 55)
        let (log, _) = try openStepped(disk)
        let records = try fill(log, 1...60)
        disk.configure { $0.faults = [SimulatedFault(.syncDirectory), SimulatedFault(.rename, after: 3)] }
        #expect(throws: FileError.self) { try log.trim(through: SequenceNumber(22)) }
        #expect(log.status.recycledFiles == 0, "a file must not be used again before its old name is gone for good")
        #expect(throws: FileError.self) { try log.trim(through: SequenceNumber(55)) }
        try log.trim(through: SequenceNumber(55))
        #expect(log.status.files.count == 1)
        #expect(try log.commit([1]).count == 1)
        #expect(try openStepped(disk.afterPowerLoss(), after: SequenceNumber(59)).records.first == records[59])
    }

    @Test func bytesOfAnEarlierUseAreNoTornEnd() throws {
        let disk = SimulatedFileSystem(seed: 56)
        let (log, _) = try openStepped(disk)
        _ = try fill(log, 1...60)
        try log.trim(through: SequenceNumber(55))
        let tail = try fill(log, 61...68).suffix(2)
        #expect(log.status.files.last?.first == SequenceNumber(67))
        let path = "log/" + LogFormat.fileName(first: SequenceNumber(67))
        let whole = disk.contents(path)

        // An unclean end between two groups: nothing to report.
        let clean = disk.afterProcessDeath()
        let (reopened, records) = try openStepped(clean, after: SequenceNumber(66))
        #expect(records == Array(tail) && reopened.recovery.cut == nil && !reopened.recovery.wasSealed)
        #expect(clean.contents(path)[800...].allSatisfy { $0 == 0 })

        // The last frame torn in its payload.
        let torn = disk.afterProcessDeath()
        var bytes = whole
        bytes[500] ^= 1
        torn.replaceContents(path, with: bytes)
        let (second, kept) = try openStepped(torn, after: SequenceNumber(66))
        #expect(kept == Array(tail.prefix(1)))
        #expect(second.recovery.cut?.offset == 96 + 352 && second.recovery.cut?.bytes == 352)

        // An acknowledged frame torn, as the next one proves.
        let damaged = disk.afterProcessDeath()
        bytes = whole
        bytes[100] ^= 1
        damaged.replaceContents(path, with: bytes)
        #expect(throws: LogOpenError.self) { try openStepped(damaged, after: SequenceNumber(66)) }
    }

    /// Later frames of a torn group in a file that was used before, whose first frame is replaced by one of the same length.
    @Test func framesBehindACutNeverComeBack() throws {
        let disk = SimulatedFileSystem(seed: 57)
        let (log, _) = try openStepped(disk)
        _ = try fill(log, 1...60)
        try log.trim(through: SequenceNumber(55))
        let kept = try fill(log, 61...67).suffix(1)
        let path = "log/" + LogFormat.fileName(first: SequenceNumber(67))
        _ = try log.commit([UInt8](repeating: 2, count: 100), [UInt8](repeating: 3, count: 100), [4])
        var bytes = disk.contents(path)
        bytes.replaceSubrange(448..<600, with: [UInt8](repeating: 0xAA, count: 152))
        disk.replaceContents(path, with: bytes)
        let (reopened, records) = try openStepped(disk, after: SequenceNumber(66))
        #expect(records == Array(kept))
        #expect(reopened.recovery.cut?.offset == 448)
        let more = try reopened.commit([UInt8](repeating: 5, count: 100))
        #expect(try openStepped(disk, after: SequenceNumber(66)).records == kept + more)
    }

    /// Writing goes on in a new file if the log ends before what is safe elsewhere: the numbers between must not look unused.
    @Test func aLogThatLostItsEndGoesOnInANewFile() throws {
        let disk = SimulatedFileSystem(seed: 58)
        let (log, _) = try openStepped(disk)
        _ = try fill(log, 1...5)
        try log.closeStepped()
        let archived = LogOptions(fileBytes: 4096, archiveDirectory: "archive")
        let (reopened, none) = try openStepped(disk, options: archived, after: SequenceNumber(9))
        #expect(none.isEmpty && reopened.lastDurable == SequenceNumber(9))
        #expect(try reopened.commit([7]).map(\.sequence) == [10])
        #expect(try replay(disk, ["log", "archive"], after: SequenceNumber(9)).map(\.sequence) == [10])
        #expect(throws: LogOpenError.self) { try replay(disk, ["log", "archive"], after: SequenceNumber(2)) }
    }
}
