import ByteCoding
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

/// Random lives of a log on the simulated disk, compared with a list. `LYRICA_SIM_SEEDS` sets how many (default 300), `LYRICA_SIM_SEED`
/// replays one.
@Suite struct SimulationTests {
    @Test func everythingAcknowledgedSurvivesEveryCrash() {
        for seed in seeds() {
            if let violation = LogLife(seed: seed, lie: nil).run() {
                Issue.record("replay with LYRICA_SIM_SEED=\(seed): \(violation)")
                return
            }
        }
    }

    /// The simulation must be able to fail: a disk that breaks a promise is noticed within a few lives.
    @Test(arguments: [SimulatedFileSystem.Lie.syncDoesNothing, .directorySyncDoesNothing])
    func aDiskThatLiesIsNoticed(_ lie: SimulatedFileSystem.Lie) {
        #expect((0..<50).contains { LogLife(seed: $0, lie: lie).run() != nil })
    }

    private func seeds() -> Range<UInt64> {
        if let one = environment("LYRICA_SIM_SEED") { return one..<one + 1 }
        return 0..<(environment("LYRICA_SIM_SEEDS") ?? 300)
    }

    private func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}

/// One log from its first record through several crashes.
///
/// The model: records known to be durable, and behind them those whose fate is open. After a crash the log must hold all of the former, then
/// a prefix of the latter that includes whatever was acknowledged.
private struct LogLife {
    private struct Open {
        let record: Replayed
        var isAcknowledged: Bool
    }

    private var random: SeededGenerator
    private var disk: SimulatedFileSystem
    private var durable: [Replayed] = []
    private var open: [Open] = []

    init(seed: UInt64, lie: SimulatedFileSystem.Lie?) {
        random = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed ^ 0xD15C, lie: lie)
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
        if !isLast && random.chance(percent: 80) {
            let changes = Int.random(in: 0...60, using: &random)
            disk.configure { $0.changesLeft = changes }
        }
        let log: WriteAheadLog
        do {
            let opened = try openStepped(disk)
            if let violation = compare(opened.records) { return violation }
            durable = opened.records
            open = []
            log = opened.log
        } catch {
            guard disk.hasCrashed else { return "refused to open: \(error)" }
            restart()
            return nil
        }
        if !isLast { work(log) }
        restart()
        return nil
    }

    private mutating func work(_ log: WriteAheadLog) {
        for _ in 0..<Int.random(in: 0...25, using: &random) {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<55: append(to: log)
            case 55..<90: commit(log)
            case 90..<94: disk.configure { $0.failNextSync = true }
            case 94..<95: disk.configure { $0.failNextWrite = true }
            case 95..<98:
                let space = Int.random(in: 0...20_000, using: &random)
                disk.configure { $0.spaceBytes = space }
            default: disk.configure { $0.spaceBytes = Int.max }
            }
        }
        if random.chance(percent: 15) {
            try? log.closeStepped()
            learnOutcomes(log)
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
            open.append(Open(record: Replayed(sequence: sequence.rawValue, bytes: bytes), isAcknowledged: false))
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

    private mutating func learnOutcomes(_ log: WriteAheadLog) {
        for index in open.indices.reversed() {
            switch log.outcome(of: SequenceNumber(open[index].record.sequence)) {
            case .success?: open[index].isAcknowledged = true
            case .failure(.outOfSpace)?: open.remove(at: index)
            case .failure?, nil: continue
            }
        }
    }

    private mutating func restart() {
        disk = random.chance(percent: 70) ? disk.afterPowerLoss() : disk.afterProcessDeath()
    }

    private func compare(_ found: [Replayed]) -> String? {
        guard found.starts(with: durable) else { return "durable records are gone or changed: \(durable) became \(found)" }
        let more = found.dropFirst(durable.count)
        guard open.map(\.record).starts(with: more) else { return "records out of order or invented: \(more) of \(open.map(\.record))" }
        if let lost = open.dropFirst(more.count).first(where: \.isAcknowledged) { return "acknowledged \(lost.record) is gone" }
        return nil
    }
}
