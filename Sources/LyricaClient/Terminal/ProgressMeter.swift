/// How far a long task is, as text. A value: the clock is an argument.
public struct ProgressMeter: Equatable, Sendable {
    /// What is counted.
    public enum Unit: Equatable, Sendable {
        case rows
        /// Shown in KiB, MiB and so on.
        case bytes

        func text(_ number: Int) -> String {
            switch self {
            case .rows: "\(ProgressMeter.grouped(number)) rows"
            case .bytes: ByteCount.text(number)
            }
        }
    }

    public let unit: Unit
    /// All of them, if known.
    public let total: Int?
    /// Those that were done before this run and do not count for the rate.
    public let initial: Int
    public private(set) var done: Int
    private let start: Duration

    /// - Parameter now: The time, from any fixed origin.
    public init(unit: Unit = .rows, total: Int?, initial: Int, now: Duration) {
        self.unit = unit
        self.total = total
        self.initial = initial
        done = initial
        start = now
    }

    public mutating func advance(to done: Int) {
        self.done = done
    }

    /// How many per second in this run; `nil` before there is anything to divide by.
    public func rate(now: Duration) -> Double? {
        let seconds = (now - start) / .seconds(1)
        return seconds > 0 && done > initial ? Double(done - initial) / seconds : nil
    }

    /// Time left at the rate so far; `nil` when the end or the rate is unknown.
    public func timeLeft(now: Duration) -> Duration? {
        guard let total, let rate = rate(now: now) else { return nil }
        return .seconds(Double(max(0, total - done)) / rate)
    }

    /// For example `1,500 of 2,578 rows, 58 %, 4,312 rows/s, 0:12 left`, or `1.2 GiB of 3.0 GiB, 40 %, 310.5 MiB/s, 0:06 left`.
    public func summary(now: Duration) -> String {
        var parts: [String] = []
        if let total {
            parts.append("\(unit == .rows ? Self.grouped(done) : unit.text(done)) of \(unit.text(total))")
            parts.append("\(percent(of: total)) %")
        } else {
            parts.append(unit.text(done))
        }
        if let rate = rate(now: now) { parts.append("\(unit.text(Int(rate.rounded())))/s") }
        if let left = timeLeft(now: now), done != total { parts.append("\(Self.clock(left)) left") }
        return parts.joined(separator: ", ")
    }

    /// The summary behind a bar, if the total is known and the terminal wide enough for one.
    public func line(now: Duration, columns: Int) -> String {
        let summary = summary(now: now)
        let barColumns = min(40, columns - TerminalText.columns(summary) - 4)
        guard let total, barColumns >= 10 else { return TerminalText.cut(summary, columnsMax: columns - 1) }
        let filled = total > 0 ? barColumns * min(done, total) / total : barColumns
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: barColumns - filled) + "] " + summary
    }

    /// Rounded down, so that 100 means all.
    private func percent(of total: Int) -> Int {
        total > 0 ? min(100, Int(Double(done) / Double(total) * 100)) : 100
    }

    /// Thousands set apart.
    public static func grouped(_ number: Int) -> String {
        var output = ""
        for (index, digit) in number.description.reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3), digit != "-" { output.append(",") }
            output.append(digit)
        }
        return String(output.reversed())
    }

    /// A number of things: `1 file`, `2,500 files`.
    public static func counted(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// Minutes and seconds, with hours if there are any.
    public static func clock(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
