import Synchronization
import VectorModel

/// The collections that have something in memory which only the log makes durable.
///
/// A collection is in here before its first such change gets a number, so that a number read from the log and then this list never miss one.
final class WriteAheadRegistry: Sendable {
    private let collections = Mutex<[CollectionIdentifier: Collection]>([:])

    /// Those that came to be first come first.
    var all: [Collection] { collections.withLock { $0.values.sorted { $0.serial < $1.serial } } }

    /// Called with the collection's `working` locked, as `remove` is.
    func insert(_ collection: Collection) {
        collections.withLock { $0[collection.identifier] = collection }
    }

    func remove(_ collection: Collection) {
        collections.withLock { _ = $0.removeValue(forKey: collection.identifier) }
    }

    /// Lets go of all when the database goes.
    func removeAll() {
        collections.withLock { $0 = [:] }
    }

    /// The first change that the log must keep for these collections; `nil` if they need none.
    ///
    /// Waits for each one's writer at work, whose change may have its number already.
    func firstNeeded() -> SequenceNumber? {
        all.compactMap { collection in collection.working.withLock { _ in collection.writeAhead.first } }.min()
    }
}
