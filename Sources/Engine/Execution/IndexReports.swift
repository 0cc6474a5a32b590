public import VectorModel

/// How many of a collection's records are searched as they are to be once it is at rest.
///
/// A record counts as indexed when an index covers it, or when it lies where none is wanted: then it is scanned for good.
public struct IndexingStatus: Hashable, Sendable {
    public let total: Int
    public let indexed: Int
    /// How much of the index that is being built for the collection now is done, from 0 to 1; `nil`: none is being built.
    public let buildProgress: Double?

    public init(total: Int, indexed: Int, buildProgress: Double? = nil) {
        self.total = total
        self.indexed = indexed
        self.buildProgress = buildProgress
    }
}

/// The indexes of one collection, by the living records that each kind covers.
public struct CollectionIndexReport: Hashable, Sendable {
    public let collection: CollectionIdentifier
    public let choice: IndexChoice
    public let element: VectorElement
    public let hnswRows: Int
    public let ivfRows: Int
    /// Scanned for good, since they are too few for an index or none is wanted.
    public let flatRows: Int
    /// Scanned until they have their index.
    public let pendingRows: Int
    public let isBuilding: Bool
    /// What the indexes take beside the vectors.
    public let bytes: Int

    public init(
        collection: CollectionIdentifier, choice: IndexChoice, element: VectorElement, hnswRows: Int, ivfRows: Int, flatRows: Int,
        pendingRows: Int, isBuilding: Bool, bytes: Int
    ) {
        self.collection = collection
        self.choice = choice
        self.element = element
        self.hnswRows = hnswRows
        self.ivfRows = ivfRows
        self.flatRows = flatRows
        self.pendingRows = pendingRows
        self.isBuilding = isBuilding
        self.bytes = bytes
    }

    public var rows: Int { hnswRows + ivfRows + flatRows + pendingRows }
}

/// How far building indexes anew has come.
public struct IndexRebuildProgress: Hashable, Sendable {
    public let rowsDone: Int
    public let rowsTotal: Int

    public init(rowsDone: Int, rowsTotal: Int) {
        self.rowsDone = rowsDone
        self.rowsTotal = rowsTotal
    }
}

/// What building indexes anew has done.
public struct IndexRebuildReport: Hashable, Sendable {
    /// Collections that have an index to build.
    public internal(set) var collections: Int
    /// Built.
    public internal(set) var indexes: Int
    /// In what was built.
    public internal(set) var rows: Int
    /// What was built takes beside the vectors.
    public internal(set) var bytes: Int
    /// Why indexes could not be built; the old ones serve.
    public internal(set) var failures: [String]
    /// The caller ended it.
    public internal(set) var wasCancelled: Bool

    public init(collections: Int, indexes: Int, rows: Int, bytes: Int, failures: [String], wasCancelled: Bool) {
        self.collections = collections
        self.indexes = indexes
        self.rows = rows
        self.bytes = bytes
        self.failures = failures
        self.wasCancelled = wasCancelled
    }
}
