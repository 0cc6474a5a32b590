import ByteCoding
import VectorModel

/// What may be done with a collection, and what damage on disk has taken away.
struct CollectionAccess: Sendable {
    /// What damage does to a collection.
    enum Effect: Int, Sendable, Comparable {
        /// A part of it cannot be read: requests that need it fail, and nothing may be changed.
        case readOnly
        /// Nothing can be said about its records as a whole.
        case refused

        static func < (left: Effect, right: Effect) -> Bool { left.rawValue < right.rawValue }
    }

    static let open = CollectionAccess()

    /// The collection was deleted.
    var isEnded = false
    private(set) var damage: (corruption: Corruption, effect: Effect)?

    var isReadable: Bool { damage?.effect != .refused }

    mutating func note(_ corruption: Corruption, _ effect: Effect) {
        guard let known = damage else { return damage = (corruption, effect) }
        if effect > known.effect { damage = (known.corruption, effect) }
    }

    func checkReadable() throws(RequestError) {
        if let damage, damage.effect == .refused { throw RequestError(damage.corruption) }
    }

    func checkWritable(_ identifier: CollectionIdentifier) throws(RequestError) {
        guard !isEnded else { throw RequestError(.collectionIdentifierNotFound(identifier)) }
        if let damage { throw RequestError(damage.corruption) }
    }
}
