import ByteCoding
import Durability
import FileIO
import Segments
import Synchronization
import VectorModel

/// Where collections keep their files, and what all of them share.
final class CollectionFiles: Sendable {
    /// The directory that holds a directory for each collection.
    let directory: String
    let fileSystem: any FileSystem
    /// Noted in new files for whoever looks at them.
    let createdWith: String
    let isReadOnly: Bool
    let registry = WriteAheadRegistry()
    let health = StorageHealth()

    init(directory: String, fileSystem: any FileSystem, createdWith: String, isReadOnly: Bool = false) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.createdWith = createdWith
        self.isReadOnly = isReadOnly
    }

    private let serials = Atomic<Int>(0)

    func nextSerial() -> Int { serials.wrappingAdd(1, ordering: .relaxed).newValue }

    func directory(of collection: CollectionIdentifier) -> String { directory + "/" + collection.description }

    /// A collection with what its manifest says it has; a new one has no manifest.
    ///
    /// Damage is noted in the collection, which then refuses requests; it does not stop anybody else.
    /// - Parameter manifestEditMin: the manifest is at least this new, or damaged; `nil`: the collection is being made now and has no files to look at.
    func collection(_ identifier: CollectionIdentifier, _ index: IndexConfiguration, manifestEditMin: UInt64?) -> Collection {
        let owner = WeakCollection()
        let storage = CollectionStorage(identifier, metric: index.metric, element: index.element, files: self) { owner.noteDamage($0) }
        let failure: Corruption?
        do throws(Corruption) {
            if let manifestEditMin { try storage.load(manifestEditMin: manifestEditMin) }
            failure = nil
        } catch {
            failure = error
        }
        let collection = Collection(identifier, metric: index.metric, element: index.element, storage: storage)
        owner.set(collection)
        if let failure { collection.noteDamage(failure, .refused) }
        return collection
    }
}

/// Tells a collection of damage that its files' readers find. Weak, since a collection holds its files and not the other way round.
private final class WeakCollection: Sendable {
    private struct Owner: Sendable {
        weak var collection: Collection?
    }

    private let owner = Mutex(Owner())

    func set(_ collection: Collection) {
        owner.withLock { $0.collection = collection }
    }

    func noteDamage(_ corruption: Corruption) {
        owner.withLock { $0.collection }?.noteDamage(corruption, .readOnly)
    }
}
