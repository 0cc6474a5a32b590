import ByteCoding
import Durability
import Engine
import FileIO
import Testing
import TestSupport
import VectorModel

/// Going past the end of a backup with archived log files.
@Suite struct BackupRestoreTests {
    /// What the database was after each change, and when that was made.
    private struct History {
        var disk: SimulatedFileSystem
        var states: [(number: SequenceNumber, lines: [String])] = []
        var times: [SequenceNumber: LogTimestamp] = [:]
        var backup = SequenceNumber.zero

        func place(_ number: SequenceNumber) -> Int? { states.firstIndex { $0.number == number } }
    }

    private struct Unexpected: Error {
        let what: String
    }

    private static let logs = ["archive", "data/log"]

    /// A life with a backup in the middle, and everything in the archive but the newest file.
    private func history(seed: UInt64, _ destination: BackupDestination) async throws -> History {
        var history = History(disk: SimulatedFileSystem(seed: seed))
        let database = try VectorDatabase.open(SteppedLife.configuration(archive: "archive"), fileSystem: history.disk)
        var life = SteppedLife(seed: seed)
        for step in 0..<120 {
            try await life.work(1, on: database)
            let number = try #require(database.logStatus).lastDurable
            if history.states.last?.number != number { history.states.append((number, try await contents(of: database))) }
            if step == 50 { history.backup = try await database.backup(to: destination).sequence }
        }
        try await database.close()
        var times: [SequenceNumber: LogTimestamp] = [:]
        _ = try LogReplay.read(Self.logs, fileSystem: history.disk) { times[$0.sequence] = $0.timestamp }
        history.times = times
        #expect(try history.disk.list("archive").count > 3)
        return history
    }

    private func restore(
        _ history: History, to target: String, through bound: LogBound, logs: [String] = Self.logs, logBytesAtOnce: Int = 1 << 20
    ) throws(BackupError) -> RestoreReport {
        var options = RestoreOptions()
        options.through = bound
        options.logDirectories = logs
        return try Backup.restore(
            from: "backup", to: target, options: options, fileSystem: history.disk, logIdentifier: 7, logBytesAtOnce: logBytesAtOnce)
    }

    @Test(arguments: [BackupDestination.directory("backup"), .archive("backup")], Seeds.some(2))
    func everyMomentAfterABackupCanBeRestored(destination: BackupDestination, seed: UInt64) async throws {
        let history = try await history(seed: seed, destination)
        let start = try #require(history.place(history.backup))
        let places = [start, history.states.count - 1] + stride(from: start + 1, to: history.states.count, by: 11)
        for place in Set(places) {
            let (number, lines) = history.states[place]
            let bySequence = try restore(history, to: "by-sequence-\(place)", through: .sequence(number))
            #expect(try await contents(ofDirectory: "by-sequence-\(place)", history.disk) == lines, "change \(number), \(Seeds.replay(seed))")
            let time = try #require(history.times[number])
            // In pieces, which gives the same.
            let byTime = try restore(history, to: "by-time-\(place)", through: .time(time), logBytesAtOnce: 2_000)
            #expect(try await contents(ofDirectory: "by-time-\(place)", history.disk) == lines, "change \(number), \(Seeds.replay(seed))")
            #expect(bySequence.sequence == number && byTime.sequence == number && byTime.time == time)
        }
        #expect(try restore(history, to: "end", through: .end).sequence == history.states.last?.number)
        #expect(try await contents(ofDirectory: "end", history.disk) == history.states.last?.lines)
        // Without the file in use, what the archive has.
        let archived = try restore(history, to: "archived", through: .end, logs: ["archive"]).sequence
        #expect(archived > history.backup && archived <= history.states[history.states.count - 1].number)
    }

    @Test func whatCannotBeReachedIsRefused() async throws {
        let history = try await history(seed: 11, .directory("backup"))
        let start = try #require(history.place(history.backup))
        let last = try #require(history.states.last?.number)
        func failure(_ bound: LogBound, _ logs: [String] = Self.logs) -> BackupError? {
            do throws(BackupError) {
                _ = try restore(history, to: "restored", through: bound, logs: logs)
                return nil
            } catch {
                return error
            }
        }
        guard case .boundBeforeBackup? = failure(.sequence(history.states[start - 1].number)) else { throw Unexpected(what: "too early a change") }
        let early = try #require(history.times[history.states[start - 1].number])
        guard case .boundBeforeBackup? = failure(.time(early)) else { throw Unexpected(what: "too early a moment") }
        guard case .archiveEndsEarly(last, _)? = failure(.sequence(last.next)) else { throw Unexpected(what: "too late a change") }
        guard case .invalid? = failure(.sequence(last), []) else { throw Unexpected(what: "no archive") }
        // A file between is gone.
        let needed = try history.disk.list("archive").filter { $0 > name(of: history.backup) }
        try history.disk.remove("archive/" + (try #require(needed.first)))
        guard case .log? = failure(.sequence(last)) else { throw Unexpected(what: "a missing file") }
        #expect(try history.disk.status("restored") == nil && history.disk.status("restored.restoring") == nil)
    }

    private func name(of number: SequenceNumber) -> String {
        let digits = String(number.rawValue)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".wal"
    }

    /// What was written to a restored database is not taken for what came next in the old one.
    @Test func aRestoredLogIsAnotherLog() async throws {
        let history = try await history(seed: 12, .directory("backup"))
        _ = try restore(history, to: "restored", through: .end, logs: [])
        var configuration = SteppedLife.configuration(archive: "archive-of-restored")
        configuration.dataDirectory = "restored"
        configuration.makeIdentifier = CollectionIdentifier.random
        let restored = try VectorDatabase.open(configuration, fileSystem: history.disk)
        let collection = try await restored.makeCollection("another")
        for number in 0..<60 { try await restored.put(Array(number..<(number + 20)), in: collection) }
        let last = try #require(restored.logStatus).lastDurable
        #expect(last > (try #require(history.states.last)).number)
        try await restored.close()
        let mixed = Self.logs + ["restored/log", "archive-of-restored"]
        #expect(throws: BackupError.self) { try restore(history, to: "mixed", through: .end, logs: mixed) }
        #expect(try await contents(ofDirectory: "restored", history.disk).contains { $0.hasPrefix("another ") })
    }
}
