/// One figure and what it should be.
struct Measurement: Codable {
    /// What a figure is held against.
    enum Target: Codable {
        case atMost(Double)
        case atLeast(Double)

        func holds(for value: Double) -> Bool {
            switch self {
            case .atMost(let limit): value <= limit
            case .atLeast(let limit): value >= limit
            }
        }
    }

    let name: String
    let value: Double
    /// `s`, `ms`, `µs`, `MiB`, `MiB/s`, `rows/s`, `writes/s`, `×`, `%`, or empty for a count.
    let unit: String
    var target: Target?
    /// What a reader must know to judge the figure.
    var note: String?
}

/// The times of many calls of one kind, in µs.
struct Latencies {
    private let sorted: [Double]

    init(_ durations: [Duration]) {
        sorted = durations.map { $0 / .microseconds(1) }.sorted()
    }

    /// The value below which the share `quantile` of the calls lies.
    func quantile(_ quantile: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * quantile))]
    }
}

extension Array where Element == Double {
    /// The middle value; 0 of none.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
