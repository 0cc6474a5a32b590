import ChromaHTTP
import ChromaWire
import Testing

@Suite struct LongAnswerTests {
    private let encoder = ResponseEncoder(dialect: Dialect(version: .v2, userAgent: nil))

    private func text(_ event: LongAnswer.Event?) -> String {
        switch event {
        case .progress(let line): "progress " + String(decoding: line.chunks.joined(), as: UTF8.self)
        case .end(.success(let line)): "end " + String(decoding: line.chunks.joined(), as: UTF8.self)
        case .end(.failure(let error)): "failure \(error.status)"
        case nil: "nothing"
        }
    }

    @Test func aSlowReaderSeesTheEndWhateverCameBefore() async {
        let answer = LongAnswer(first: encoder.string("first"))
        for round in 0..<10 { #expect(answer.note { encoder.count(round) }) }
        answer.end(.success(encoder.string("done")))
        #expect(answer.note { encoder.string("too late") })
        var events = answer.events.makeAsyncIterator()
        #expect(text(await events.next()) == #"end "done""#)
        #expect(await events.next() == nil)
    }

    @Test func theFirstNewsIsSentAtOnceAndTheRestNotFasterThanAnybodyReads() async {
        let answer = LongAnswer(first: encoder.string("first"))
        #expect(answer.note { encoder.count(1) })
        #expect(answer.note { encoder.count(2) })
        var events = answer.events.makeAsyncIterator()
        #expect(text(await events.next()) == "progress 1")
        answer.end(.failure(.alreadyRunning("A backup", dialect: Dialect(version: .v2, userAgent: nil))))
        #expect(text(await events.next()) == "failure 409")
    }

    @Test func silenceIsFilledWithTheLastLine() async {
        let answer = LongAnswer(first: encoder.string("first"), silence: .milliseconds(1))
        let silence = Task { await answer.repeatInSilence() }
        var events = answer.events.makeAsyncIterator()
        #expect(text(await events.next()) == #"progress "first""#)
        #expect(text(await events.next()) == #"progress "first""#)
        silence.cancel()
        await silence.value
        answer.end(.success(encoder.string("done")))
        while let event = await events.next() {
            guard case .end = event else { continue }
            #expect(text(event) == #"end "done""#)
        }
    }

    @Test func workIsToldWhenNobodyWantsItAnyMore() {
        let answer = LongAnswer(first: encoder.string("first"))
        #expect(answer.note { encoder.count(1) })
        answer.stop()
        #expect(!answer.note { encoder.count(2) })
    }

    @Test func aStoppingServerEndsWhatRunsAndWhatBegins() {
        let gate = DatabaseGate()
        let running = LongAnswer(first: encoder.string("first")), gone = LongAnswer(first: encoder.string("first"))
        gate.longWork.insert(running)
        gate.longWork.insert(gone)
        gate.longWork.remove(gone)
        gate.stopLongWork()
        #expect(!running.note { encoder.count(1) })
        #expect(gone.note { encoder.count(1) })
        let late = LongAnswer(first: encoder.string("first"))
        gate.longWork.insert(late)
        #expect(!late.note { encoder.count(1) })
    }
}

@Suite struct ExclusiveWorkTests {
    @Test func oneAtATimeHoweverItEnds() {
        let work = ExclusiveWork()
        var turn = work.begin()
        #expect(turn != nil)
        #expect(work.begin() == nil)
        turn?.end()
        let second = work.begin()
        #expect(second != nil)
        // The first turn is over: letting it go must not end the second.
        turn = nil
        #expect(work.begin() == nil)
        withExtendedLifetime(second) {}
    }

    @Test func aTurnThatIsLetGoIsGivenBack() {
        let work = ExclusiveWork()
        do { _ = work.begin() }
        #expect(work.begin() != nil)
    }

    @Test func manyTasksNeverHaveTwoTurns() async {
        let work = ExclusiveWork()
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var turns = 0
                    for _ in 0..<500 {
                        guard let turn = work.begin() else { continue }
                        #expect(work.begin() == nil)
                        turns += 1
                        turn.end()
                    }
                    return turns
                }
            }
            #expect(await group.reduce(0, +) > 0)
        }
    }
}
