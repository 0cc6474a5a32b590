/// What part of the rows a condition accepts, as far as that is known without evaluating it. Dead rows count like others.
public struct FilterEstimate: Hashable, Sendable {
    /// What an evaluation goes through, the cheapest first.
    public enum Cost: Int, Hashable, Sendable, Comparable {
        /// An index has the answer.
        case lookup
        /// Each row's value is looked at.
        case scan
        /// Each row's document is read.
        case documents

        public static func < (left: Cost, right: Cost) -> Bool { left.rawValue < right.rawValue }
    }

    /// Certainly no smaller part, from 0 to 1.
    public var lower: Double
    /// Probably this part.
    public var expected: Double
    /// Certainly no greater part.
    public var upper: Double
    public var cost: Cost

    /// - Parameters:
    ///   - lower: brought below `upper`, where rounding has put it above.
    ///   - expected: brought into the bounds.
    public init(lower: Double, expected: Double, upper: Double, cost: Cost) {
        self.lower = min(lower, upper)
        self.upper = upper
        self.expected = min(max(expected, self.lower), upper)
        self.cost = cost
    }

    /// Nothing is known but what such conditions usually accept.
    init(guess: Double, cost: Cost) { self.init(lower: 0, expected: guess, upper: 1, cost: cost) }

    /// Every row.
    public static let everything = FilterEstimate(lower: 1, expected: 1, upper: 1, cost: .lookup)
    /// No row.
    public static let nothing = FilterEstimate(lower: 0, expected: 0, upper: 0, cost: .lookup)

    /// Whether it is known to the row.
    public var isExact: Bool { lower == upper }

    /// What is known of a part when this is known of its first `indexed` of `rowCount` rows.
    func widened(from indexed: Int, to rowCount: Int) -> FilterEstimate {
        guard indexed < rowCount else { return self }
        let share = Double(indexed) / Double(rowCount)
        return FilterEstimate(lower: lower * share, expected: expected, upper: upper * share + (1 - share), cost: cost)
    }

    /// What the rest accepts.
    var complement: FilterEstimate { FilterEstimate(lower: 1 - upper, expected: 1 - expected, upper: 1 - lower, cost: cost) }

    /// What all of them accept, taken to be independent of each other within what is certain.
    static func all(_ parts: [FilterEstimate]) -> FilterEstimate {
        guard let first = parts.first else { return .everything }
        return parts.dropFirst().reduce(first) { left, right in
            FilterEstimate(
                lower: max(0, left.lower + right.lower - 1), expected: left.expected * right.expected, upper: min(left.upper, right.upper),
                cost: max(left.cost, right.cost))
        }
    }

    /// What any of them accepts.
    static func any(_ parts: [FilterEstimate]) -> FilterEstimate {
        guard let first = parts.first else { return .nothing }
        return parts.dropFirst().reduce(first) { left, right in
            FilterEstimate(
                lower: max(left.lower, right.lower), expected: 1 - (1 - left.expected) * (1 - right.expected),
                upper: min(1, left.upper + right.upper), cost: max(left.cost, right.cost))
        }
    }
}
