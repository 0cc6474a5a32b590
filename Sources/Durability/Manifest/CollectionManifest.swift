internal import ByteCoding
public import FileIO
public import VectorModel

/// What a collection consists of on disk: its segment files, the rows of them that are dead, and where the log goes on.
///
/// Replacing the file is the only commit point of a collection. Dead rows are those as of `flushedThrough`; later deletes are in the log.
public struct CollectionManifest: Hashable, Sendable {
    /// One segment file.
    public struct SegmentEntry: Hashable, Sendable {
        /// Names the file; unique in the collection for ever.
        public var number: UInt64
        public var fileBytes: Int
        /// Rows in the file, dead ones included; at least 1.
        public var rowCount: Int
        /// The checksum in the file's trailer, so that a swapped file is noticed.
        public var checksum: UInt32
        /// Ascending, each less than `rowCount`.
        public var deadRows: [Int]
        /// The collection that the file was written for and names, where that is another one: a fork shares the files of its source.
        public var owner: CollectionIdentifier?

        public init(
            number: UInt64, fileBytes: Int, rowCount: Int, checksum: UInt32, deadRows: [Int] = [], owner: CollectionIdentifier? = nil
        ) {
            self.owner = owner
            self.number = number
            self.fileBytes = fileBytes
            self.rowCount = rowCount
            self.checksum = checksum
            self.deadRows = deadRows
        }
    }

    /// The name of the file in the collection's directory.
    public static let fileName = "MANIFEST"

    public var collection: CollectionIdentifier
    /// Counts the manifests of the collection, from 1.
    public var edit: UInt64
    /// Every change of the collection up to this one is in the segments and the dead rows; every later one is in the log.
    public var flushedThrough: SequenceNumber
    /// Greater than every insertion key in the segments.
    public var nextInsertionKey: UInt64
    /// Greater than the number of every segment that there ever was.
    public var nextSegmentNumber: UInt64
    /// Numbers per vector; nil until the first vector is written.
    public var dimension: Int?
    public var metric: Metric
    /// Every metadata key that a record has had, in the order in which they first came.
    public var metadataKeys: [MetadataKey]
    /// In the order in which the collection reads them; each number once.
    public var segments: [SegmentEntry]

    public init(
        collection: CollectionIdentifier, edit: UInt64, flushedThrough: SequenceNumber, nextInsertionKey: UInt64, nextSegmentNumber: UInt64,
        dimension: Int?, metric: Metric, metadataKeys: [MetadataKey] = [], segments: [SegmentEntry] = []
    ) {
        self.collection = collection
        self.edit = edit
        self.flushedThrough = flushedThrough
        self.nextInsertionKey = nextInsertionKey
        self.nextSegmentNumber = nextSegmentNumber
        self.dimension = dimension
        self.metric = metric
        self.metadataKeys = metadataKeys
        self.segments = segments
    }

    /// Reads a manifest, every byte of it checked; nil if there is no such file.
    public static func read(_ path: String, _ fileSystem: any FileSystem) throws(CheckedFileError) -> CollectionManifest? {
        let file: CheckedFile
        do throws(CheckedFileError) {
            file = try CheckedFile.read(path, .manifest, fileSystem)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        // The closure cannot throw a typed error in every build, so that its result carries it.
        let decoded = file.payload.withUnsafeBytes { bytes in
            Result { () throws(Corruption) -> CollectionManifest in
                var decoder = ManifestDecoder(bytes, file: path)
                return try decoder.decode(edit: file.generation, version: file.version)
            }
        }
        switch decoded {
        case .success(let manifest): return manifest
        case .failure(let corruption): throw .corruption(corruption)
        }
    }

    /// Replaces the manifest. After `file` the old one certainly stands; after `undecided` a crash may leave either.
    public func write(to path: String, _ fileSystem: any FileSystem, createdWith: String) throws(CheckedFileError) {
        try CheckedFile.write(
            encoded(), .manifest.written(asVersion: version), generation: edit, createdWith: createdWith, to: path, fileSystem)
    }

    /// The oldest version of the format that says all of it.
    var version: UInt32 { segments.contains { $0.owner != nil } ? 2 : 1 }
}
