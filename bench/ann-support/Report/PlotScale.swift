import Glibc

/// Where recalls and speeds stand in the picture, and which of them are written at the axes.
struct PlotScale {
    static let width = 860
    static let left = 90
    static let top = 64
    static let plotWidth = 740
    static let plotHeight = 400
    /// Misses below this share stand at the edge.
    private static let missesMin = 0.0005

    private let misses: ClosedRange<Double>
    private let decades: ClosedRange<Double>
    let recallTicks: [Double]
    let speedTicks: [Double]

    init(recalls: [Double], speeds: [Double]) {
        let ticks = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1]
        let first = ticks.last { $0 <= recalls.min() ?? 0 } ?? 0
        let last = ticks.first { $0 >= recalls.max() ?? 1 } ?? 1
        // A single recall has an axis too.
        let from = first == last ? 0.9 : first
        recallTicks = ticks.filter { (from...max(last, from)).contains($0) }
        misses = Self.nines(from)...max(Self.nines(last), Self.nines(from) + 0.1)
        let positive = speeds.filter { $0 > 0 && $0.isFinite }
        let steps = (-3...9).flatMap { decade in [1.0, 2, 5].map { $0 * Self.power(decade) } }
        let slowest = steps.last { $0 <= positive.min() ?? 1 } ?? steps[0]
        let fastest = steps.first { $0 > positive.max() ?? 1 } ?? steps[steps.count - 1]
        speedTicks = steps.filter { (slowest...max(fastest, slowest)).contains($0) }
        decades = Self.logarithm(slowest)...max(Self.logarithm(fastest), Self.logarithm(slowest) + 0.1)
    }

    func x(_ recall: Double) -> Double { Double(Self.left) + Self.share(Self.nines(recall), of: misses) * Double(Self.plotWidth) }

    func y(_ speed: Double) -> Double {
        Double(Self.top) + (1 - Self.share(Self.logarithm(max(speed, .leastNormalMagnitude)), of: decades)) * Double(Self.plotHeight)
    }

    private static func share(_ value: Double, of range: ClosedRange<Double>) -> Double {
        min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
    }

    private static func nines(_ recall: Double) -> Double { -logarithm(max(1 - recall, missesMin)) }

    /// To base ten, of a positive number.
    private static func logarithm(_ value: Double) -> Double { log10(value) }

    private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }
}
