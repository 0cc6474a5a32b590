public import ColumnStore

/// What a column index knows of a key's values of one kind.
public struct ColumnStatistics: Sendable {
    /// A value's bits, as `MetadataEntry` has them; a string's number.
    public typealias Bits = UInt64

    public let kind: MetadataKind
    /// Rows that have such a value.
    public let rowCount: Int
    /// Values that differ; of arrays their elements.
    public let distinctCount: Int
    /// The smallest value, NaNs apart. Strings by number, which says nothing of their order as text.
    public let minimum: Bits?
    /// The largest value, likewise.
    public let maximum: Bits?
    /// The values that most rows have, the most frequent first; those that repeat only.
    public let heavyValues: [(bits: Bits, rowCount: Int)]
    /// Values between which about as many rows lie, ascending, the smallest and the largest among them; none where values are only counted.
    public let quantiles: [Bits]
}

extension ColumnIndex {
    /// What is known of a key's values, for each kind that it has. Cost: linear in the distinct values that repeat.
    public func statistics(ofColumn column: Int) -> [ColumnStatistics] {
        lanes(ofColumn: column).map { lane in
            let bits = { (key: UInt64) in ColumnKey.bits(of: key, kind: lane.kind) }
            let isRange = lane.minimum <= lane.maximum && lane.elementCount > 0
                && (lane.minimum != ColumnKey.notANumber || lane.kind.elementKind != .float)
            return ColumnStatistics(
                kind: lane.kind, rowCount: lane.entryCount, distinctCount: lane.distinctCount,
                minimum: isRange ? bits(lane.minimum) : nil, maximum: isRange ? bits(lane.maximum) : nil,
                heavyValues: heaviest(lane).map { (bits($0.key), $0.count) }, quantiles: quantiles(lane).map(bits))
        }
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
