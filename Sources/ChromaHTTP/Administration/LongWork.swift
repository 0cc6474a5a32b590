import ChromaWire
import Synchronization

/// The long answers that are under way, so that they can be ended when the server stops.
package final class LongWork: Sendable {
    private struct State {
        var isStopped = false
        var answers: [ObjectIdentifier: LongAnswer] = [:]
    }

    private let state = Mutex(State())

    package func insert(_ answer: LongAnswer) {
        let isStopped = state.withLock { state in
            state.answers[ObjectIdentifier(answer)] = answer
            return state.isStopped
        }
        if isStopped { answer.stop() }
    }

    package func remove(_ answer: LongAnswer) {
        _ = state.withLock { $0.answers.removeValue(forKey: ObjectIdentifier(answer)) }
    }

    /// Ends what is under way, and what begins from now on, at its next step.
    func stop() {
        let answers = state.withLock { state in
            state.isStopped = true
            return Array(state.answers.values)
        }
        for answer in answers { answer.stop() }
    }
}
