import Durability
import FileIO
import TestSupport
import Testing
import VectorModel

/// Full disks, failing devices, and too much at once.
@Suite struct LogFailureTests {
    @Test func aFullDiskFailsOnlyWhatNeedsANewFile() throws {
        let disk = SimulatedFileSystem(seed: 21)
        let (log, _) = try openStepped(disk)
        var expected = try log.commit([UInt8](repeating: 1, count: 1000))
        disk.configure { $0.spaceBytes = 5000 }
        let refused = try log.append(payload([UInt8](repeating: 2, count: 3500)))
        log.commitPending()
        guard case .failure(.outOfSpace(let error))? = log.outcome(of: refused) else { return #expect(Bool(false), "not out of space") }
        #expect(error.isOutOfSpace)
        #expect(LogError.outOfSpace(error).isRetryable)
        // What fits in the file still goes in, under a number of its own.
        expected += try log.commit([3])
        #expect(expected.map(\.sequence) == [1, 3])
        #expect(log.outcome(of: refused) != nil && log.lastDurable == SequenceNumber(3))
        guard case .failure? = log.outcome(of: refused) else { return #expect(Bool(false), "an abandoned number became durable") }
        // And with space again, everything does.
        disk.configure { $0.spaceBytes = .max }
        expected += try log.commit([UInt8](repeating: 4, count: 3500))
        try log.closeStepped()
        #expect(try openStepped(disk).records == expected)
        #expect(disk.paths.count == 2)
    }

    @Test func aFailureToPrepareAheadIsForgottenWhenSpaceReturns() throws {
        let disk = SimulatedFileSystem(seed: 22)
        let (log, _) = try openStepped(disk)
        disk.configure { $0.spaceBytes = 4096 }
        var expected: [Replayed] = []
        for index in 0..<8 { expected += try log.commit([UInt8](repeating: UInt8(index), count: 400)) }
        disk.configure { $0.spaceBytes = .max }
        for index in 0..<8 { expected += try log.commit([UInt8](repeating: UInt8(index), count: 400)) }
        try log.closeStepped()
        #expect(try openStepped(disk).records == expected)
    }

    @Test(arguments: [true, false])
    func afterAFailedSyncOrWriteNothingIsAccepted(sync: Bool) throws {
        let disk = SimulatedFileSystem(seed: 23)
        let (log, _) = try openStepped(disk)
        let kept = try log.commit([1])
        disk.configure { state in
            state.failNextSync = sync
            state.failNextWrite = !sync
        }
        let lost = [try log.append(payload([2])), try log.append(payload([3]))]
        log.commitPending()
        for number in lost {
            guard case .failure(.failed)? = log.outcome(of: number) else { return #expect(Bool(false), "not failed") }
        }
        // The device works again, but the file is not to be trusted.
        let refused = #expect(throws: LogError.self) { _ = try log.append(payload([4])) }
        guard case .failed = refused else { return #expect(Bool(false), "not failed") }
        #expect(refused?.isRetryable == false)
        #expect(throws: LogError.self) { try log.closeStepped() }
        #expect(log.lastDurable == SequenceNumber(1))
        #expect(try openStepped(disk.afterPowerLoss()).records.starts(with: kept))
    }

    /// After a failed sync the page cache shows what the disk does not have. Once a new process has read it, it must be there for good.
    @Test func whatWasReadBackAfterAFailedSyncIsWrittenAgain() throws {
        for seed in 0..<20 as Range<UInt64> {
            let disk = SimulatedFileSystem(seed: seed)
            let (log, _) = try openStepped(disk)
            try log.commit([1])
            disk.configure { $0.failNextSync = true }
            #expect(throws: LogError.self) { try log.commit([UInt8](repeating: 2, count: 2000)) }
            let restarted = disk.afterProcessDeath()
            let (_, records) = try openStepped(restarted)
            #expect(records.count == 2)
            #expect(try openStepped(restarted.afterPowerLoss()).records == records, "seed \(seed)")
        }
    }

    @Test func tooMuchWaitingIsRefusedAndTakenLater() throws {
        let disk = SimulatedFileSystem(seed: 24)
        let (log, _) = try openStepped(disk, options: LogOptions(fileBytes: 4096, pendingBytesMax: 1000))
        let bytes = [UInt8](repeating: 1, count: 400)
        // One that is larger than the limit is taken when nothing waits.
        try log.commit([UInt8](repeating: 0, count: 2000))
        _ = try log.append(payload(bytes))
        _ = try log.append(payload(bytes))
        let refused = #expect(throws: LogError.self) { _ = try log.append(payload(bytes)) }
        guard case .overloaded(let pending, 1000) = refused else { return #expect(Bool(false), "not overloaded") }
        #expect(pending == 2 * 448)
        log.commitPending()
        #expect(try log.commit(bytes).map(\.sequence) == [4])
    }

    @Test func aClosedLogRefuses() throws {
        let disk = SimulatedFileSystem(seed: 25)
        let (log, _) = try openStepped(disk)
        try log.closeStepped()
        #expect(throws: LogError.closed) { _ = try log.append(payload([1])) }
        try log.closeStepped()
    }

    @Test func openingOnAFailingDiskChangesNothing() throws {
        let disk = SimulatedFileSystem(seed: 26)
        let (log, _) = try openStepped(disk)
        let records = try log.commit([1], [2])
        for changes in 0..<4 {
            let copy = disk.afterProcessDeath()
            copy.configure { $0.changesLeft = changes }
            #expect(throws: LogOpenError.self) { try openStepped(copy) }
            #expect(try openStepped(copy.afterPowerLoss()).records == records)
        }
    }
}
