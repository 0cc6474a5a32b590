import Durability
import FileIO
import Synchronization
import TestSupport
import Testing
import VectorModel

/// Reading without opening, up to a number or a time, and copies for backups.
@Suite struct LogReadingTests {
    private func sample(_ disk: SimulatedFileSystem, recycling: Bool = false) throws -> (log: WriteAheadLog, records: [Replayed]) {
        let (log, _) = try openStepped(disk)
        var records: [Replayed] = []
        if recycling {
            for index in 0..<40 { records += try log.commit([UInt8](repeating: UInt8(index), count: 300)) }
            try log.trim(through: log.lastSynced)
        }
        for index in 0..<20 { records += try log.commit([UInt8](repeating: UInt8(index), count: 300), [], [1, 2, 3]) }
        return (log, records)
    }

    @Test func readingChangesNothing() throws {
        let disk = SimulatedFileSystem(seed: 81)
        let (log, records) = try sample(disk)
        let last = log.status.files.last.map { "log/" + LogFormat.fileName(first: $0.first) } ?? ""
        // A torn end and a temporary file.
        var bytes = disk.contents(last)
        let end = try #require(log.status.files.last).usedBytes
        bytes[end + 5] = 0x77
        disk.replaceContents(last, with: bytes)
        _ = try disk.create("log/prepared-1.tmp")
        let changes = disk.changes
        var found: [Replayed] = []
        let report = try LogReplay.read(["log"], fileSystem: disk) { record in
            found.append(Replayed(sequence: record.sequence.rawValue, bytes: Array(record.payload)))
        }
        #expect(found == records)
        #expect(report.cut?.file == last && report.cut?.offset == end && report.cut?.bytes == 6)
        #expect(report.last == log.lastDurable && report.records == records.count)
        #expect(disk.changes == changes)
        #expect(disk.contents(last) == bytes)
    }

