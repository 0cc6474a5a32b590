import LyricaClient
import Synchronization

/// Shows how far long work is, phase by phase, from whichever thread tells it.
final class PhaseProgress: Sendable {
    private struct State {
        var phase: String?
        var total: Int?
        var reporter: ProgressReporter?

        mutating func finish() {
            guard var reporter, reporter.hasShown else { return }
            // The last piece of a phase is seldom told.
            if let total { reporter.advance(to: total) }
            reporter.finish()
        }
    }

    private let style: ProgressReporter.Style
    private let state = Mutex(State())

    init(quiet: Bool) {
        style = .suitable(quiet: quiet)
    }

    func note(_ progress: WorkProgress) {
        state.withLock { state in
            let total = progress.total > 0 ? progress.total : nil
            if state.phase != progress.phase {
                state.finish()
                state = State(phase: progress.phase, total: total, reporter: ProgressReporter(style: style, unit: progress.unit, total: total))
            }
            // What grows meanwhile is never shown as more than all.
            state.reporter?.advance(to: min(progress.done, total ?? progress.done))
        }
    }

    /// The work is done. Shows its end if it took long enough to be shown at all.
    func finish() {
        state.withLock { state in
            state.finish()
            state = State()
        }
    }
}
