import Durability
import FileIO
import TestSupport
import VectorModel

/// One log from its first record through several crashes, with trims, an archive and copies.
///
/// The model: records known to be durable, and behind them those whose fate is open. After a crash the log must hold all of the former that are
/// above the floor, then a prefix of the latter that includes whatever was acknowledged, or after a loss of power whatever was synced. The archive
/// and the log together must hold every record that ever was durable.
struct LogLife {
    private struct Open {
        let record: Replayed
        var isAcknowledged = false
        var isSynced = false
    }

    private var random: SeededGenerator
    private var disk: SimulatedFileSystem
    private let hasArchive: Bool
    /// Every record that is certain, from the first on.
    private var durable: [Replayed] = []
    private var open: [Open] = []
    /// Everything up to it is safe elsewhere.
    private var floor: UInt64 = 0
    private var hasLostPower = false
    private var copies = 0

    init(seed: UInt64, lie: SimulatedFileSystem.Lie?) {
        random = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed ^ 0xD15C, lie: lie)
        hasArchive = seed % 2 == 1
    }

    /// Returns what went wrong, if anything did.
    func run() -> String? {
        var life = self
        for incarnation in 0..<Int.random(in: 3...10, using: &life.random) {
            if let violation = life.live() { return "incarnation \(incarnation): \(violation)" }
        }
        return life.live(isLast: true)
    }

    private mutating func live(isLast: Bool = false) -> String? {
        let readable = readOnly()
        if !isLast && random.chance(percent: 80) {
            let changes = Int.random(in: 0...80, using: &random)
            disk.configure { $0.changesLeft = changes }
        }
        let log: WriteAheadLog
        do {
            let opened = try openStepped(disk, options: options(), after: SequenceNumber(floor))
            if let violation = compare(opened.records) { return violation }
            if readable != opened.records { return "reading gave \(readable ?? []), opening \(opened.records)" }
            durable = (durable + open.map(\.record)).filter { $0.sequence <= floor } + opened.records
            open = []
            hasLostPower = false
            log = opened.log
        } catch {
            guard disk.hasCrashed else { return "refused to open: \(error)" }
            restart()
            return nil
        }
        if let violation = compareHistory() ?? (isLast ? nil : work(log)) { return violation }
        restart()
        return nil
    }

    private mutating func options() -> LogOptions {
        var options = LogOptions(fileBytes: 4096, recycledFilesMax: Int.random(in: 0...4, using: &random), clock: { LogTimestamp(milliseconds: 1) })
        options.archiveDirectory = hasArchive ? "archive" : nil
        switch Int.random(in: 0..<4, using: &random) {
        case 0: options.durability = .interval(milliseconds: 1)
        case 1: options.durability = .none
        default: options.durability = .sync
        }
        return options
    }

    // MARK: Work

    private mutating func work(_ log: WriteAheadLog) -> String? {
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<50: append(to: log)
            case 50..<75: commit(log)
            case 75..<80: sync(log)
            case 80..<87: trim(log)
            case 87..<90: if let violation = copy(log) { return violation }
            default: breakSomething()
            }
        }
        if random.chance(percent: 15) {
            try? log.closeStepped()
            learnOutcomes(log)
        }
        return nil
    }

    private mutating func breakSomething() {
        let space = disk.usedBytes + Int.random(in: 0...30_000, using: &random)
        let times = Int.random(in: 1...8, using: &random)
        let fault: FileError.Operation = [.rename, .remove, .link, .syncDirectory, .create, .open].randomElement(using: &random) ?? .rename
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: disk.configure { $0.failNextSync = true }
        case 3: disk.configure { $0.failNextWrite = true }
        case 4..<7: disk.configure { $0.spaceBytes = space }
        case 7: disk.configure { $0.faults = [SimulatedFault(fault, times: times)] }
        default: disk.configure { $0.spaceBytes = Int.max }
        }
    }

    private mutating func append(to log: WriteAheadLog) {
        let count = payloadBytes()
        let isText = Bool.random(using: &random)
        let marker = random.next()
        let bytes = (0..<count).map { index in
            isText ? UInt8(truncatingIfNeeded: marker >> (8 * UInt64(index / 40 % 8))) : UInt8.random(in: .min ... .max, using: &random)
        }
        do {
            let sequence = try log.append(payload(bytes, compressible: isText))
            open.append(Open(record: Replayed(sequence: sequence.rawValue, bytes: bytes)))
        } catch {
            // A failed log refuses: nothing was appended, so there is nothing to remember.
            return
        }
    }

    /// Often one of a few lengths, so that new frames end where frames of a lost tail ended.
    private mutating func payloadBytes() -> Int {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<5: Int.random(in: 4000...9000, using: &random)
        case 5..<60: 160 * Int.random(in: 0...3, using: &random)
        default: Int.random(in: 0...900, using: &random)
        }
    }

    private mutating func commit(_ log: WriteAheadLog) {
        log.commitPending()
        learnOutcomes(log)
    }

    private mutating func sync(_ log: WriteAheadLog) {
        log.syncPending()
        learnOutcomes(log)
    }

    private mutating func trim(_ log: WriteAheadLog) {
        learnOutcomes(log)
        floor = UInt64.random(in: floor...max(floor, log.lastSynced.rawValue), using: &random)
        // A disk that fails keeps the files, and the next trim or opening goes on.
        try? log.trim(through: SequenceNumber(floor))
    }

    private mutating func copy(_ log: WriteAheadLog) -> String? {
        learnOutcomes(log)
        let last = UInt64.random(in: floor...max(floor, log.lastDurable.rawValue), using: &random)
        copies += 1
        let target = "copy-\(copies)"
        do {
            try disk.createDirectory(target)
            _ = try log.copy(to: target, after: SequenceNumber(floor), through: SequenceNumber(last))
        } catch {
            return (error as? LogCopyError).flatMap(complaint)
        }
        let expected = (durable + open.filter(\.isAcknowledged).map(\.record)).filter { $0.sequence > floor && $0.sequence <= last }
        do {
            let found = try replay(disk, [target], after: SequenceNumber(floor))
            return found == expected ? nil : "a copy of \(floor)+1...\(last) holds \(found) instead of \(expected)"
        } catch {
            return disk.hasCrashed ? nil : "a copy cannot be read: \(error)"
        }
    }

    /// A failing disk may keep a copy from being made, but sound files must not look damaged.
    private func complaint(about error: LogCopyError) -> String? {
        switch error {
        case .source(.corruption(let corruption)): "a log in use looks damaged: \(corruption)"
        case .source, .target, .closed: nil
        }
    }

    private mutating func learnOutcomes(_ log: WriteAheadLog) {
        let synced = log.lastSynced.rawValue
        for index in open.indices.reversed() {
            switch log.outcome(of: SequenceNumber(open[index].record.sequence)) {
            case .success?:
                open[index].isAcknowledged = true
                open[index].isSynced = open[index].isSynced || open[index].record.sequence <= synced
            case .failure(.outOfSpace)?: open.remove(at: index)
            case .failure?, nil: continue
            }
        }
    }

    private mutating func restart() {
        let losesPower = random.chance(percent: 70)
        hasLostPower = hasLostPower || losesPower
        disk = losesPower ? disk.afterPowerLoss() : disk.afterProcessDeath()
    }

    // MARK: Comparing

    private func compare(_ found: [Replayed]) -> String? {
        let certain = durable.filter { $0.sequence > floor }
        let pending = open.filter { $0.record.sequence > floor }
        guard found.starts(with: certain) else { return "durable records are gone or changed: \(certain) became \(found)" }
        let more = found.dropFirst(certain.count)
        guard pending.map(\.record).starts(with: more) else { return "records out of order or invented: \(more) of \(pending.map(\.record))" }
        let lost = pending.dropFirst(more.count).first { hasLostPower ? $0.isSynced : $0.isAcknowledged }
        return lost.map { "acknowledged \($0.record) is gone" }
    }

    /// Reading without opening must find the same; nil if the disk stopped.
    private func readOnly() -> [Replayed]? {
        guard (try? disk.status("log")) != nil else { return [] }
        return try? replay(disk, after: SequenceNumber(floor))
    }

    private func compareHistory() -> String? {
        guard hasArchive, !disk.hasCrashed else { return nil }
        do {
            let directories = try disk.status("archive") == nil ? ["log"] : ["log", "archive"]
            let found = try replay(disk, directories)
            return found == durable ? nil : "archive and log hold \(found) instead of \(durable)"
        } catch {
            return "archive and log cannot be read: \(error)"
        }
    }
}
