import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Random lives of a database on the simulated disk, compared with a model. `LYRICA_SIM_SEEDS` sets how many (default 300), `LYRICA_SIM_FIRST`
/// the first, `LYRICA_SIM_SEED` replays one and `LYRICA_SIM_TRACE=1` prints what happens in it.
@Suite struct DatabaseSimulationTests {
    @Test func everythingAcknowledgedSurvivesEveryCrash() async {
        for seed in seeds() {
            if let violation = await DatabaseLife(seed: seed, isTraced: environment("LYRICA_SIM_TRACE") != nil).run() {
                Issue.record("replay with LYRICA_SIM_SEED=\(seed) swift test --filter DatabaseSimulationTests: \(violation)")
                return
            }
        }
    }

    /// The simulation must be able to fail: a disk that breaks a promise, which is what a build that skips a sync makes of it, is noticed.
    @Test(arguments: SimulatedFileSystem.Lie.allCases)
    func aDiskThatLiesIsNoticed(_ lie: SimulatedFileSystem.Lie) async {
        for seed in 0..<UInt64(300) where await DatabaseLife(seed: seed, lie: lie).run() != nil { return }
        Issue.record("\(lie) goes unnoticed")
    }

    private func seeds() -> Range<UInt64> {
        if let one = environment("LYRICA_SIM_SEED") { return one..<one + 1 }
        let first = environment("LYRICA_SIM_FIRST") ?? 0
        return first..<first + (environment("LYRICA_SIM_SEEDS") ?? 300)
    }

    private func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
