import Durability
import FileIO
import Testing
import VectorModel

/// The state machine alone: payloads are strings, waiters are numbers.
@Suite struct GroupCommitTests {
    private typealias Commit = GroupCommit<String, Int>
    private let full = LogError.outOfSpace(.outOfSpace(.preallocate, path: "log"))

    private func number(_ value: UInt64) -> SequenceNumber { SequenceNumber(value) }

    private func batch(_ action: Commit.Action?) -> [String] {
        switch action {
        case .commit(let entries)?: entries.map(\.payload)
        case .sync?, .finish?, nil: []
        }
    }

    @Test func whatArrivesDuringAWriteFormsTheNextGroup() throws {
        var commit = Commit(lastDurable: number(10), pendingBytesMax: 100)
        #expect(commit.nextAction() == nil)
        let first = try commit.append("a", bytes: 1)
        #expect(first.sequence == number(11) && first.wakesThread)
        #expect(batch(commit.nextAction()) == ["a"])
        for text in ["b", "c"] { #expect(try !commit.append(text, bytes: 1).wakesThread) }
        #expect(commit.wait(for: number(12), 1) == nil)
        #expect(commit.wait(for: number(11), 0) == nil)
        #expect(commit.becameDurable(through: number(11), bytes: 1, synced: number(11)).map(\.waiter) == [0])
        commit.endGathering()
        #expect(batch(commit.nextAction()) == ["b", "c"])
        #expect(commit.becameDurable(through: number(13), bytes: 2, synced: number(13)).map(\.waiter) == [1])
        guard case .success? = commit.wait(for: number(13), 2) else { return #expect(Bool(false), "13 is durable") }
        #expect(commit.nextAction() == nil)
        #expect(commit.lastDurable == number(13))
    }

    @Test func theNextGroupWaitsForTheWritersOfTheLast() throws {
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        for text in ["a", "b"] { _ = try commit.append(text, bytes: 1) }
        #expect(batch(commit.nextAction()) == ["a", "b"])
        _ = try commit.append("c", bytes: 1)
        for value in [1, 2] as [UInt64] { #expect(commit.wait(for: number(value), Int(value)) == nil) }
        _ = commit.becameDurable(through: number(2), bytes: 2, synced: number(2))
        #expect(commit.isGathering && commit.nextAction() == nil)
        #expect(try !commit.append("d", bytes: 1).wakesThread, "one of the two is still on its way")
        #expect(try commit.append("e", bytes: 1).wakesThread)
        #expect(batch(commit.nextAction()) == ["c", "d", "e"])
        // Nobody is pending, so nobody is waited for: a lone writer's next change is written at once.
        _ = commit.becameDurable(through: number(5), bytes: 3, synced: number(5))
        #expect(!commit.isGathering && commit.nextAction() == nil)
        #expect(try commit.append("f", bytes: 1).wakesThread)
        #expect(batch(commit.nextAction()) == ["f"])
    }

    @Test func closingEndsTheWaitForMore() throws {
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        _ = try commit.append("a", bytes: 1)
        _ = commit.nextAction()
        _ = try commit.append("b", bytes: 1)
        #expect(commit.wait(for: number(1), 1) == nil)
        _ = commit.becameDurable(through: number(1), bytes: 1, synced: number(1))
        #expect(commit.isGathering)
        #expect(commit.close(seal: true, 2).wakesThread)
        #expect(batch(commit.nextAction()) == ["b"])
    }

    @Test func abandonedNumbersAreNeverDurable() throws {
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        for text in ["a", "b", "c"] { _ = try commit.append(text, bytes: 30) }
        _ = commit.nextAction()
        #expect(commit.wait(for: number(2), 2) == nil)
        #expect(commit.abandon(number(1)...number(2), bytes: 60, full).map(\.waiter) == [2])
        #expect(commit.abandon(number(3)...number(3), bytes: 30, full).isEmpty)
        #expect(try commit.append("d", bytes: 100).sequence == number(4))
        _ = commit.nextAction()
        _ = commit.becameDurable(through: number(4), bytes: 100, synced: number(4))
        _ = try commit.append("e", bytes: 1)
        _ = commit.abandon(number(5)...number(5), bytes: 1, full)
        for value in [1, 2, 3, 5] as [UInt64] {
            guard case .failure(full)? = commit.wait(for: number(value), 0) else { return #expect(Bool(false), "\(value) was abandoned") }
        }
        guard case .success? = commit.wait(for: number(4), 0) else { return #expect(Bool(false), "4 is durable") }
    }

    @Test func aFailureIsToldToEverybodyOnce() throws {
        let broken = LogError.failed(.inputOutput(.sync, path: "log"))
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        _ = try commit.append("a", bytes: 1)
        _ = commit.nextAction()
        _ = try commit.append("b", bytes: 1)
        #expect(commit.wait(for: number(1), 1) == nil)
        #expect(commit.wait(for: number(2), 2) == nil)
        #expect(commit.fail(broken).map(\.waiter) == [1, 2])
        #expect(commit.nextAction() == nil)
        #expect(throws: broken) { try commit.append("c", bytes: 1) }
        guard case .failure(broken)? = commit.wait(for: number(2), 3) else { return #expect(Bool(false), "2 failed") }
        let closing = commit.close(seal: true, 4)
        #expect(closing.outcome == nil && closing.wakesThread)
        guard case .finish(seal: false)? = commit.nextAction() else { return #expect(Bool(false), "a failed log must not be sealed") }
        let wakeups = commit.finished(.success(()))
        #expect(wakeups.map(\.waiter) == [4])
        #expect(throws: broken) { try wakeups[0].outcome.get() }
    }

    @Test func closingCommitsWhatWaitsAndSealsOnce() throws {
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        _ = try commit.append("a", bytes: 1)
        _ = commit.close(seal: true, 1)
        _ = commit.close(seal: true, 2)
        #expect(throws: LogError.closed) { try commit.append("b", bytes: 1) }
        #expect(batch(commit.nextAction()) == ["a"])
        _ = commit.becameDurable(through: number(1), bytes: 1, synced: number(1))
        guard case .finish(seal: true)? = commit.nextAction() else { return #expect(Bool(false), "no seal") }
        #expect(commit.nextAction() == nil)
        #expect(commit.finished(.success(())).map(\.waiter) == [1, 2])
        guard case .success? = commit.close(seal: true, 3).outcome else { return #expect(Bool(false), "closed already") }
    }

    @Test func aSyncIsDoneOnceForAllWhoWantIt() throws {
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        for text in ["a", "b"] { _ = try commit.append(text, bytes: 1) }
        #expect(batch(commit.nextAction()) == ["a", "b"])
        _ = commit.becameDurable(through: number(2), bytes: 2, synced: .zero)
        #expect(commit.lastDurable == number(2) && commit.lastSynced == .zero)
        #expect(commit.nextAction() == nil)
        let first = commit.waitForSync(of: number(1), 1)
        #expect(first.outcome == nil && first.wakesThread)
        _ = try commit.append("c", bytes: 1)
        #expect(commit.waitForSync(of: number(3), 3).outcome == nil)
        // What is written is synced before more is.
        guard case .sync? = commit.nextAction() else { return #expect(Bool(false), "no sync") }
        #expect(commit.becameSynced(through: number(2)).map(\.waiter) == [1])
        #expect(batch(commit.nextAction()) == ["c"])
        _ = commit.becameDurable(through: number(3), bytes: 1, synced: number(2))
        guard case .sync? = commit.nextAction() else { return #expect(Bool(false), "no sync") }
        #expect(commit.becameSynced(through: number(3)).map(\.waiter) == [3])
        commit.wantSync()
        #expect(commit.nextAction() == nil, "nothing is left to sync")
        guard case .success? = commit.waitForSync(of: number(3), 4).outcome else { return #expect(Bool(false), "3 is synced") }
    }

    @Test func whoWaitsForASyncLearnsOfItsFailureAndOfTheEnd() throws {
        let broken = LogError.failed(.inputOutput(.sync, path: "log"))
        var commit = Commit(lastDurable: .zero, pendingBytesMax: 100)
        for text in ["a", "b"] { _ = try commit.append(text, bytes: 1) }
        #expect(commit.waitForSync(of: number(2), 2).outcome == nil)
        _ = commit.nextAction()
        #expect(commit.abandon(number(2)...number(2), bytes: 1, full).map(\.waiter) == [2])
        _ = commit.becameDurable(through: number(1), bytes: 1, synced: .zero)
        #expect(commit.waitForSync(of: number(1), 1).outcome == nil)
        #expect(commit.fail(broken).map(\.waiter) == [1])
        #expect(throws: broken) { try commit.waitForSync(of: number(1), 3).outcome?.get() }
        #expect(commit.nextAction() == nil, "a file that is not to be trusted is not synced again")

        var closing = Commit(lastDurable: .zero, pendingBytesMax: 100)
        _ = try closing.append("a", bytes: 1)
        _ = closing.nextAction()
        _ = closing.becameDurable(through: number(1), bytes: 1, synced: .zero)
        _ = closing.close(seal: true, 9)
        guard case .finish(seal: true)? = closing.nextAction() else { return #expect(Bool(false), "no seal") }
        #expect(closing.waitForSync(of: number(1), 1).outcome == nil)
        #expect(closing.finished(.success(())).map(\.waiter) == [9, 1])
        #expect(closing.lastSynced == number(1))
    }
}