    @Test func readingEndsAtTheBound() throws {
        let disk = SimulatedFileSystem(seed: 82)
        let (log, records) = try sample(disk)
        for last in 0...records.count {
            #expect(try replay(disk, through: .sequence(SequenceNumber(UInt64(last)))) == Array(records[..<last]))
        }
        // Damage behind it does not matter.
        let path = "log/" + LogFormat.fileName(first: try #require(log.status.files.dropFirst().first).first)
        disk.flipBit(path, at: 8 * 120)
        #expect(throws: LogOpenError.self) { try replay(disk) }
        #expect(try replay(disk, through: .sequence(SequenceNumber(12))) == Array(records[..<12]))
    }

    @Test func recordsKnowWhenTheyWereCommitted() throws {
        let disk = SimulatedFileSystem(seed: 83)
        let time = Atomic<UInt64>(1000)
        let options = LogOptions(fileBytes: 4096, clock: { LogTimestamp(milliseconds: time.load(ordering: .relaxed)) })
        var log = try openStepped(disk, options: options).log
        var records: [Replayed] = []
        // The clock goes back at the fourth, and before the log is opened again.
        for now in [1000, 1000, 5000, 3000, 6000] as [UInt64] {
            time.store(now, ordering: .relaxed)
            records += try log.commit([UInt8](repeating: 1, count: 2000))
        }
        try log.closeStepped()
        time.store(10, ordering: .relaxed)
        log = try openStepped(disk, options: options).log
        #expect(log.recovery.lastTimestamp == LogTimestamp(milliseconds: 6000))
        records += try log.commit([6])
        var times: [UInt64] = []
        _ = try LogReplay.read(["log"], fileSystem: disk) { times.append($0.timestamp.milliseconds) }
        #expect(times == [1000, 1000, 5000, 5000, 6000, 6000])
        for (now, count) in [(999, 0), (1000, 2), (4999, 2), (5000, 4), (6000, 6)] as [(UInt64, Int)] {
            #expect(try replay(disk, through: .time(LogTimestamp(milliseconds: now))).count == count)
        }
        #expect(LogTimestamp(milliseconds: .max).milliseconds == 1 << 48 - 1)
        #expect(LogTimestamp.now() > LogTimestamp(milliseconds: 1_700_000_000_000))
    }

    @Test func filesMayLieInSeveralDirectories() throws {
        let disk = SimulatedFileSystem(seed: 84)
        let (log, records) = try sample(disk)
        try log.closeStepped()
        let names = try disk.list("log")
        try disk.createDirectory("more")
        try disk.copyFile("log/" + names[0], to: "more/" + names[0])
        try disk.copyFile("log/" + names[1], to: "more/" + names[1])
        try disk.remove("log/" + names[1])
        #expect(throws: LogOpenError.self) { try replay(disk) }
        #expect(try replay(disk, ["log", "more"]) == records)
        // The first sound one of two is read.
        disk.flipBit("log/" + names[0], at: 100)
        #expect(try replay(disk, ["log", "more"]) == records)
        disk.flipBit("more/" + names[0], at: 100)
        #expect(throws: LogOpenError.self) { try replay(disk, ["log", "more"]) }
    }

    @Test(arguments: [false, true])
    func aCopyHoldsExactlyWhatWasAskedFor(recycling: Bool) throws {
        let disk = SimulatedFileSystem(seed: 85)
        let (log, all) = try sample(disk, recycling: recycling)
        let floor = UInt64(all.count) - 60
        for last in floor...UInt64(all.count) {
            let target = "copy-\(last)"
            try disk.createDirectory(target)
            let report = try log.copy(to: target, after: SequenceNumber(floor), through: SequenceNumber(last))
            let expected = all.filter { $0.sequence > floor && $0.sequence <= last }
            #expect(report.records == expected.count)
            #expect(report.files == (try disk.list(target)))
            let (copy, found) = try openStepped(disk, directory: target, after: SequenceNumber(floor))
            #expect(found == expected)
            // An empty copy has no end.
            #expect(copy.recovery.cut == nil && copy.recovery.wasSealed == !report.files.isEmpty)
            #expect(copy.lastDurable == SequenceNumber(last))
        }
        // The log itself goes on, and its files may be used again without a change to the copies.
        try log.trim(through: log.lastSynced)
        for _ in 0..<40 { try log.commit([UInt8](repeating: 9, count: 300)) }
        #expect(try replay(disk, ["copy-\(all.count)"], after: SequenceNumber(floor)) == all.filter { $0.sequence > floor })
    }

    @Test func aCopyOfADamagedLogIsRefused() throws {
        let disk = SimulatedFileSystem(seed: 86)
        let (log, _) = try sample(disk)
        try disk.createDirectory("copy")
        disk.flipBit("log/" + LogFormat.fileName(first: try #require(log.status.files.last).first), at: 8 * 130)
        #expect(throws: LogCopyError.self) { _ = try log.copy(to: "copy", after: .zero, through: log.lastDurable) }
        try log.closeStepped()
        #expect(throws: LogCopyError.closed) { _ = try log.copy(to: "copy", after: .zero, through: log.lastDurable) }
    }

    @Test func copyingWhileOthersWrite() async throws {
        try await withTemporaryDirectory { directory in
            let (log, _) = try openThreaded(POSIXFileSystem(), directory: directory)
            async let writing: Void = {
                for index in 0..<300 {
                    try await log.waitUntilDurable(try log.append(payload([UInt8](repeating: UInt8(index % 250), count: 200))))
                }
            }()
            let fileSystem = POSIXFileSystem()
            for round in 0..<10 {
                let target = directory + "/copy-\(round)"
                try fileSystem.createDirectory(target)
                let last = log.lastDurable
                _ = try log.copy(to: target, after: .zero, through: last)
                #expect(try replay(fileSystem, [target]).map(\.sequence) == Array(0..<last.rawValue).map { $0 + 1 })
                for name in try fileSystem.list(target) { try fileSystem.remove(target + "/" + name) }
                try fileSystem.removeDirectory(target)
                await Task.yield()
            }
            try await writing
            try await log.close()
        }
    }
}
