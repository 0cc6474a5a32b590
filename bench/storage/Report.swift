import FoundationEssentials

/// Everything that one run measured.
struct Report: Codable {
    var machine: Machine
    var machineAtEnd: Machine?
    var measurements: [Measurement] = []

    init(machine: Machine) { self.machine = machine }

    static func encode(_ measurements: [Measurement]) throws -> String {
        String(decoding: try JSONEncoder().encode(measurements), as: UTF8.self)
    }

    static func decode(_ text: String) throws -> [Measurement] {
        try JSONDecoder().decode([Measurement].self, from: Data(text.utf8))
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: path))
    }

    /// For people.
    var table: String {
        var lines = ["\(machine.processors) processors, load \(machine.load) at the start and \(machineAtEnd?.load ?? "?") at the end"]
        let names = measurements.map(\.name.count).max() ?? 0
        for measurement in measurements {
            let value = measurement.valueText + (measurement.unit.isEmpty ? "" : " " + measurement.unit)
            var line = measurement.name.padded(to: names) + "  " + value.padded(to: 16) + measurement.verdict.padded(to: 24)
            if let note = measurement.note { line += "  " + note }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}

extension Measurement {
    fileprivate var verdict: String {
        switch target {
        case nil: ""
        case .atMost(let limit)?: "≤ \(Self.text(limit)): " + (target!.holds(for: value) ? "met" : "MISSED")
        case .atLeast(let limit)?: "≥ \(Self.text(limit)): " + (target!.holds(for: value) ? "met" : "MISSED")
        }
    }

    fileprivate var valueText: String { Self.text(value) }

    private static func text(_ value: Double) -> String {
        if value == value.rounded() || abs(value) >= 1_000 { return String(Int(value.rounded())) }
        let scale = abs(value) >= 100 ? 10.0 : 100.0
        return String((value * scale).rounded() / scale)
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String { self + String(repeating: " ", count: max(0, count - self.count)) }
}
