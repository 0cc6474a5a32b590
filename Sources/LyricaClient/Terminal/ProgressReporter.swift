/// Shows a `ProgressMeter` on the standard error: a bar that is drawn over on a terminal, a line now and then elsewhere.
public struct ProgressReporter {
    /// Where and how progress is shown.
    public enum Style: Equatable, Sendable {
        case silent
        case bar
        case lines

        /// What suits the standard error.
        public static func suitable(quiet: Bool) -> Style {
            if quiet { return .silent }
            return Terminal.isInteractive(.error) ? .bar : .lines
        }

        /// Time between two showings.
        var interval: Duration {
            switch self {
            case .silent, .bar: .milliseconds(100)
            case .lines: .seconds(10)
            }
        }
    }

    /// Goes to the start of the line and clears it.
    public static let clearLine = "\r\u{1B}[K"

    private let style: Style
    private var meter: ProgressMeter
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant
    private var nextShowing: Duration
    /// Whether anything was shown: what is over in a moment needs no last word.
    public private(set) var hasShown = false

    public init(style: Style, unit: ProgressMeter.Unit = .rows, total: Int?, initial: Int = 0) {
        self.style = style
        origin = clock.now
        meter = ProgressMeter(unit: unit, total: total, initial: initial, now: .zero)
        nextShowing = style.interval
    }

    /// Notes progress, and shows it when it is time.
    public mutating func advance(to done: Int) {
        meter.advance(to: done)
        let now = origin.duration(to: clock.now)
        guard now >= nextShowing else { return }
        nextShowing = now + style.interval
        show(now)
    }

    /// Shows the last state, and goes on to the next line.
    public mutating func finish() {
        show(origin.duration(to: clock.now))
        if style == .bar { Terminal.draw("\n") }
    }

    private mutating func show(_ now: Duration) {
        hasShown = true
        switch style {
        case .silent: break
        case .bar: Terminal.draw(Self.clearLine + meter.line(now: now, columns: Terminal.columns(.error) ?? 80))
        case .lines: Terminal.note(meter.summary(now: now))
        }
    }
}
