import ByteCoding
import Durability
import FileIO
import TestSupport
import Testing

/// Files that are replaced whole: what a crash, a full disk, a failing device and damage leave of them.
@Suite struct CheckedFileTests {
    private static let path = "d/FILE"
    private static let copy = "d/FILE.copy"

    /// A disk with generation 1 in place.
    private func disk(seed: UInt64, lie: SimulatedFileSystem.Lie? = nil) throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem(seed: seed, lie: lie)
        try disk.createDirectory("d")
        try disk.syncDirectory(".")
        try write(1, disk)
        return disk
    }

    private func payload(_ generation: UInt64) -> [UInt8] { [UInt8](repeating: UInt8(generation), count: 1500) }

    private func write(_ generation: UInt64, _ disk: SimulatedFileSystem) throws(CheckedFileError) {
        try CheckedFile.write(block(payload(generation)), .catalog, generation: generation, createdWith: "1.0", to: Self.path, disk)
    }

    private func writeCopies(_ generation: UInt64, _ disk: SimulatedFileSystem) throws(CheckedFileError) {
        try CheckedFile.writeCopies(
            block(payload(generation)), .catalog, generation: generation, createdWith: "1.0", to: Self.path, copy: Self.copy, disk)
    }

    private func generation(_ disk: SimulatedFileSystem) throws(CheckedFileError) -> UInt64 {
        let file = try CheckedFile.read(Self.path, .catalog, disk)
        #expect(file.payload == payload(file.generation))
        return file.generation
    }

    @Test(arguments: [0, 1, 511, 512, 100_000])
    func whatIsWrittenIsRead(_ count: Int) throws {
        let disk = SimulatedFileSystem(seed: 1)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try CheckedFile.write(block(bytes), .manifest, generation: .max, createdWith: "a version with a very long name: é", to: "FILE", disk)
        let file = try CheckedFile.read("FILE", .manifest, disk)
        #expect(file.payload == bytes && file.generation == .max && file.version == CheckedFileKind.manifest.version)
        #expect(file.createdWith == "a version with a very long name:" && disk.paths == ["FILE"])
    }

    @Test func aMissingFileIsTold() {
        let error = #expect(throws: CheckedFileError.self) { _ = try CheckedFile.read("none", .catalog, SimulatedFileSystem(seed: 1)) }
        #expect(error?.isMissing == true)
    }

    /// A crash at any call, and whatever the disk keeps of it: the old file or the new one, and the new one once it was acknowledged.
    @Test func aCrashLeavesTheOldFileOrTheNew() throws {
        var found: Set<UInt64> = []
        for seed in 0..<60 as Range<UInt64> {
            for changes in 0..<10 {
                let disk = try disk(seed: seed)
                disk.configure { $0.changesLeft = changes }
                let outcome = attempt { () throws(CheckedFileError) in try write(2, disk) }
                for restarted in [disk.afterPowerLoss(), disk.afterProcessDeath().afterPowerLoss()] {
                    let generation = try generation(restarted)
                    found.insert(generation)
                    #expect(isPossible(generation, outcome), "seed \(seed), crash after \(changes) changes: \(generation) after \(outcome)")
                    // What the crash left under the temporary name is in nobody's way.
                    try write(3, restarted)
                    #expect(restarted.paths == [Self.path])
                    #expect(try self.generation(restarted.afterPowerLoss()) == 3)
                }
            }
        }
        #expect(found == [1, 2])
    }

    @Test(arguments: SimulatedFileSystem.Lie.allCases)
    func aDiskThatLiesIsNoticed(_ lie: SimulatedFileSystem.Lie) throws {
        #expect((0..<50).contains { (seed: UInt64) in
            guard let disk = try? disk(seed: seed, lie: lie), (try? write(2, disk)) != nil else { return true }
            return (try? generation(disk.afterPowerLoss())) != 2
        })
    }

    /// A call that fails, but the machine goes on: `file` promises that the old file stands, even after a crash.
    @Test(arguments: [FileError.Operation.fileStatus, .create, .write, .sync, .rename, .syncDirectory], SimulatedFault.Kind.allCases)
    func aFailingCallIsToldApartByWhatItLeaves(_ operation: FileError.Operation, _ kind: SimulatedFault.Kind) throws {
        for seed in 0..<30 as Range<UInt64> {
            let disk = try disk(seed: seed)
            disk.configure { $0.faults = [SimulatedFault(operation, kind)] }
            let outcome = attempt { () throws(CheckedFileError) in try write(2, disk) }
            switch outcome {
            case .failure(.file(let error)): #expect(error.operation == operation && ![.rename, .syncDirectory].contains(operation))
            case .failure(.undecided(let error)): #expect(error.operation == operation && [.rename, .syncDirectory].contains(operation))
            case .failure(.corruption), .failure(.unsupportedVersion), .success: Issue.record("\(operation): \(outcome)")
            }
            #expect(isPossible(try generation(disk.afterPowerLoss()), outcome), "seed \(seed)")
            // And with the device well again, the next write counts.
            try write(3, disk)
            #expect(try generation(disk.afterPowerLoss()) == 3)
        }
    }

    @Test(arguments: [FileError.Operation.open, .fileStatus, .read])
    func aFileThatCannotBeReadIsNotTakenForDamaged(_ operation: FileError.Operation) throws {
        let disk = try disk(seed: 1)
        disk.configure { $0.faults = [SimulatedFault(operation)] }
        #expect(throws: CheckedFileError.file(.inputOutput(operation, path: Self.path))) { _ = try generation(disk) }
    }

    private func isPossible(_ generation: UInt64, _ outcome: Result<Void, CheckedFileError>) -> Bool {
        switch outcome {
        case .success: generation == 2
        case .failure(.file): generation == 1
        case .failure(.undecided): generation == 1 || generation == 2
        case .failure(.corruption), .failure(.unsupportedVersion): false
        }
    }

    @Test func everyFlippedBitAndEveryCutIsNoticed() throws {
        let disk = try disk(seed: 1)
        let intact = disk.contents(Self.path)
        for bit in 0..<intact.count * 8 {
            disk.flipBit(Self.path, at: bit)
            let error = #expect(throws: CheckedFileError.self) { _ = try generation(disk) }
            guard case .corruption(let corruption)? = error else { return #expect(Bool(false), "bit \(bit): \(String(describing: error))") }
            #expect(corruption.file == Self.path && corruption.offset <= bit / 8)
            disk.flipBit(Self.path, at: bit)
        }
        for count in 0..<intact.count {
            disk.replaceContents(Self.path, with: Array(intact[..<count]))
            #expect(throws: CheckedFileError.self) { _ = try generation(disk) }
        }
        disk.replaceContents(Self.path, with: intact + [0])
        #expect(throws: CheckedFileError.self) { _ = try generation(disk) }
    }

    @Test func anotherKindAndANewerVersionAreToldFromDamage() throws {
        let disk = try disk(seed: 1)
        let other = #expect(throws: CheckedFileError.self) { _ = try CheckedFile.read(Self.path, .manifest, disk) }
        guard case .corruption(let corruption)? = other else { return #expect(Bool(false), "not corruption") }
        #expect(corruption.description.contains("kind: expected 2 (manifest), found 1"))
        let newer = CheckedFileKind(code: CheckedFileKind.catalog.code, name: "catalog", version: CheckedFileKind.catalog.version + 1)
        try CheckedFile.write(block([1]), newer, generation: 5, createdWith: "2.0", to: Self.path, disk)
        #expect(throws: CheckedFileError.unsupportedVersion(file: Self.path, found: newer.version, newestKnown: newer.version - 1)) {
            _ = try generation(disk)
        }
        #expect(try CheckedFile.read(Self.path, newer, disk).generation == 5)
    }

    // MARK: Two copies

    private func newest(_ disk: SimulatedFileSystem) throws(CheckedFileError) -> NewestCheckedFile? {
        try CheckedFile.readNewest(Self.path, copy: Self.copy, .catalog, disk)
    }

    @Test func theNewerCopyCounts() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try disk.createDirectory("d")
        #expect(try newest(disk) == nil)
        try writeCopies(1, disk)
        #expect(try newest(disk)?.fault == nil)
        try write(2, disk)
        #expect(try newest(disk)?.file.generation == 2 && newest(disk)?.path == Self.path)
        try disk.rename(Self.path, to: Self.copy)
        let lone = try newest(disk)
        #expect(lone?.file.generation == 2 && lone?.path == Self.copy && lone?.fault?.isMissing == true)
    }

    /// One copy may be damaged anywhere: what was written counts all the same, and the damage is told.
    @Test(arguments: [path, copy])
    func oneDamagedCopyLosesNothing(_ damaged: String) throws {
        let disk = SimulatedFileSystem(seed: 1)
        try disk.createDirectory("d")
        for generation in 1...2 as ClosedRange<UInt64> { try writeCopies(generation, disk) }
        for byte in disk.contents(damaged).indices {
            disk.flipBit(damaged, at: byte * 8 + byte % 8)
            let found = try newest(disk)
            #expect(found?.file.generation == 2 && found?.path != damaged && found?.fault != nil)
            disk.flipBit(damaged, at: byte * 8 + byte % 8)
        }
        for path in [Self.path, Self.copy] { disk.flipBit(path, at: 700) }
        #expect(throws: CheckedFileError.self) { _ = try newest(disk) }
    }

    @Test func anOlderCopyIsNotTakenForANewerProgramsFile() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try disk.createDirectory("d")
        try writeCopies(1, disk)
        let newer = CheckedFileKind(code: CheckedFileKind.catalog.code, name: "catalog", version: 9)
        try CheckedFile.write(block([1]), newer, generation: 2, createdWith: "2.0", to: Self.path, disk)
        let error = #expect(throws: CheckedFileError.self) { _ = try newest(disk) }
        guard case .unsupportedVersion? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    /// A crash at any call of a write of both, and one copy lost on top of it: what counted before still does.
    @Test func aCrashAndADamagedCopyTogetherLoseNothingThatCounted() throws {
        for seed in 0..<32 as Range<UInt64> {
            for changes in 0..<20 {
                let disk = SimulatedFileSystem(seed: seed)
                try disk.createDirectory("d")
                try disk.syncDirectory(".")
                try writeCopies(1, disk)
                disk.configure { $0.changesLeft = changes }
                let outcome = attempt { () throws(CheckedFileError) in try writeCopies(2, disk) }
                let restarted = disk.afterPowerLoss()
                if seed.isMultiple(of: 2) { restarted.flipBit(seed.isMultiple(of: 4) ? Self.path : Self.copy, at: 999) }
                let generation = try newest(restarted)?.file.generation ?? 0
                #expect(isPossible(generation, outcome), "seed \(seed), crash after \(changes) changes: \(generation) after \(outcome)")
            }
        }
    }
}

/// Bytes as files take them.
func block(_ bytes: [UInt8]) -> ByteBlock {
    var writer = ByteWriter(capacity: bytes.count)
    bytes.withUnsafeBytes { writer.append(contentsOf: $0) }
    return writer.finish()
}

/// What a call came to.
func attempt<Value, Failure: Error>(_ body: () throws(Failure) -> Value) -> Result<Value, Failure> {
    do throws(Failure) {
        return .success(try body())
    } catch {
        return .failure(error)
    }
}
