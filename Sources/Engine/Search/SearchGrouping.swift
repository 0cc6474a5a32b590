import VectorModel

/// Divides the records that a search found by the values of metadata keys, and keeps some of each group.
///
/// Records without a key form a group of their own, and an integer is another value than the float that equals it.
public struct SearchGrouping: Hashable, Sendable {
    /// What decides which records of a group are kept.
    public enum Order: Hashable, Sendable {
        case score
        case metadata(String)
    }

    /// Which end of the order is kept.
    public enum End: Hashable, Sendable {
        case smallest
        case largest
    }

    /// The metadata keys whose values, together, tell the groups apart.
    public var keys: [String]
    /// The first tells most; the others decide between equals.
    public var order: [Order]
    public var end: End
    /// How many records of each group are kept.
    public var count: Int

    public init(by keys: [String], keep count: Int, _ end: End, of order: [Order]) {
        self.keys = keys
        self.count = count
        self.end = end
        self.order = order
    }

    func check(_ limits: Limits) throws(RequestError) {
        guard (1...limits.groupKeys).contains(keys.count) else {
            throw .invalid("group_by.keys", "has \(keys.count) keys; there must be from 1 to \(limits.groupKeys)")
        }
        guard (1...limits.groupKeys).contains(order.count) else {
            throw .invalid("group_by.aggregate.keys", "has \(order.count) keys; there must be from 1 to \(limits.groupKeys)")
        }
        guard count >= 1 else { throw .invalid("group_by.aggregate.k", "is \(count); it must be at least 1") }
    }
}
