import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// Complete files are kept before they leave the log.
@Suite struct LogArchiveTests {
    private let options = LogOptions(fileBytes: 4096, archiveDirectory: "archive")

    private func fill(_ log: WriteAheadLog, _ numbers: ClosedRange<Int>) throws -> [Replayed] {
        try numbers.reduce(into: []) { records, number in records += try log.commit([UInt8](repeating: UInt8(number), count: 300)) }
    }

    @Test func completeFilesAreKept() throws {
        let disk = SimulatedFileSystem(seed: 71)
        let (log, _) = try openStepped(disk, options: options)
        var records = try fill(log, 1...30)
        #expect(log.status.files.map(\.isArchived) == [true, true, false])
        #expect(log.status.archiveFailure == nil)
        try log.trim(through: SequenceNumber(25))
        // A file with a second name keeps its bytes, so it cannot be used again.
        #expect(log.status.files.count == 1 && log.status.recycledFiles == 0)
        records += try fill(log, 31...60)
        let restarted = disk.afterPowerLoss()
        #expect(try replay(restarted, ["archive", "log"]) == records)
        #expect(try replay(restarted, ["log", "archive"], after: SequenceNumber(40)) == Array(records[40...]))
        #expect(throws: LogOpenError.self) { try replay(restarted) }
        // The file in use is not complete.
        #expect(disk.contents("archive/" + LogFormat.fileName(first: SequenceNumber(56))).isEmpty)
    }

    @Test func whereLinksAreImpossibleFilesAreCopied() throws {
        let disk = SimulatedFileSystem(seed: 72)
        let (log, _) = try openStepped(OtherFileSystem(base: disk), options: options)
        let records = try fill(log, 1...40)
        #expect(log.status.files.count { $0.isArchived } == 3)
        try log.trim(through: SequenceNumber(33))
        #expect(log.status.recycledFiles == 3)
        let more = try fill(log, 41...80)
        #expect(try replay(disk.afterPowerLoss(), ["archive", "log"]) == records + more)
        #expect(try disk.list("archive").allSatisfy { $0.hasSuffix(".wal") })
    }

    @Test func aFailingArchiveKeepsTheFilesAndIsTold() throws {
        let disk = SimulatedFileSystem(seed: 73)
        disk.configure { $0.faults = [SimulatedFault(.link, .outOfSpace, times: 3)] }
        let (log, _) = try openStepped(disk, options: options)
        let records = try fill(log, 1...40)
        guard case .file(let error)? = log.status.archiveFailure else { return #expect(Bool(false), "no failure is told") }
        #expect(error.isOutOfSpace)
        disk.configure { $0.faults = [SimulatedFault(.link, times: 1)] }
        try log.trim(through: SequenceNumber(40))
        #expect(log.status.files.count == 4 && log.status.archiveFailure != nil)
        // It works again: nothing was lost, and the files go.
        try log.trim(through: SequenceNumber(40))
        #expect(log.status.files.count == 1 && log.status.archiveFailure == nil)
        #expect(try replay(disk, ["archive", "log"]) == records)
    }

    @Test func anotherLogsArchiveIsRefused() throws {
        let disk = SimulatedFileSystem(seed: 74)
        let (other, _) = try openStepped(disk, directory: "other", options: options)
        _ = try fill(other, 1...30)
        let (log, _) = try openStepped(disk, options: options)
        _ = try fill(log, 1...30)
        try log.trim(through: SequenceNumber(30))
        #expect(log.status.archiveFailure == .nameTaken(path: "archive/00000000000000000001.wal"))
        #expect(log.status.files.count == 3)
    }

    @Test func openingArchivesWhatACrashLeft() throws {
        let disk = SimulatedFileSystem(seed: 75)
        let (log, _) = try openStepped(disk)
        let records = try fill(log, 1...40)
        try log.closeStepped()
        // Some are there already, one only begun.
        try disk.createDirectory("archive")
        try disk.link("log/00000000000000000001.wal", to: "archive/00000000000000000001.wal")
        _ = try disk.create("archive/00000000000000000012.wal.tmp")
        let (reopened, found) = try openStepped(OtherFileSystem(base: disk), options: options, after: SequenceNumber(25))
        #expect(found == Array(records[25...]))
        #expect(reopened.status.files.map(\.first.rawValue) == [23, 34])
        #expect(try disk.list("archive").count == 3)
        #expect(try replay(disk, ["archive", "log"]) == records)
    }
}

/// A file system whose archive is on another device.
private struct OtherFileSystem: ForwardingFileSystem {
    let base: any FileSystem

    func link(_ path: String, to newPath: String) throws(FileError) { throw .crossDevice(path: path) }
}
