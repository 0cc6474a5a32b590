import ByteCoding
import Filtering
import Segments
import Synchronization
import VectorModel

/// Which rows of a collection are past the moment that their metadata names.
///
/// An expired record is absent: it is dead in the snapshots that requests get, whatever is on disk, until maintenance deletes it for good.
/// A collection no record of which has had the key costs nothing; in another each part is looked through once a second at most, as by a filter.
final class ExpiredRows: Sendable {
    /// The metadata key: a number, the second since 1970 from which on the record is not there. Other values mean nothing.
    static let key = "lyrica:expires_at"

    /// The expired rows of one part, dead ones among them. Holds the part: else another could come to stand for it.
    private struct Known: Sendable {
        let rows: RowSource
        let second: Int64
        let expired: OrdinalSet

        func isOf(_ other: RowSource, _ now: Int64) -> Bool {
            rows.identity == other.identity && rows.rowCount == other.rowCount && second == now
        }
    }

    private struct State: Sendable {
        /// How many keys of the collection were looked at.
        var keyCount = 0
        var isUsed = false
        var parts: [Known] = []
    }

    private let state = Mutex(State())

    /// Whether a record of the collection has had the key.
    func isUsed(in snapshot: CollectionSnapshot) -> Bool {
        state.withLock { state in
            if !state.isUsed, snapshot.metadataKeys.count > state.keyCount {
                state.isUsed = snapshot.metadataKeys[state.keyCount...].contains { $0.name == Self.key }
                state.keyCount = snapshot.metadataKeys.count
            }
            return state.isUsed
        }
    }

    /// The same records without those that have expired.
    /// - Parameter now: seconds since 1970; not asked for where no record can expire.
    /// - Throws: `storageDamaged`.
    func removed(from snapshot: CollectionSnapshot, now: () -> Int64) throws(RequestError) -> CollectionSnapshot {
        guard isUsed(in: snapshot) else { return snapshot }
        let second = now()
        let filter = try CompiledFilter(
            metadata: .compare(key: Self.key, .lessOrEqual(.integer(second))), document: nil, limits: .standard)
        var visible = snapshot
        try state.withLock { state throws(RequestError) in
            var known: [Known] = []
            for place in snapshot.parts.indices {
                let rows = snapshot.parts[place].rows
                let found = state.parts.first { $0.isOf(rows, second) }?.expired
                let expired = if let found { found } else { try Self.find(in: rows, filter) }
                known.append(Known(rows: rows, second: second, expired: expired))
                expired.forEach { row in
                    visible.parts[place].tombstones.insert(row)
                    return true
                }
            }
            state.parts = known
        }
        return visible
    }

    private static func find(in rows: RowSource, _ filter: CompiledFilter) throws(RequestError) -> OrdinalSet {
        var expired = OrdinalSet.all(below: rows.rowCount)
        let reader = try damageAsError { () throws(Corruption) in try rows.reader() }
        try filter.apply(to: &expired, of: reader) { () throws(RequestError) in }
        return expired
    }
}
