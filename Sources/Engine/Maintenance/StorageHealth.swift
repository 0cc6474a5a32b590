import ByteCoding
public import VectorModel
import Synchronization

/// What is wrong with the storage, for probes, status pages and logs. Never holds user data.
public struct StorageReport: Hashable, Sendable {
    /// A collection that is not what it was.
    public struct DamagedCollection: Hashable, Sendable {
        public let collection: CollectionIdentifier
        /// False: every request is refused. True: it is read where it can be, and not changed.
        public let isReadable: Bool
        /// File, place, expected and found.
        public let damage: String

        public init(collection: CollectionIdentifier, isReadable: Bool, damage: String) {
            self.collection = collection
            self.isReadable = isReadable
            self.damage = damage
        }
    }

    public var damagedCollections: [DamagedCollection] = []
    /// What maintenance could not do when it last tried, by what it was; each is tried again.
    public var problems: [String] = []

    public init() {}

    public var isHealthy: Bool { damagedCollections.isEmpty && problems.isEmpty }
}

/// Collects what goes wrong in the background.
final class StorageHealth: Sendable {
    /// What may fail and be tried again.
    enum Task: Hashable, Sendable {
        case flush(CollectionIdentifier)
        case compaction(CollectionIdentifier)
        case index(CollectionIdentifier)
        case expiry(CollectionIdentifier)
        case removal(CollectionIdentifier)
        case checkpoint
        case archiving
        case catalogCopy
    }

    private let failures = Mutex<[Task: String]>([:])

    func note(_ task: Task, _ failure: String) {
        failures.withLock { $0[task] = failure }
    }

    func noteSuccess(_ task: Task) {
        failures.withLock { if !$0.isEmpty { $0[task] = nil } }
    }

    /// A collection is gone, and what could not be done for it is no problem any more.
    func forget(_ collection: CollectionIdentifier) {
        failures.withLock { failures in
            failures[.flush(collection)] = nil
            failures[.compaction(collection)] = nil
            failures[.index(collection)] = nil
            failures[.expiry(collection)] = nil
        }
    }

    var problems: [String] { failures.withLock { $0.values.sorted() } }
}
