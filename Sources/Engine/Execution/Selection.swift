import Filtering
import Segments
import VectorModel

/// Which rows of a snapshot a selector means.
struct Selection {
    let rows: OrdinalSet
    /// The rows in the order of the ids asked for; `nil` when no ids were given.
    let asked: [Int]?
    /// The first of the ids asked for that no record has.
    let absent: String?

    init(_ selector: RecordSelector, _ filter: CompiledFilter, of records: MemtableSnapshot, _ control: SearchControl) throws(RequestError) {
        var candidates: OrdinalSet
        var asked: [Int]?
        var absent: String?
        if let identifiers = selector.identifiers {
            candidates = OrdinalSet(bound: records.rowCount)
            var ordinals: [Int] = []
            for identifier in identifiers {
                guard let ordinal = records.find(identifier) else {
                    absent = absent ?? identifier
                    continue
                }
                guard !candidates.contains(ordinal.index) else { continue }
                candidates.insert(ordinal.index)
                ordinals.append(ordinal.index)
            }
            asked = ordinals
        } else {
            candidates = records.alive()
        }
        if !filter.isTrivial {
            try filter.apply(to: &candidates, of: records) { () throws(RequestError) in try control.check() }
            asked?.removeAll { !candidates.contains($0) }
        }
        rows = candidates
        self.asked = asked
        self.absent = absent
    }

    /// At most `limit` rows, in the order of insertion whatever was asked for.
    func oldest(of records: MemtableSnapshot, limit: Int) -> [Int] {
        records.ordinalsInInsertionOrder(rows, limit: limit)
    }

    /// The rows from `offset` on, at most `limit`: in the order asked for, or of insertion.
    func page(of records: MemtableSnapshot, limit: Int?, offset: Int) -> [Int] {
        let (end, overflow) = offset.addingReportingOverflow(limit ?? .max)
        let ordered = asked ?? records.ordinalsInInsertionOrder(rows, limit: overflow ? .max : end)
        guard offset < ordered.count else { return [] }
        return Array(ordered[offset..<min(ordered.count, overflow ? ordered.count : end)])
    }
}
