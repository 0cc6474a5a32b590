public import Indexes
public import VectorModel

/// Which segment file is meant, and how to recognise it: what a manifest remembers of a segment.
public struct SegmentReference: Hashable, Sendable, CustomStringConvertible {
    /// Unique within the collection; the file is named by it.
    public let number: UInt64
    /// The length of the whole file.
    public let fileBytes: Int
    /// Rows in the file, dead ones included; at least 1.
    public let rowCount: Int
    /// The checksum of the file's trailer, which holds the checksums of everything else: another file has another.
    public let checksum: UInt32

    /// - Parameter checksum: of the trailer.
    public init(number: UInt64, fileBytes: Int, rowCount: Int, checksum: UInt32) {
        self.number = number
        self.fileBytes = fileBytes
        self.rowCount = rowCount
        self.checksum = checksum
    }

    /// The name of the file in the collection's directory.
    public var fileName: String { SegmentFormat.fileName(number) }

    /// The name of its index file of one kind, if there is one.
    public func indexFileName(_ kind: IndexKind) -> String { IndexFileFormat.fileName(number, kind) }

    /// The name of its lookup file, if there is one.
    public var lookupFileName: String { LookupFileFormat.fileName(number) }

    /// The names of its file and of the index and lookup files that may lie beside it.
    public var fileNames: [String] { [fileName, lookupFileName] + IndexKind.allCases.map { indexFileName($0) } }

    public var description: String { "segment \(number) of \(rowCount) rows and \(fileBytes) bytes with checksum \(hexadecimal(checksum))" }

    /// How many of the file's bytes `deadRows` dead rows waste, were all rows of one size.
    public func deadBytes(deadRows: Int) -> Int {
        Int((Double(fileBytes) * Double(min(deadRows, rowCount)) / Double(max(rowCount, 1))).rounded())
    }
}

/// What a new segment is to be.
public struct SegmentDescription: Sendable {
    /// Whose rows they are.
    public var collection: CollectionIdentifier
    /// Not used by another segment of the collection, ever.
    public var number: UInt64
    /// `nil`: none of the rows has a vector, and the collection's dimension is not fixed.
    public var dimension: Int?
    /// The collection's; decides whether norms are stored.
    public var metric: Metric
    /// How the vectors' numbers are stored; the collection's. What float16 cannot hold is refused by the writer.
    public var element: VectorElement
    /// Whether 8-bit codes are stored beside the vectors, for two-stage search.
    public var hasCodes: Bool
    /// The version of the program, for people who look at the file.
    public var createdWith: String
    /// Keys the hashes of ids and strings. Random, so that nobody can choose ids that collide.
    public var hashKey: HashKey

    /// - Parameter hashKey: other than random only where the same bytes are wanted each time.
    public init(
        collection: CollectionIdentifier, number: UInt64, dimension: Int?, metric: Metric, element: VectorElement = .float32,
        hasCodes: Bool = true, createdWith: String, hashKey: HashKey = .random()
    ) {
        self.collection = collection
        self.number = number
        self.dimension = dimension
        self.metric = metric
        self.element = element
        self.hasCodes = hasCodes
        self.createdWith = createdWith
        self.hashKey = hashKey
    }
}
