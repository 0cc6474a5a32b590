import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The log with its threads, on this machine's files.
@Suite struct LogThreadTests {
    @Test func manyWritersShareSyncs() async throws {
        try await withTemporaryDirectory { directory in
            let counting = CountingFileSystem()
            let options = LogOptions(fileBytes: 1 << 20)
            let (log, _) = try openThreaded(counting, directory: directory, options: options)
            let (writers, writes) = (32, 40)
            let expected = try await withThrowingTaskGroup(of: [Replayed].self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var own: [Replayed] = []
                        for index in 0..<writes {
                            let bytes = Array("writer \(writer), record \(index)".utf8)
                            let number = try log.append(payload(bytes))
                            try await log.waitUntilDurable(number)
                            #expect(log.lastDurable >= number)
                            if let before = own.last { #expect(before.sequence < number.rawValue) }
                            own.append(Replayed(sequence: number.rawValue, bytes: bytes))
                        }
                        return own
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.sequence < $1.sequence }
            }
            // While one group is synced the other writers pile up behind it.
            #expect(counting.syncs < writers * writes / 2)
            try await log.close()
            let (reopened, records) = try openThreaded(counting, directory: directory, options: options)
            #expect(records == expected)
            #expect(reopened.recovery.wasSealed)
            try await reopened.close()
        }
    }

    @Test func rotationUnderLoad() async throws {
        try await withTemporaryDirectory { directory in
            let options = LogOptions(fileBytes: 8192)
            var expected: [Replayed] = []
            let (log, _) = try openThreaded(POSIXFileSystem(), directory: directory, options: options)
            for index in 0..<100 {
                let bytes = [UInt8](repeating: UInt8(index), count: index % 10 == 9 ? 20_000 : 700)
                expected.append(Replayed(sequence: try log.append(payload(bytes, compressible: index % 3 == 0)).rawValue, bytes: bytes))
                if index % 7 == 0 { try await log.waitUntilDurable(SequenceNumber(UInt64(index + 1))) }
            }
            try await log.waitUntilDurable(SequenceNumber(100))
            try await log.close()
            #expect(try POSIXFileSystem().list(directory).allSatisfy { $0.hasSuffix(".wal") })
            let (reopened, records) = try openThreaded(POSIXFileSystem(), directory: directory, options: options)
            #expect(records == expected)
            try await reopened.close()
        }
    }

    @Test func aLogThatIsDroppedStillWritesWhatItTook() async throws {
        let disk = SimulatedFileSystem(seed: 31)
        do {
            let (log, _) = try openThreaded(disk)
            let number = try log.append(payload([1, 2, 3]))
            try await log.waitUntilDurable(number)
        }
        #expect(try openStepped(disk.afterPowerLoss()).records == [Replayed(sequence: 1, bytes: [1, 2, 3])])
    }

    @Test func everyWaiterLearnsOfAFailure() async throws {
        let disk = SimulatedFileSystem(seed: 32)
        let (log, _) = try openThreaded(disk)
        let first = try log.append(payload([0]))
        try await log.waitUntilDurable(first)
        disk.configure { $0.failNextSync = true }
        let failures = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<50 {
                group.addTask {
                    do {
                        try await log.waitUntilDurable(try log.append(payload([UInt8(index)])))
                        return false
                    } catch {
                        guard case .failed = error as? LogError else { return false }
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 50)
        await #expect(throws: LogError.self) { try await log.close() }
    }

    /// Random lives as in `SimulationTests`, but with real threads, so that groups form by chance.
    @Test func acknowledgedRecordsSurvivePowerLossUnderLoad() async throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var disk = SimulatedFileSystem(seed: seed)
            var acknowledged: Set<Replayed> = []
            for _ in 0..<3 {
                let (log, records) = try openThreaded(disk)
                #expect(acknowledged.isSubset(of: records), "seed \(seed)")
                acknowledged = Set(records)
                let changes = Int.random(in: 5...120, using: &random)
                let running = disk
                running.configure { $0.changesLeft = changes }
                acknowledged.formUnion(await write(to: log, until: { running.hasCrashed }))
                disk = running.afterPowerLoss()
            }
        }
    }

    @Test func housekeepingWhileOthersWrite() async throws {
        try await withTemporaryDirectory { directory in
            let archive = directory + "/archive"
            let options = LogOptions(fileBytes: 8192, durability: .interval(milliseconds: 1), recycledFilesMax: 2, archiveDirectory: archive)
            let (log, _) = try openThreaded(POSIXFileSystem(), directory: directory, options: options)
            let isOver = Monitor(false)
            let written = try await withThrowingTaskGroup(of: Set<Replayed>.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        var own: Set<Replayed> = []
                        for index in 0..<200 {
                            let bytes = [UInt8](repeating: UInt8(writer), count: 100 + index)
                            let number = try log.append(payload(bytes))
                            try await log.waitUntilDurable(number)
                            own.insert(Replayed(sequence: number.rawValue, bytes: bytes))
                        }
                        return own
                    }
                }
                group.addTask {
                    while !isOver.withLock({ $0 }) {
                        try log.trim(through: log.lastSynced)
                        #expect(log.status.recycledFiles <= 2 && log.status.archiveFailure == nil)
                        await Task.yield()
                    }
                    return []
                }
                var all: Set<Replayed> = []
                for _ in 0..<3 { all.formUnion(try await group.next() ?? []) }
                isOver.withLock { $0 = true }
                return try await group.reduce(into: all) { $0.formUnion($1) }
            }
            try await log.close()
            #expect(try replay(POSIXFileSystem(), [archive, directory]) == written.sorted { $0.sequence < $1.sequence })
        }
    }

    private func write(to log: WriteAheadLog, until isOver: @escaping @Sendable () -> Bool) async -> Set<Replayed> {
        await withTaskGroup(of: Set<Replayed>.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var own: Set<Replayed> = []
                    while !isOver() {
                        let bytes = [UInt8](repeating: UInt8(writer), count: 50 + own.count)
                        do {
                            let number = try log.append(payload(bytes))
                            try await log.waitUntilDurable(number)
                            own.insert(Replayed(sequence: number.rawValue, bytes: bytes))
                        } catch {
                            return own
                        }
                    }
                    return own
                }
            }
            return await group.reduce(into: []) { $0.formUnion($1) }
        }
    }
}

/// Calls `body` with a new directory path that does not exist yet in a new temporary directory, and removes both.
func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    let parent = try #require(makeTemporaryDirectory())
    let directory = parent + "/log"
    defer { removeTree(parent) }
    try await body(directory)
}

private func removeTree(_ directory: String) {
    let fileSystem = POSIXFileSystem()
    for name in (try? fileSystem.list(directory)) ?? [] {
        let path = directory + "/" + name
        if (try? fileSystem.status(path))??.isDirectory == true { removeTree(path) } else { unlink(path) }
    }
    rmdir(directory)
}

private func makeTemporaryDirectory() -> String? {
    guard let template = strdup("/tmp/lyrica-test-XXXXXX") else { return nil }
    defer { free(template) }
    return mkdtemp(template).map { String(cString: $0) }
}
