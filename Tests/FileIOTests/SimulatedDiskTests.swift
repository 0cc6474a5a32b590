import FileIO
import TestSupport
import Testing

/// What the simulated disk loses, keeps and refuses.
@Suite struct SimulatedDiskTests {
    private let seeds: Range<UInt64> = 0..<200

    /// Every outcome that `body` can have over the seeds.
    private func outcomes<Outcome: Hashable>(_ body: (SimulatedFileSystem) throws -> Outcome) rethrows -> Set<Outcome> {
        try Set(seeds.map { try body(SimulatedFileSystem(seed: $0)) })
    }

    @Test func unsyncedSectorsSurviveInEveryCombination() throws {
        let found = try outcomes { disk in
            let file = try disk.create("a")
            try write([UInt8](repeating: 1, count: 1024), to: file, at: 0)
            try file.sync()
            try disk.syncDirectory(".")
            try write([UInt8](repeating: 2, count: 1024), to: file, at: 0)
            try write([UInt8](repeating: 3, count: 512), to: file, at: 512)
            let bytes = disk.afterPowerLoss().contents("a")
            #expect(bytes.count == 1024 && Set(bytes[..<512]).count == 1 && Set(bytes[512...]).count == 1)
            return [bytes[0], bytes[512]]
        }
        #expect(found == [[1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3]])
    }

    @Test func syncedBytesAndNamesSurvive() throws {
        let found = try outcomes { disk in
            try disk.createDirectory("d")
            try disk.createDirectory("d/e")
            try disk.makeFile("d/e/a", [1, 2, 3])
            try disk.open("d/e/a", .readOnly).sync()
            try disk.rename("d/e/a", to: "d/b")
            try disk.link("d/b", to: "d/c")
            for directory in [".", "d"] { try disk.syncDirectory(directory) }
            let after = disk.afterPowerLoss()
            return after.paths.map { [$0: after.contents($0)] }
        }
        #expect(found == [[["d/b": [1, 2, 3]], ["d/c": [1, 2, 3]]]])
    }

    @Test func unsyncedNamesMayBeLost() throws {
        let found = try outcomes { disk in
            try disk.createDirectory("d")
            try disk.syncDirectory(".")
            for name in ["d/old", "d/kept"] { try disk.makeFile(name, []) }
            try disk.syncDirectory("d")
            try disk.rename("d/old", to: "d/new")
            try disk.remove("d/kept")
            return disk.afterPowerLoss().paths
        }
        #expect(found == [["d/new"], ["d/old"], ["d/kept", "d/new"], ["d/kept", "d/old"]])
        // A directory that was not synced into its parent takes everything with it.
        let lost = try outcomes { disk in
            try disk.createDirectory("d")
            try disk.makeFile("d/a", [])
            try disk.syncDirectory("d")
            return disk.afterPowerLoss().paths
        }
        #expect(lost == [[], ["d/a"]])
    }

    /// A file never has both its old and its new name, and a name is never given to what it had before the last sync.
    @Test func movesOfAFileSurviveInOrder() throws {
        let found = try outcomes { disk in
            for directory in ["c", "d"] { try disk.createDirectory(directory) }
            try disk.syncDirectory(".")
            try disk.makeFile("c/a", [])
            try disk.syncDirectory("c")
            try disk.rename("c/a", to: "d/b")
            try disk.rename("d/b", to: "c/z")
            return disk.afterPowerLoss().paths
        }
        #expect(found == [["c/a"], ["d/b"], ["c/z"]])
        let synced = try outcomes { disk in
            for directory in ["c", "d"] { try disk.createDirectory(directory) }
            try disk.syncDirectory(".")
            try disk.makeFile("d/target", [1])
            try disk.makeFile("c/temporary", [2])
            try disk.open("c/temporary", .readWrite).sync()
            try disk.rename("c/temporary", to: "d/target")
            try disk.syncDirectory("d")
            let after = disk.afterPowerLoss()
            return [after.paths.joined(separator: " "), "\(after.contents("d/target"))"]
        }
        #expect(synced == [["d/target", "[2]"]])
    }

