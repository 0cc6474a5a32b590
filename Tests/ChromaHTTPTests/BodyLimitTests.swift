import ChromaHTTP
import Testing

@Suite struct BodyBudgetTests {
    @Test func sharesTakeOnlyWhatIsLeftAndGiveItBack() {
        let budget = BodyBudget(limit: 100)
        var first: BodyBudget.Share? = budget.share()
        #expect(first?.grow(to: 60) == true)
        let second = budget.share()
        #expect(!second.grow(to: 41))
        #expect(budget.bytesInUse == 60)
        #expect(second.grow(to: 40))
        #expect(second.grow(to: 10), "a share never shrinks, so less is always granted")
        #expect(budget.bytesInUse == 100)
        first = nil
        #expect(budget.bytesInUse == 40)
        #expect(second.grow(to: 100))
        #expect(!second.grow(to: 101))
        #expect(!second.grow(to: .max))
        #expect(budget.bytesInUse == 100)
    }

    @Test func manyTasksNeverExceedTheLimit() async {
        let budget = BodyBudget(limit: 1_000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<500 {
                        let share = budget.share()
                        _ = share.grow(to: (task * 131 + round * 17) % 400)
                        #expect(budget.bytesInUse <= 1_000)
                    }
                }
            }
        }
        #expect(budget.bytesInUse == 0)
    }
}

@Suite struct BodyProgressTests {
    private let start = ContinuousClock.now
    private func progress() -> BodyProgress { BodyProgress(idle: .seconds(30), bytesPerSecondMin: 1_000, start: start) }

    @Test func aSilentClientIsGivenUpAfterTheIdleTime() {
        let progress = progress()
        #expect(progress.nextCheck(at: start + .seconds(29)) == start + .seconds(30))
        #expect(progress.nextCheck(at: start + .seconds(30)) == nil)
    }

    @Test func aClientThatPausesIsGivenUpCountedFromItsLastBytes() {
        var progress = progress()
        progress.note(bytes: 1_000_000, at: start + .seconds(20))
        #expect(progress.nextCheck(at: start + .seconds(30)) == start + .seconds(50))
        #expect(progress.nextCheck(at: start + .seconds(50)) == nil)
    }

    @Test func aTrickleIsGivenUpThoughItNeverPauses() {
        var progress = progress()
        for second in 1...29 { progress.note(bytes: 1, at: start + .seconds(second)) }
        #expect(progress.nextCheck(at: start + .seconds(29)) != nil)
        #expect(progress.nextCheck(at: start + .seconds(30)) == nil)
    }

    @Test func aSteadyClientMayTakeLong() {
        var progress = progress()
        for second in 1...600 {
            progress.note(bytes: 1_100, at: start + .seconds(second))
            #expect(progress.nextCheck(at: start + .seconds(second)) != nil)
        }
    }
}
