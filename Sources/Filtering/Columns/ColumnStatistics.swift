package import ColumnStore

/// What a column index knows of a key's values of one kind, where it does not know which rows have the value that is asked for.
package struct ColumnStatistics {
    /// A value's bits, as `MetadataEntry` has them; a string's number.
    package typealias Bits = UInt64

    /// Rows that have such a value.
    package let rowCount: Int
    /// Pairs of a row and a value: of arrays each distinct element of a row counts.
    package let elementCount: Int
    /// Values that differ; of arrays their elements.
    package let distinctCount: Int
    /// The values that most rows have, the most frequent first; those that repeat only.
    package let heavyValues: [(bits: Bits, rowCount: Int)]
    /// Values between which about as many rows lie, ascending, the smallest and the largest among them, strings by number; none where values are only
    /// counted. Taken together a sample of the values, each as often as rows have it; a rough one where they alternate in step with the landmarks.
    package let quantiles: [Bits]

    /// How many rows have one of the values, on average.
    package var rowsPerValue: Double { Double(elementCount) / Double(max(distinctCount, 1)) }
    /// No value is in more rows, since each other one is in a row at least.
    package var rowsPerValueMax: Int { min(rowCount, elementCount - max(distinctCount, 1) + 1) }
}

extension ColumnLookup {
    /// What is known of the key's values of one kind; `nil`: no row has such a value. Cost: linear in the distinct values that repeat.
    package func statistics(of kind: MetadataKind) -> ColumnStatistics? { lanes.first { $0.kind == kind }.map(index.statistics) }
}

extension ColumnIndex {
    fileprivate func statistics(_ lane: ColumnLane) -> ColumnStatistics {
        let bits = { (key: UInt64) in ColumnKey.bits(of: key, kind: lane.kind) }
        return ColumnStatistics(
            rowCount: lane.entryCount, elementCount: lane.elementCount, distinctCount: lane.distinctCount,
            heavyValues: heaviest(lane).map { (bits($0.key), $0.count) }, quantiles: quantiles(lane).map(bits))
    }

    private func heaviest(_ lane: ColumnLane) -> [(key: UInt64, count: Int)] {
        switch lane.layout {
        case .counted: return []
        case .postings:
            let (keys, counts) = (keys(lane), counts(lane))
            var heaviest: [(key: UInt64, count: Int)] = []
            for value in 0..<lane.distinctCount { heaviest.offer((keys[value], Int(counts[value + 1] - counts[value]))) }
            return heaviest
        case .sorted:
            let pairs = heavyValues(lane)
            return (0..<lane.heavyCount).map { (pairs[2 * $0], Int(clamping: pairs[2 * $0 + 1])) }
        }
    }

    private func quantiles(_ lane: ColumnLane) -> [UInt64] {
        guard lane.elementCount > 0 else { return [] }
        let places = (0..<Self.buckets).map { $0 * (lane.elementCount - 1) / Self.buckets }
        switch lane.layout {
        case .counted: return []
        case .postings:
            let (keys, counts) = (keys(lane), counts(lane))
            var value = 0
            return places.map { place in
                while Int(counts[value + 1]) <= place { value += 1 }
                return keys[value]
            } + [lane.maximum]
        case .sorted:
            let keys = keys(lane)
            return places.map { keys[$0 / ColumnIndexFormat.rowsPerLandmark] } + [lane.maximum]
        }
    }

    /// Of the histogram.
    private static let buckets = 16
}
