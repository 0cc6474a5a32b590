import Durability
import Engine
import FileIO
import FoundationEssentials
import Segments
import Synchronization
import TestSupport
import VectorModel

/// One database from its first file through several crashes, on a disk that goes wrong in every way it may.
///
/// The model: the world that is certain, and behind it the changes whose fate is open, as the log orders them. After a crash the database must
/// hold the certain world and a prefix of the open changes that includes whatever was acknowledged, or after a loss of power whatever was synced.
final class DatabaseLife {
    /// A change since the database was opened.
    struct Open {
        let number: UInt64
        let change: LoggedChange
        var isAcknowledged = false
        var isSynced = false
    }

    static let directory = "data"

    var workload: Workload
    private(set) var disk: SimulatedFileSystem
    private var database: VectorDatabase?
    private var base = World()
    private var open: [Open] = []
    private var hasLostPower = false
    /// Something may go wrong, or went wrong, since the database was opened: requests may fail.
    private(set) var isFaulty = false
    /// Results that a reader keeps, with what they must show for as long.
    var held: [(records: [RecordView], expected: [World.Record])] = []
    /// Oldest first.
    var backups: [FinishedBackup] = []
    var nextBackup = 0
    private let settings: Settings
    private let identifiers: @Sendable () -> CollectionIdentifier

    /// What stays the same for a life.
    private struct Settings {
        let hasArchive: Bool
        let durability: LogDurability
    }

    /// Prints what happens, to understand a violation.
    private let isTraced: Bool

