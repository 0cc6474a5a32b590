import ByteCoding
import Segments
import VectorModel

extension Collection {
    /// A snapshot as requests see it: without what has expired. The clock is read once.
    func visible(_ snapshot: CollectionSnapshot) throws(RequestError) -> CollectionSnapshot {
        try expired.removed(from: snapshot) { storage.files.second }
    }

    /// Whether records of it may expire.
    var mayExpire: Bool { expired.isUsed(in: description) }

    /// Deletes those of some records that have expired, as a change of its own, so that a write of them finds them absent; on replay too.
    /// - Returns: the change's number; `nil` when there is nothing to delete. It is not settled.
    func buryExpired(
        _ identifiers: [String], log: (RecordChange) throws(RequestError) -> SequenceNumber
    ) throws(RequestError) -> SequenceNumber? {
        guard mayExpire else { return nil }
        return try accept({ state throws(RequestError) in
            let everything = state.snapshot()
            let (all, visible) = (everything.reader(), try visible(everything).reader())
            var gone: [String] = []
            for identifier in identifiers {
                let hasExpired = try damageAsError { () throws(Corruption) in
                    guard try all.find(identifier) != nil else { return false }
                    return try visible.find(identifier) == nil
                }
                if hasExpired { gone.append(identifier) }
            }
            return gone.isEmpty ? nil : .delete(gone)
        }, log: log)
    }

    /// Deletes records that have expired, at most `countMax`, so that their space comes back.
    /// - Returns: the change's number, which is not settled, and how many it deletes; `nil` when there is nothing to delete.
    func purgeExpired(
        countMax: Int, log: (RecordChange) throws(RequestError) -> SequenceNumber
    ) throws(RequestError) -> (number: SequenceNumber, count: Int)? {
        guard mayExpire else { return nil }
        var count = 0
        let number = try accept({ state throws(RequestError) in
            let gone = try expiredIdentifiers(state.snapshot(), countMax: countMax)
            count = gone.count
            return gone.isEmpty ? nil : .delete(gone)
        }, log: log)
        return number.map { ($0, count) }
    }

    private func expiredIdentifiers(_ everything: CollectionSnapshot, countMax: Int) throws(RequestError) -> [String] {
        let visible = try visible(everything)
        let records = everything.reader()
        var gone: [String] = []
        for part in everything.parts.indices where gone.count < countMax {
            let dead = everything.parts[part].tombstones
            try damageAsError { () throws(Corruption) in
                try visible.parts[part].tombstones.forEach(notIn: dead) { row throws(Corruption) in
                    guard gone.count < countMax else { return }
                    gone.append(try records.identifier(of: RowAddress(part: part, row: row)))
                }
            }
        }
        return gone
    }
}