    @Test func aFailedSyncShowsWhatItLost() throws {
        let found = try outcomes { disk in
            let file = try disk.create("a")
            try disk.syncDirectory(".")
            try write([UInt8](repeating: 1, count: 1024), to: file, at: 0)
            try file.sync()
            try write([UInt8](repeating: 2, count: 1024), to: file, at: 0)
            disk.configure { $0.failNextSync = true }
            #expect(throws: FileError.self) { try file.sync() }
            #expect(disk.contents("a") == [UInt8](repeating: 2, count: 1024))
            // What the first sync lost, a second does not write.
            try file.sync()
            let after = disk.afterPowerLoss().contents("a")
            disk.evictCleanSectors()
            #expect(disk.contents("a") == after)
            return [after[0], after[512]]
        }
        #expect(found == [[1, 1], [1, 2], [2, 1], [2, 2]])
    }

    @Test func aFileThatWasShortForAMomentHasNoOldBytes() throws {
        func life(_ disk: SimulatedFileSystem, isSynced: Bool) throws -> [Int] {
            let file = try disk.create("a")
            try disk.syncDirectory(".")
            try write([UInt8](repeating: 1, count: 1000), to: file, at: 0)
            try file.sync()
            try file.truncate(to: 10)
            try file.truncate(to: 1000)
            if isSynced { try file.sync() }
            let after = disk.afterPowerLoss().contents("a")
            return [after.count, after.count { $0 == 1 }]
        }
        #expect(try outcomes { disk in try life(disk, isSynced: false) } == [[1000, 1000], [10, 10], [1000, 10]])
        #expect(try outcomes { disk in try life(disk, isSynced: true) } == [[1000, 10]])
    }

    @Test func spaceIsCountedByFilesAndReturned() throws {
        let disk = SimulatedFileSystem(seed: 1)
        disk.configure { $0.spaceBytes = 1000 }
        let file = try disk.create("a")
        try write([UInt8](repeating: 1, count: 600), to: file, at: 0)
        #expect(try disk.freeBytes(".") == 400)
        try disk.link("a", to: "b")
        #expect(disk.usedBytes == 600)
        let full = #expect(throws: FileError.self) { try write([UInt8](repeating: 1, count: 500), to: file, at: 600) }
        #expect(full?.isOutOfSpace == true && disk.contents("a").count == 600)
        // Within a file there is room for what it has already.
        try write([UInt8](repeating: 2, count: 600), to: file, at: 0)
        try file.preallocate(1000)
        for refused in [{ _ = try disk.create("c") }, { try disk.link("a", to: "c") }, { try disk.createDirectory("c") }] {
            let error = #expect(throws: FileError.self) { try refused() }
            #expect(error?.isOutOfSpace == true)
        }
        try disk.remove("a")
        #expect(disk.usedBytes == 1000)
        disk.configure { $0.spaceBytes = 2000 }
        try disk.makeFile("c", [])
        try disk.rename("c", to: "b")
        #expect(disk.usedBytes == 0)
        #expect(disk.afterProcessDeath().usedBytes == 0)
    }

    @Test(arguments: FaultCase.all)
    func everyCallCanFail(_ fault: FaultCase) throws {
        for kind in SimulatedFault.Kind.allCases {
            let disk = SimulatedFileSystem(seed: 1)
            try disk.createDirectory("empty")
            try disk.makeFile("a", [1, 2, 3])
            disk.configure { $0.faults = [SimulatedFault(fault.operation, kind, after: 0)] }
            let error = #expect(throws: FileError.self, "\(fault.operation)") { try fault.call(disk) }
            #expect(error?.operation == fault.operation && error?.isOutOfSpace == (kind == .outOfSpace))
            #expect(disk.configure { $0.faults }.isEmpty && !disk.hasCrashed)
        }
    }

    @Test func faultsWaitForTheirCallsAndPaths() throws {
        let disk = SimulatedFileSystem(seed: 1)
        disk.configure { $0.faults = [SimulatedFault(.create, .outOfSpace, pathSuffix: ".b", after: 1, times: 2)] }
        let results = ["1.b", "2.a", "3.b", "4.b", "5.a", "6.b"].map { path in (try? disk.create(path)) != nil }
        #expect(results == [true, true, false, false, true, true])
    }

