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
    @Test(arguments: SimulatedFileSystem.Lie.allCases)
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
