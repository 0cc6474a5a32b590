public import ByteCoding
public import ColumnStore
import VectorModel

/// The values of one metadata key, where a part keeps them: what a column index does not repeat.
public protocol ColumnValues {
    /// The bits of a row's value.
    /// - Throws: when the row has no value of this kind, or it cannot be read.
    func bits(ofRow row: Int, kind: MetadataKind) throws(Corruption) -> UInt64
}

/// What a column index knows of one key, together with the key's values.
///
/// Not `Sendable`: for one evaluation, on one thread.
public struct ColumnLookup {
    let index: ColumnIndex
    let lanes: ArraySlice<ColumnLane>
    let values: any ColumnValues

    /// The rows that the index is of: so many, from the first on.
    var rowCount: Int { index.rowCount }

    /// Rows that have the key.
    var entryCount: Int { lanes.reduce(0) { $0 + $1.entryCount } }

    /// What a comparison says of every row, where it asks only whether there is a value, and either all rows or none have the key.
    func sameForAll(_ comparison: MetadataComparison) -> Bool? {
        guard entryCount == 0 || entryCount == index.rowCount else { return nil }
        return switch comparison {
        case .exists: entryCount > 0
        case .missing: entryCount == 0
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .notIn, .contains, .notContains, .text, .date: nil
        }
    }

    /// Finds the rows that a comparison's ranges mean, without naming them yet.
    ///
    /// Cost: for each range O(log distinct values), or, where values do not repeat, O(log rows) and a dozen values read.
    /// - Returns: `nil` if the index does not know them.
    func matches(_ query: ColumnQuery) throws(Corruption) -> ColumnMatches? {
        var matches = ColumnMatches(index: index)
        for lane in lanes {
            let ranges = query[lane.kind]
            guard let first = ranges.first, let last = ranges.last else { continue }
            guard lane.minimum <= last.upperBound, first.lowerBound <= lane.maximum else { continue }
            switch lane.layout {
            case .counted: return nil
            case .postings: matches.append(lane, postings(lane, ranges))
            case .sorted: matches.append(lane, try sorted(lane, ranges))
            }
        }
        return matches
    }

    /// Finds the rows whose value is a string with a number that `accepts`, which is asked once for each distinct string.
    ///
    /// - Parameter distinctMax: how many it may be asked for.
    /// - Returns: `nil` if the index does not tell the strings apart, or there are more.
    func matches(distinctMax: Int, strings accepts: (UInt32) -> Bool) -> ColumnMatches? {
        var matches = ColumnMatches(index: index)
        for lane in lanes where lane.kind == .string {
            guard lane.layout == .postings, lane.distinctCount <= distinctMax else { return nil }
            let keys = index.keys(lane)
            let places = (0..<lane.distinctCount).filter { accepts(UInt32(truncatingIfNeeded: keys[$0])) }
            matches.append(lane, places.map { $0..<$0 + 1 })
        }
        return matches
    }

    /// How many rows have the values that a comparison asks for one by one, where the index only counts them: probably, and at most.
    func counts(_ query: ColumnQuery) -> (expected: Double, most: Int) {
        var counts = (expected: 0.0, most: 0)
        for lane in lanes {
            let values = query[lane.kind].count { $0.overlaps(lane.minimum...max(lane.minimum, lane.maximum)) }
            guard values > 0, let statistics = statistics(of: lane.kind) else { continue }
            counts.expected += Double(values) * statistics.rowsPerValue
            counts.most += values * statistics.rowsPerValueMax
        }
        return (counts.expected, min(counts.most, entryCount))
    }

    // MARK: Postings

    /// The places of the distinct values in the ranges.
    private func postings(_ lane: ColumnLane, _ ranges: [ClosedRange<UInt64>]) -> [Range<Int>] {
        let keys = index.keys(lane)
        var places: [Range<Int>] = []
        var next = 0
        for range in ranges {
            let lower = Self.firstPlace(from: next, below: lane.distinctCount) { keys[$0] >= range.lowerBound }
            let upper = Self.firstPlace(from: lower, below: lane.distinctCount) { keys[$0] > range.upperBound }
            if lower < upper { places.append(lower..<upper) }
            next = upper
        }
        return places
    }

    // MARK: Sorted rows

    /// The places of the rows whose values are in the ranges.
    private func sorted(_ lane: ColumnLane, _ ranges: [ClosedRange<UInt64>]) throws(Corruption) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var next = 0
        for range in ranges {
            let lower = try firstRow(lane, from: next, atLeast: range.lowerBound)
            let probes = range.lowerBound == range.upperBound ? Self.probesForOneValue : 1
            let upper = range.upperBound == .max
                ? lane.elementCount : try firstRow(lane, from: lower, probes: probes, atLeast: range.upperBound + 1)
            if lower < upper { places.append(lower..<upper) }
            next = upper
        }
        return places
    }

    /// Most values of a lane of sorted rows are those of one row or two.
    private static let probesForOneValue = 3

    /// The first place from `start` on whose key is at least `bound`: the landmarks tell between which two it lies, and values are read there.
    /// - Parameter probes: so many places are looked at first, because the one that is looked for is probably among them.
    private func firstRow(_ lane: ColumnLane, from start: Int, probes: Int = 1, atLeast bound: UInt64) throws(Corruption) -> Int {
        let step = ColumnIndexFormat.rowsPerLandmark
        let unknown = min(start + probes, lane.elementCount)
        // The last key that was seen below the bound, and the first at or above it.
        var (below, above) = (UInt64.min, lane.maximum)
        for place in start..<max(start, unknown) {
            below = try key(lane, place)
            if below >= bound { return place }
        }
        guard unknown < lane.elementCount else { return lane.elementCount }
        let keys = index.keys(lane)
        let landmark = Self.firstPlace(from: (unknown - 1) / step + 1, below: lane.landmarkCount) { keys[$0] >= bound }
        if landmark < lane.landmarkCount { above = keys[landmark] }
        if (landmark - 1) * step >= unknown { below = keys[landmark - 1] }
        var (low, high) = (max((landmark - 1) * step + 1, unknown), min(landmark * step, lane.elementCount))
        var guesses = Self.guessesMax
        while low < high {
            // Between two landmarks keys are often spread evenly, as numbers of strings and times are.
            let share = guesses > 0 && below < bound && bound <= above ? Double(bound - below) / Double(above - below) : 0.5
            let middle = min(low + Int(share * Double(high - low)), high - 1)
            guesses -= 1
            let found = try key(lane, middle)
            if found >= bound { (high, above) = (middle, found) } else { (low, below) = (middle + 1, found) }
        }
        return low
    }

    /// After so many guesses the rest is halved: keys that are spread otherwise cost no more than so many values.
    private static let guessesMax = 3

    private func key(_ lane: ColumnLane, _ place: Int) throws(Corruption) -> UInt64 {
        if place % ColumnIndexFormat.rowsPerLandmark == 0 { return index.keys(lane)[place / ColumnIndexFormat.rowsPerLandmark] }
        return ColumnKey.key(of: try values.bits(ofRow: index.row(lane, place), kind: lane.kind), kind: lane.kind)
    }

    /// The first place from `start` on for which `isFar` holds, as it does for all after it; by galloping: O(log of how far that is).
    private static func firstPlace(from start: Int, below end: Int, _ isFar: (Int) -> Bool) -> Int {
        var (low, step) = (start, 1)
        while step <= end - low, !isFar(low + step - 1) {
            low += step
            step *= 2
        }
        var high = min(low + step, end)
        while low < high {
            let middle = (low + high) / 2
            if isFar(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