    init(seed: UInt64, lie: SimulatedFileSystem.Lie? = nil, isTraced: Bool = false) {
        self.isTraced = isTraced
        var random = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed ^ 0xD15C, lie: lie)
        let durability: LogDurability = switch Int.random(in: 0..<5, using: &random) {
        case 0: .interval(milliseconds: 1)
        case 1: .none
        default: .sync
        }
        settings = Settings(hasArchive: random.chance(percent: 30), durability: durability)
        let source = IdentifierSource(seed: seed ^ 0x1D)
        identifiers = { source.next() }
        workload = Workload(random: random)
    }

    /// Returns what went wrong, if anything did.
    func run() async -> String? {
        var incarnation = 0
        do {
            let count = Int.random(in: 3...8, using: &workload.random)
            while incarnation < count {
                try await live(isLast: incarnation == count - 1)
                incarnation += 1
            }
            return nil
        } catch {
            return "incarnation \(incarnation): \(error)"
        }
    }

    private func live(isLast: Bool) async throws {
        if !isLast && chance(percent: 20) {
            guard try openAmongFaults() else { return restart() }
        } else {
            isFaulty = false
            do throws(OpeningFailure) {
                database = try openDatabase()
            } catch {
                throw Violation("refused to open: \(error)")
            }
        }
        guard let database else { return }
        try adopt(database)
        // What failed to be read while opening among faults is no damage; the next opening reads it.
        guard database.storageReport.isHealthy || !isFaulty else { return restart() }
        guard database.storageReport.isHealthy else { throw Violation("opened with \(database.storageReport)") }
        if !isFaulty { try database.checkFiles(disk, Self.directory, world) }
        try await compare()
        if !isFaulty && chance(percent: 30) { try await checkNewestBackup() }
        try await work(database)
        if isLast { return try await end(database) }
        restart()
    }

    /// Opens while the disk fails or the machine stops; false if that failed.
    private func openAmongFaults() throws -> Bool {
        isFaulty = true
        FaultPlan(seed: workload.random.next(), changesMax: 80).arm(disk)
        do throws(OpeningFailure) {
            database = try openDatabase()
        } catch {
            // Some of the records may have been found, and be certain now; the next opening tells.
            return false
        }
        mendDisk()
        guard disk.hasCrashed else { return true }
        database = nil
        return false
    }

    private func openDatabase() throws(OpeningFailure) -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: Self.directory)
        configuration.allowReset = true
        configuration.searchThreads = 1
        configuration.execution = .stepped
        configuration.makeIdentifier = identifiers
        configuration.log = LogOptions(
            fileBytes: 4096 << Int.random(in: 0...2, using: &workload.random), durability: settings.durability,
            recycledFilesMax: Int.random(in: 0...2, using: &workload.random), archiveDirectory: settings.hasArchive ? "archive" : nil,
            clock: { LogTimestamp(milliseconds: 1) })
        configuration.storage.memtableBytes = Int.random(in: 1...8, using: &workload.random) << 10
        configuration.storage.memtableBytesTotal = 16 << 10
        configuration.storage.logBytes = Int.random(in: 4...40, using: &workload.random) << 10
        configuration.storage.idleMilliseconds = chance(percent: 20) ? 0 : .max
        configuration.storage.segmentsPerTier = Int.random(in: 2...3, using: &workload.random)
        configuration.searchCosts = .indexesAreFree
        configuration.storage.indexThreads = 1
        configuration.storage.indexRowsMin = Int.random(in: 2...30, using: &workload.random)
        configuration.storage.lookupRowsMin = 1
        configuration.storage.indexMemory = chance(percent: 30) ? 0 : 1 << 30
        configuration.storage.indexIdleMilliseconds = chance(percent: 30) ? 0 : .max
        configuration.storage.indexDelayMilliseconds = chance(percent: 70) ? 0 : .max
        configuration.storage.settleMilliseconds = chance(percent: 50) ? 0 : .max
        configuration.storage.deadShareMax = Double.random(in: 0.1...0.6, using: &workload.random)
        return try VectorDatabase.open(configuration, fileSystem: disk)
    }

    /// Takes what the database found for certain, after checking that nothing is missing that must be there.
    private func adopt(_ database: VectorDatabase) throws {
        let last = database.recovery.last.rawValue
        trace("opened at \(last)")
        for change in open where change.number > last && (hasLostPower ? change.isSynced : change.isAcknowledged) {
            throw Violation("acknowledged change \(change.number) is gone: the log ends at \(last)")
        }
        for change in open where change.number <= last { base.apply(change.change, at: change.number) }
        open = []
        hasLostPower = false
    }

    // MARK: Work

    private func work(_ database: VectorDatabase) async throws {
        if chance(percent: 70) {
            let plan = FaultPlan(seed: workload.random.next(), changesMax: 500)
            plan.arm(disk)
            isFaulty = true
            trace("plan: \(plan)")
        }
        for _ in 0..<Int.random(in: 0...40, using: &workload.random) where !disk.hasCrashed {
            let operation = Operation.any(using: &workload.random)
            trace("\(operation)")
            try await perform(operation, on: database)
            learnOutcomes()
        }
        if chance(percent: 20) && !disk.hasCrashed { try await close(database) }
    }

    private func close(_ database: VectorDatabase) async throws {
        do throws(LogError) {
            try await database.close()
        } catch {
            guard isFaulty else { throw Violation("closing failed: \(error)") }
        }
        learnOutcomes()
    }

    /// At the end everything is written to segments, merged and found again.
    private func end(_ database: VectorDatabase) async throws {
        restart()
        isFaulty = false
        let last = try openDatabase()
        self.database = last
        try adopt(last)
        try await last.flush()
        for _ in 0..<3 { last.stepMaintenance() }
        guard last.storageReport.isHealthy else { throw Violation("at rest there is \(last.storageReport)") }
        try await compare()
        held = []
        try await last.close()
        disk = disk.afterPowerLoss()
        let again = try openDatabase()
        self.database = again
        try again.checkFiles(disk, Self.directory, world)
        try await compare()
        try await checkNewestBackup()
    }

    private func restart() {
        learnOutcomes()
        let losesPower = chance(percent: 60)
        // Takes what a failed sync should have written: as with a loss of power, only what was synced is promised.
        let losesPages = chance(percent: 20)
        trace((losesPower ? "loss of power" : "death of the process") + (losesPages ? ", pages are dropped" : ""))
        hasLostPower = hasLostPower || losesPower || losesPages
        disk = losesPower ? disk.afterPowerLoss() : disk.afterProcessDeath()
        if losesPages { disk.evictCleanSectors() }
        held = []
        database = nil
    }

    // MARK: For operations

    /// What the database was told, as far as it can be in it.
    var world: World { world(through: .max) }

    /// The same, up to one change.
    func world(through last: UInt64) -> World {
        var world = base
        for change in open where change.number <= last { world.apply(change.change, at: change.number) }
        return world
    }

    func chance(percent: Int) -> Bool { workload.random.chance(percent: percent) }

    func newIdentifier() -> CollectionIdentifier { identifiers() }

    /// Remembers what was accepted.
    func note(_ change: LoggedChange, at number: SequenceNumber) {
        trace("  \(number): \(change)".prefix(300).description)
        open.append(Open(number: number.rawValue, change: change))
    }

    /// Asks the log which changes are certain, and forgets those that it had no room for.
    func learnOutcomes() {
        guard let database, let status = database.logStatus else { return }
        for index in open.indices.reversed() {
            switch database.outcome(of: SequenceNumber(open[index].number)) {
            case .success?:
                open[index].isAcknowledged = true
                open[index].isSynced = open[index].isSynced || open[index].number <= status.lastSynced.rawValue
            case .failure(.outOfSpace)?:
                trace("  no room for \(open[index].number)")
                open.remove(at: index)
            case .failure?, nil: continue
            }
        }
    }

    /// The changes not settled as far as the log knows, of one collection or, with `nil`, of the catalog.
    func lastChange(of identifier: CollectionIdentifier?) -> SequenceNumber? {
        open.last { $0.change.collection == identifier }.map { SequenceNumber($0.number) }
    }

    /// Whether the log has not told of everything, which is so only when it has failed and everything was settled.
    var hasOpenChanges: Bool { open.contains { !$0.isAcknowledged } }

    var hasOpenCatalogChanges: Bool { open.contains { $0.change.collection == nil && !$0.isAcknowledged } }

    /// Ends every fault but the coming crash.
    func mendDisk() {
        disk.configure { state in
            state.faults = []
            state.spaceBytes = .max
            state.failNextSync = false
            state.failNextWrite = false
        }
    }

    func trace(_ event: @autoclosure () -> String) {
        if isTraced { print(event()) }
    }

    /// Compares everything that the log did not refuse. All changes must be settled.
    func compare() async throws {
        guard let database else { return }
        let left = disk.configure { state in
            defer { state.changesLeft = nil }
            return state.changesLeft
        }
        defer { disk.configure { $0.changesLeft = left } }
        var comparison = Comparison(database: database, world: world, workload: workload)
        try await comparison.run()
        workload.random = comparison.workload.random
        for (records, expected) in held where records.map(World.Record.init) != expected {
            throw Violation("a reader's records changed")
        }
    }
}

/// Ids that are the same on every run.
private final class IdentifierSource: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    func next() -> CollectionIdentifier {
        generator.withLock { generator in
            var bytes = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).uuid
            withUnsafeMutableBytes(of: &bytes) { $0.storeBytes(of: generator.next(), toByteOffset: 0, as: UInt64.self) }
            withUnsafeMutableBytes(of: &bytes) { $0.storeBytes(of: generator.next(), toByteOffset: 8, as: UInt64.self) }
            return CollectionIdentifier(UUID(uuid: bytes))
        }
    }
}

extension LoggedChange {
    /// Whose records it changes; `nil` for a change of the catalog.
    var collection: CollectionIdentifier? {
        switch self {
        case .catalog: nil
        case .write(_, _, let identifier), .delete(_, let identifier), .group(_, let identifier): identifier
        }
    }
}
