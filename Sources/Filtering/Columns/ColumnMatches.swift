import ColumnStore
import VectorModel

/// Rows that a column index found for a comparison: counted, and named only when they are asked for.
struct ColumnMatches: Sendable {
    let index: ColumnIndex
    private var parts: [(lane: ColumnLane, places: [Range<Int>])] = []
    /// How many rows; an array counts once for each of its elements that was found.
    private(set) var count = 0
    /// Whether rows may have been counted more than once.
    private(set) var mayRepeat = false

    init(index: ColumnIndex) { self.index = index }

    /// Adds what was found in a lane.
    /// - Parameter places: ascending, each not empty.
    mutating func append(_ lane: ColumnLane, _ places: [Range<Int>]) {
        guard !places.isEmpty else { return }
        parts.append((lane, places))
        count += rowCount(lane, places)
        if lane.kind.isArray, places.count > 1 || places[0].count > 1 { mayRepeat = true }
    }

    /// Whether naming the rows is likely to be quicker than looking at each of so many candidates.
    func areWorthNaming(candidates: Int) -> Bool {
        let values = parts.reduce(0) { $0 + $1.places.count }
        return workload <= Self.rowsPerCandidate * candidates + Self.rowsPerValue * values + Self.rowsAtLeast
    }

    /// Rows to be named, where the rest is not named instead.
    private var workload: Int {
        parts.reduce(0) { sum, part in
            let rows = rowCount(part.lane, part.places)
            return sum + (coversEverything(part.lane) ? min(rows, part.lane.elementCount - rows) : rows)
        }
    }

    /// What looking at a candidate costs, in rows that are named.
    private static let rowsPerCandidate = 4
    /// What looking up a value of a list costs, which a scan does once more, in rows that are named.
    private static let rowsPerValue = 64
    private static let rowsAtLeast = 256

    // MARK: Naming

    /// Keeps the rows among the candidates, or, negated, those that are not among them.
    func apply(to candidates: inout OrdinalSet, isNegated: Bool) {
        guard count > 0 else {
            if !isNegated { candidates = OrdinalSet(bound: candidates.bound) }
            return
        }
        if parts.count == 1, coversEverything(parts[0].lane), 2 * count > parts[0].lane.elementCount {
            var others = OrdinalSet(bound: candidates.bound)
            insert(parts[0].lane, Self.gaps(between: parts[0].places, below: parts[0].lane.positionCount), into: &others)
            return isNegated ? candidates.formIntersection(others) : candidates.subtract(others)
        }
        var found = OrdinalSet(bound: candidates.bound)
        for part in parts { insert(part.lane, part.places, into: &found) }
        if isNegated { candidates.subtract(found) } else { candidates.formIntersection(found) }
    }

    private func insert(_ lane: ColumnLane, _ places: [Range<Int>], into set: inout OrdinalSet) {
        switch lane.layout {
        case .counted: break
        case .postings:
            let (starts, containers, units) = (index.starts(lane), index.containers(lane), index.units(lane))
            for place in places {
                for container in Int(starts[place.lowerBound])..<Int(starts[place.upperBound]) {
                    containers[container].insert(into: &set, units)
                }
            }
        case .sorted where lane.width == 0:
            for place in places where !place.isEmpty { set.insert(place.lowerBound...place.upperBound - 1) }
        case .sorted:
            for place in places {
                for position in place { set.insert(index.row(lane, position)) }
            }
        }
    }

    /// Every row has a value of this lane, and one only.
    private func coversEverything(_ lane: ColumnLane) -> Bool { !lane.kind.isArray && lane.entryCount == index.rowCount }

    private func rowCount(_ lane: ColumnLane, _ places: [Range<Int>]) -> Int {
        switch lane.layout {
        case .counted: return 0
        case .postings:
            let counts = index.counts(lane)
            return places.reduce(0) { $0 + Int(counts[$1.upperBound] - counts[$1.lowerBound]) }
        case .sorted: return places.reduce(0) { $0 + $1.count }
        }
    }

    private static func gaps(between places: [Range<Int>], below end: Int) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var next = 0
        for place in places {
            gaps.append(next..<place.lowerBound)
            next = place.upperBound
        }
        gaps.append(next..<end)
        return gaps
    }
}

/// What a column index says of a comparison.
struct ColumnAnswer: Sendable {
    let matches: ColumnMatches
    /// Rows pass that were not found.
    let isNegated: Bool

    /// Keeps the rows that pass.
    /// - Returns: false if looking at the candidates is likely to be quicker; they are as they were then.
    func apply(to candidates: inout OrdinalSet) -> Bool {
        guard matches.areWorthNaming(candidates: candidates.count) else { return false }
        matches.apply(to: &candidates, isNegated: isNegated)
        return true
    }
}
