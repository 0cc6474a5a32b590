package import ByteCoding
package import VectorModel

/// The catalog at one moment as a file holds it, and how far the log is no longer needed. Its bytes are specified in `storage-format.md`, "Catalog".
///
/// Together with the manifests of the collections and the log records after `logFloor` it is the whole database.
package struct CatalogCheckpoint: Equatable {
    package struct Tenant: Equatable {
        package var name: String
        package var databases: [Database]

        package init(name: String, databases: [Database]) {
            self.name = name
            self.databases = databases
        }
    }

    package struct Database: Equatable {
        package var identifier: CollectionIdentifier
        package var name: String
        package var createdAt: SequenceNumber
        package var collections: [Entry]

        package init(identifier: CollectionIdentifier, name: String, createdAt: SequenceNumber, collections: [Entry]) {
            self.identifier = identifier
            self.name = name
            self.createdAt = createdAt
            self.collections = collections
        }
    }

    package struct Entry: Equatable {
        package var identifier: CollectionIdentifier
        package var name: String
        package var createdAt: SequenceNumber
        package var metadata: Metadata?
        package var index: IndexConfiguration
        package var wireConfiguration: [UInt8]
        package var version: Int
        /// The edit number of its manifest when the checkpoint was made, 0 for none: an older manifest, or none, is damage.
        package var manifestEdit: UInt64
        /// The collection that the first of its line of forks was made from; `nil` for one that is no fork.
        package var lineage: CollectionIdentifier?

        package init(
            identifier: CollectionIdentifier, name: String, createdAt: SequenceNumber, metadata: Metadata?, index: IndexConfiguration,
            wireConfiguration: [UInt8], version: Int, manifestEdit: UInt64, lineage: CollectionIdentifier? = nil
        ) {
            self.lineage = lineage
            self.identifier = identifier
            self.name = name
            self.createdAt = createdAt
            self.metadata = metadata
            self.index = index
            self.wireConfiguration = wireConfiguration
            self.version = version
            self.manifestEdit = manifestEdit
        }
    }

    /// Everything up to this number is in manifests and in this checkpoint.
    package var logFloor: SequenceNumber
    /// The log reached at least to this number when the checkpoint was made: one that ends before it has lost records.
    package var logEnd: SequenceNumber
    /// The last change that the catalog contains. Later than `logFloor` perhaps: the log's changes of the catalog up to it are in here already.
    package var lastChange: SequenceNumber
    package var tenants: [Tenant]

    package init(logFloor: SequenceNumber, logEnd: SequenceNumber, lastChange: SequenceNumber, tenants: [Tenant]) {
        self.logFloor = logFloor
        self.logEnd = logEnd
        self.lastChange = lastChange
        self.tenants = tenants
    }

    /// Every collection.
    var entries: [Entry] { tenants.flatMap { $0.databases.flatMap(\.collections) } }
}

extension CatalogCheckpoint {
    package func encoded() -> ByteWriter {
        var writer = ByteWriter(capacity: 4_096)
        writer.append(logFloor.rawValue)
        writer.append(logEnd.rawValue)
        writer.append(lastChange.rawValue)
        writer.appendVarint(UInt64(tenants.count))
        for tenant in tenants {
            writer.append(lengthPrefixed: tenant.name)
            writer.appendVarint(UInt64(tenant.databases.count))
            for database in tenant.databases {
                writer.append(database.identifier)
                writer.append(lengthPrefixed: database.name)
                writer.appendVarint(database.createdAt.rawValue)
                writer.appendVarint(UInt64(database.collections.count))
                for entry in database.collections { writer.append(entry) }
            }
        }
        let forks = entries.filter { $0.lineage != nil }
        guard !forks.isEmpty else { return writer }
        writer.appendVarint(UInt64(forks.count))
        for fork in forks {
            writer.append(fork.identifier)
            writer.append(fork.lineage ?? fork.identifier)
        }
        return writer
    }

    /// The oldest version of the format that says all of it.
    var version: UInt32 { entries.contains { $0.lineage != nil } ? 2 : 1 }

    /// - Parameter version: of the file that the bytes are the payload of.
    package init(decoding bytes: UnsafeRawBufferPointer, version: UInt32) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        logFloor = SequenceNumber(try reader.read())
        logEnd = SequenceNumber(try reader.read())
        lastChange = SequenceNumber(try reader.read())
        let count = try reader.readCount(elementBytesMin: 2)
        tenants = try reader.readElements(count) { reader throws(DecodingFailure) in try reader.readTenant() }
        if version > 1 { try readLineages(&reader) }
        try reader.finish()
    }

    /// Which collections are forks, in the order of the entries: at least one, else an earlier version says the same.
    private mutating func readLineages(_ reader: inout ByteReader) throws(DecodingFailure) {
        let count = try reader.readCount(elementBytesMin: 32)
        guard count > 0 else { throw reader.failure(.invalidValue(0)) }
        var lineages: [(fork: CollectionIdentifier, lineage: CollectionIdentifier)] = []
        for _ in 0..<count { lineages.append((try reader.readIdentifier(), try reader.readIdentifier())) }
        let unknown = reader.failure(.invalidValue(UInt64(count)))
        var rest = lineages[...]
        for tenant in tenants.indices {
            for database in tenants[tenant].databases.indices {
                for place in tenants[tenant].databases[database].collections.indices {
                    guard tenants[tenant].databases[database].collections[place].identifier == rest.first?.fork else { continue }
                    tenants[tenant].databases[database].collections[place].lineage = rest.removeFirst().lineage
                }
            }
        }
        guard rest.isEmpty else { throw unknown }
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ entry: CatalogCheckpoint.Entry) {
        append(entry.identifier)
        append(lengthPrefixed: entry.name)
        appendVarint(entry.createdAt.rawValue)
        append(optional: entry.metadata)
        append(entry.index)
        append(lengthPrefixed: entry.wireConfiguration)
        appendVarint(UInt64(entry.version))
        appendVarint(entry.manifestEdit)
    }
}

extension ByteReader {
    fileprivate mutating func readTenant() throws(DecodingFailure) -> CatalogCheckpoint.Tenant {
        let name = try readString()
        let count = try readCount(elementBytesMin: 19)
        return CatalogCheckpoint.Tenant(
            name: name, databases: try readElements(count) { reader throws(DecodingFailure) in try reader.readDatabase() })
    }

    private mutating func readDatabase() throws(DecodingFailure) -> CatalogCheckpoint.Database {
        let identifier = try readIdentifier()
        let name = try readString()
        let createdAt = SequenceNumber(try readVarint())
        let count = try readCount(elementBytesMin: 25)
        return CatalogCheckpoint.Database(
            identifier: identifier, name: name, createdAt: createdAt,
            collections: try readElements(count) { reader throws(DecodingFailure) in try reader.readEntry() })
    }

    private mutating func readEntry() throws(DecodingFailure) -> CatalogCheckpoint.Entry {
        CatalogCheckpoint.Entry(
            identifier: try readIdentifier(), name: try readString(), createdAt: SequenceNumber(try readVarint()),
            metadata: try readOptionalMetadata(), index: try readIndexConfiguration(), wireConfiguration: Array(try readLengthPrefixedBytes()),
            version: Int(clamping: try readVarint()), manifestEdit: try readVarint())
    }
}
