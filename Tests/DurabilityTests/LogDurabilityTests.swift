import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// What the durability modes promise, and what they do not.
@Suite struct LogDurabilityTests {
    private static let modes: [LogDurability] = [.interval(milliseconds: 1000), .none]

    private func options(_ durability: LogDurability) -> LogOptions {
        LogOptions(fileBytes: 4096, durability: durability)
    }

    @Test(arguments: modes)
    func anAcknowledgementDoesNotWaitForASync(_ mode: LogDurability) throws {
        let disk = SimulatedFileSystem(seed: 61)
        let (log, _) = try openStepped(disk, options: options(mode))
        var records = try log.commit([1])
        let syncs = disk.syncs
        records += try log.commit([2], [3])
        #expect(disk.syncs == syncs)
        #expect(log.lastDurable == SequenceNumber(3) && log.lastSynced == SequenceNumber(1))
        // The process alone may die without a loss.
        #expect(try openStepped(disk.afterProcessDeath()).records == records)
        log.syncPending()
        #expect(disk.syncs == syncs + 1 && log.lastSynced == SequenceNumber(3))
        #expect(try openStepped(disk.afterPowerLoss()).records == records)
        log.syncPending()
        #expect(disk.syncs == syncs + 1, "nothing was left to sync")
    }

    @Test(arguments: modes)
    func theMachineLosesAtMostTheEndSinceTheLastSync(_ mode: LogDurability) throws {
        var lossesSeen = 0
        for seed in 0..<60 as Range<UInt64> {
            let disk = SimulatedFileSystem(seed: seed)
            let (log, _) = try openStepped(disk, options: options(mode))
            var records: [Replayed] = []
            for index in 0..<30 {
                records += try log.commit([UInt8](repeating: UInt8(index), count: 40 + Int(seed) * 7 % 400))
                if index % 9 == 8 { log.syncPending() }
            }
            let synced = log.lastSynced
            let restarted = disk.afterPowerLoss()
            let (reopened, found) = try openStepped(restarted, options: options(mode))
            #expect(records.starts(with: found), "seed \(seed)")
            #expect(found.count >= Int(synced.rawValue), "seed \(seed)")
            lossesSeen += found.count < records.count ? 1 : 0
            // What was found is certain from here on.
            let more = try reopened.commit([1, 2, 3])
            try reopened.waitUntilSyncedBlocking(SequenceNumber(more[0].sequence))
            #expect(try openStepped(restarted.afterPowerLoss()).records == found + more, "seed \(seed)")
        }
        #expect(lossesSeen > 0, "a disk that loses nothing shows nothing")
    }

    @Test(arguments: modes)
    func aNewFileAndAClosedLogAreSynced(_ mode: LogDurability) throws {
        let disk = SimulatedFileSystem(seed: 62)
        let (log, _) = try openStepped(disk, options: options(mode))
        var records: [Replayed] = []
        while log.status.files.count < 3 { records += try log.commit([UInt8](repeating: 1, count: 300)) }
        #expect(log.lastSynced == log.lastDurable)
        #expect(try openStepped(disk.afterPowerLoss()).records == records)
        records += try log.commit([1], [2])
        try log.closeStepped()
        #expect(log.lastSynced == log.lastDurable)
        let (reopened, found) = try openStepped(disk.afterPowerLoss())
        #expect(found == records && reopened.recovery.wasSealed)
    }

    @Test(arguments: modes)
    func waitingForASyncSyncs(_ mode: LogDurability) throws {
        let disk = SimulatedFileSystem(seed: 63)
        let (log, _) = try openStepped(disk, options: options(mode))
        try log.commit([1])
        let number = try log.append(payload([2]))
        try log.waitUntilDurableBlocking(number)
        #expect(log.lastSynced == SequenceNumber(1))
        try log.waitUntilSyncedBlocking(number)
        #expect(log.lastSynced == number)
        let pending = try log.append(payload([3]))
        try log.waitUntilSyncedBlocking(pending)
        #expect(try openStepped(disk.afterPowerLoss()).records.count == 3)
    }

    @Test(arguments: modes)
    func nothingThatIsNotSyncedIsTrimmed(_ mode: LogDurability) throws {
        let disk = SimulatedFileSystem(seed: 64)
        let (log, _) = try openStepped(disk, options: options(mode))
        while log.status.files.count < 3 { try log.commit([UInt8](repeating: 1, count: 300)) }
        let last = try log.commit([1])[0].sequence
        try log.trim(through: SequenceNumber(last))
        #expect(log.status.files.count == 1)
        let restarted = disk.afterPowerLoss()
        #expect(try openStepped(restarted, after: log.lastSynced).log.lastDurable >= log.lastSynced)
    }

    @Test(arguments: modes)
    func aFailedSyncStopsTheLog(_ mode: LogDurability) throws {
        let disk = SimulatedFileSystem(seed: 65)
        let (log, _) = try openStepped(disk, options: options(mode))
        let kept = try log.commit([1])
        let acknowledged = try log.commit([2])
        disk.configure { $0.failNextSync = true }
        #expect(throws: LogError.self) { try log.waitUntilSyncedBlocking(SequenceNumber(2)) }
        #expect(log.lastSynced == SequenceNumber(1))
        #expect(throws: LogError.self) { _ = try log.append(payload([3])) }
        let syncs = disk.syncs
        #expect(throws: LogError.self) { try log.closeStepped() }
        #expect(disk.syncs == syncs, "a second sync of the same file proves nothing")
        let found = try openStepped(disk.afterPowerLoss()).records
        #expect(found == kept || found == kept + acknowledged)
    }

    @Test(.timeLimit(.minutes(1)))
    func theLogsThreadSyncsInTheEnd() async throws {
        let disk = SimulatedFileSystem(seed: 66)
        let (log, _) = try openThreaded(disk, options: options(.interval(milliseconds: 5)))
        var last = SequenceNumber.zero
        for index in 0..<20 {
            last = try log.append(payload([UInt8](repeating: UInt8(index), count: 200)))
            try await log.waitUntilDurable(last)
        }
        // Nobody asks for it.
        while log.lastSynced < last { await Task.yield() }
        #expect(try openStepped(disk.afterPowerLoss()).records.count == 20)
        try await log.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func blockingWaitsReturn() async throws {
        let disk = SimulatedFileSystem(seed: 67)
        let (log, _) = try openThreaded(disk, options: options(.none))
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    await onThread {
                        for index in 0..<20 {
                            guard let number = try? log.append(payload([UInt8(writer), UInt8(index)])) else { return }
                            #expect(throws: Never.self) { try log.waitUntilDurableBlocking(number) }
                            #expect(log.lastDurable >= number)
                            if index % 5 == 0 {
                                #expect(throws: Never.self) { try log.waitUntilSyncedBlocking(number) }
                                #expect(log.lastSynced >= number)
                            }
                        }
                    }
                }
            }
        }
        #expect(log.lastDurable == SequenceNumber(80))
        try await log.close()
        #expect(throws: LogError.closed) { _ = try log.append(payload([1])) }
        try log.waitUntilSyncedBlocking(SequenceNumber(80))
    }
}

/// Runs `body` on a thread of its own.
private func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        startThread {
            body()
            continuation.resume()
        }
    }
}