    @Test func aCrashEndsEverything() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try disk.makeFile("a", [1])
        disk.configure { $0.changesLeft = 2 }
        try disk.makeFile("b", [])
        #expect(throws: FileError.self) { try disk.makeFile("c", []) }
        #expect(disk.hasCrashed)
        #expect(throws: FileError.self) { _ = try disk.bytes("a") }
        #expect(throws: DataDirectoryLock.Failure.self) { _ = try disk.lockDirectory(".", .shared) }
        #expect(try disk.afterProcessDeath().bytes("a") == [1])
    }

    @Test func aDeadProcessHoldsNoLock() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let lock = try disk.lockDirectory(".", .exclusive)
        let restarted = disk.afterProcessDeath()
        let second = try restarted.lockDirectory(".", .exclusive)
        withExtendedLifetime((lock, second)) {}
    }

    @Test func damagedBitsStay() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try disk.makeFile("a", [0, 0])
        try disk.open("a", .readWrite).sync()
        try disk.syncDirectory(".")
        disk.flipBit("a", at: 9)
        #expect(disk.contents("a") == [0, 2] && disk.afterPowerLoss().contents("a") == [0, 2])
        let flipped = try #require(disk.flipRandomBit { $0 == "a" })
        #expect(flipped.path == "a" && (0..<16).contains(flipped.bit) && disk.contents("a") != [0, 2])
        #expect(disk.flipRandomBit { $0 == "none" } == nil)
    }

    @Test func plansComeFromTheirSeeds() {
        let plans = (0..<100).map { FaultPlan(seed: $0, changesMax: 200) }
        #expect(plans == (0..<100).map { FaultPlan(seed: $0, changesMax: 200) })
        #expect(Set(plans.map(\.description)).count > 50)
        #expect(plans.contains { $0.crashAfter == nil } && plans.contains { !$0.faults.isEmpty } && plans.contains { $0.freeBytes != nil })
        let disk = SimulatedFileSystem(seed: 1)
        for plan in plans {
            plan.arm(disk)
            #expect(disk.configure { $0.changesLeft } == plan.crashAfter && disk.configure { $0.faults } == plan.faults)
        }
    }
}

/// A call, and what it is in errors. On the disk are the file `a` and the directory `empty`.
struct FaultCase: Sendable {
    let operation: FileError.Operation
    let call: @Sendable (SimulatedFileSystem) throws -> Void

    static let all = [
        FaultCase(operation: .open) { _ = try $0.open("a", .readOnly) },
        FaultCase(operation: .create) { _ = try $0.create("b") },
        FaultCase(operation: .read) { _ = try $0.open("a", .readOnly).read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0), at: 0) },
        FaultCase(operation: .write) { try write([1], to: $0.open("a", .readWrite), at: 0) },
        FaultCase(operation: .sync) { try $0.open("a", .readWrite).sync() },
        FaultCase(operation: .preallocate) { try $0.open("a", .readWrite).preallocate(9) },
        FaultCase(operation: .truncate) { try $0.open("a", .readWrite).truncate(to: 9) },
        FaultCase(operation: .map) { _ = try $0.open("a", .readOnly).map() },
        FaultCase(operation: .rename) { try $0.rename("a", to: "b") },
        FaultCase(operation: .remove) { try $0.remove("a") },
        FaultCase(operation: .link) { try $0.link("a", to: "b") },
        FaultCase(operation: .list) { _ = try $0.list(".") },
        FaultCase(operation: .fileStatus) { _ = try $0.status("a") },
        FaultCase(operation: .createDirectory) { try $0.createDirectory("b") },
        FaultCase(operation: .removeDirectory) { try $0.removeDirectory("empty") },
        FaultCase(operation: .syncDirectory) { try $0.syncDirectory(".") },
        FaultCase(operation: .freeSpace) { _ = try $0.freeBytes(".") },
    ]
}
