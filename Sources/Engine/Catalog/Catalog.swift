import Segments
import VectorModel

/// Every tenant, database and collection: a value, so that readers keep the version they took while a change makes the next.
///
/// Changes are checked first (`check`) and then applied (`apply`), which cannot fail: recovery applies the same changes from the log.
struct Catalog: Sendable {
    struct Tenant: Sendable {
        var databases: [String: Database] = [:]
    }

    struct Database: Sendable {
        let identifier: CollectionIdentifier
        let createdAt: SequenceNumber
        var collections: [String: CollectionIdentifier] = [:]
    }

    struct Entry: Sendable {
        let identifier: CollectionIdentifier
        let tenant: String
        let database: String
        let createdAt: SequenceNumber
        var name: String
        var metadata: Metadata?
        var index: IndexConfiguration
        var wireConfiguration: [UInt8]
        var version: Int
        /// The collection that the first of its line of forks was made from, there or not any more; `nil` for one that is no fork.
        var lineage: CollectionIdentifier?
        let collection: Collection
    }

    /// Where a change comes from.
    enum Origin {
        /// It is made now.
        case request
        /// It was made before this start: a collection that it creates may have been written to segments since.
        case log
    }

    static let defaultTenant = "default_tenant"
    static let defaultDatabase = "default_database"

    private(set) var tenants: [String: Tenant]
    private(set) var entries: [CollectionIdentifier: Entry] = [:]
    /// Makes the collections' own part.
    private let files: CollectionFiles

    /// The catalog of a new data directory: the default tenant with its default database.
    init(_ files: CollectionFiles) {
        self.files = files
        let database = Database(identifier: .zero, createdAt: .zero)
        tenants = [Self.defaultTenant: Tenant(databases: [Self.defaultDatabase: database])]
    }

    // MARK: Reading

    func tenant(_ name: String) throws(RequestError) -> Tenant {
        guard let tenant = tenants[name] else { throw RequestError(.tenantNotFound(name)) }
        return tenant
    }

    func database(_ name: String, tenant: String) throws(RequestError) -> Database {
        guard let database = tenants[tenant]?.databases[name] else { throw RequestError(.databaseNotFound(name, tenant: tenant)) }
        return database
    }

    func entry(_ identifier: CollectionIdentifier) throws(RequestError) -> Entry {
        guard let entry = entries[identifier] else { throw RequestError(.collectionIdentifierNotFound(identifier)) }
        return entry
    }

    func entry(named name: String, tenant: String, database: String) throws(RequestError) -> Entry {
        guard let identifier = tenants[tenant]?.databases[database]?.collections[name], let entry = entries[identifier] else {
            throw RequestError(.collectionNotFound(name: name))
        }
        return entry
    }

    /// The collections of a database, oldest first.
    func entries(tenant: String, database: String) -> [Entry] {
        guard let collections = tenants[tenant]?.databases[database]?.collections else { return [] }
        return collections.values.compactMap { entries[$0] }.sorted { $0.createdAt < $1.createdAt }
    }

    /// How many forks there are in a collection's line, of which it is one or the origin. Cost: linear in the collections.
    func forkCount(of identifier: CollectionIdentifier) throws(RequestError) -> Int {
        let origin = try entry(identifier).lineage ?? identifier
        return entries.values.count { $0.lineage == origin }
    }

    // MARK: Changing

    /// - Throws: why `change` cannot be made now.
    func check(_ change: CatalogChange) throws(RequestError) {
        switch change {
        case .createTenant(let name):
            if tenants[name] != nil { throw RequestError(.tenantExists(name)) }
        case .createDatabase(_, let name, let tenant):
            if try self.tenant(tenant).databases[name] != nil { throw RequestError(.databaseExists(name, tenant: tenant)) }
        case .deleteDatabase(let name, let tenant):
            _ = try database(name, tenant: tenant)
        case .createCollection(let creation):
            if try database(creation.database, tenant: creation.tenant).collections[creation.name] != nil {
                throw RequestError(.collectionExists(creation.name))
            }
        case .forkCollection(_, let name, let source):
            let entry = try entry(source)
            if try database(entry.database, tenant: entry.tenant).collections[name] != nil { throw RequestError(.collectionExists(name)) }
        case .changeCollection(let identifier, let collectionChange):
            let entry = try entry(identifier)
            guard let name = collectionChange.name, name != entry.name else { return }
            if try database(entry.database, tenant: entry.tenant).collections[name] != nil { throw RequestError(.collectionExists(name)) }
        case .deleteCollection(let identifier):
            _ = try entry(identifier)
        case .reset:
            break
        }
    }

    /// Applies a change that `check` has passed.
    mutating func apply(_ change: CatalogChange, at number: SequenceNumber, from origin: Origin = .request) {
        switch change {
        case .createTenant(let name):
            tenants[name] = Tenant()
        case .createDatabase(let identifier, let name, let tenant):
            tenants[tenant]?.databases[name] = Database(identifier: identifier, createdAt: number)
        case .deleteDatabase(let name, let tenant):
            let removed = tenants[tenant]?.databases.removeValue(forKey: name)
            for identifier in (removed?.collections ?? [:]).values { entries[identifier] = nil }
        case .createCollection(let creation):
            add(creation, at: number, from: origin)
        case .forkCollection(let identifier, let name, let source):
            addFork(identifier, name, of: source, at: number, from: origin)
        case .changeCollection(let identifier, let collectionChange):
            update(identifier, collectionChange)
        case .deleteCollection(let identifier):
            guard let entry = entries.removeValue(forKey: identifier) else { return }
            tenants[entry.tenant]?.databases[entry.database]?.collections[entry.name] = nil
        case .reset:
            self = Catalog(files)
        }
    }

    /// The collections that `change` ends.
    func collectionsEnded(by change: CatalogChange) -> [Collection] {
        switch change {
        case .deleteDatabase(let name, let tenant): entries(tenant: tenant, database: name).map(\.collection)
        case .deleteCollection(let identifier): entries[identifier].map { [$0.collection] } ?? []
        case .reset: entries.values.sorted { $0.createdAt < $1.createdAt }.map(\.collection)
        case .createTenant, .createDatabase, .createCollection, .forkCollection, .changeCollection: []
        }
    }

    /// The collection that `change`, once applied, has given another index configuration.
    func collectionReconfigured(by change: CatalogChange) -> Collection? {
        guard case .changeCollection(let identifier, let collectionChange) = change, collectionChange.index != nil else { return nil }
        return entries[identifier]?.collection
    }

    private mutating func add(_ creation: CatalogChange.Creation, at number: SequenceNumber, from origin: Origin) {
        entries[creation.identifier] = Entry(
            identifier: creation.identifier, tenant: creation.tenant, database: creation.database, createdAt: number, name: creation.name,
            metadata: creation.metadata, index: creation.index, wireConfiguration: creation.wireConfiguration, version: 0,
            collection: files.collection(
                creation.identifier, creation.index, manifestEditMin: origin == .log ? 0 : nil))
        tenants[creation.tenant]?.databases[creation.database]?.collections[creation.name] = creation.identifier
    }

    private mutating func addFork(
        _ identifier: CollectionIdentifier, _ name: String, of source: CollectionIdentifier, at number: SequenceNumber, from origin: Origin
    ) {
        guard let entry = entries[source] else { return }
        let collection =
            switch origin {
            // Its files are there before the change is accepted.
            case .request: files.collection(identifier, entry.index, manifestEditMin: 1)
            case .log: files.fork(of: entry.collection, as: identifier, entry.index, at: number)
            }
        entries[identifier] = Entry(
            identifier: identifier, tenant: entry.tenant, database: entry.database, createdAt: number, name: name, metadata: entry.metadata,
            index: entry.index, wireConfiguration: entry.wireConfiguration, version: 0, lineage: entry.lineage ?? source, collection: collection)
        tenants[entry.tenant]?.databases[entry.database]?.collections[name] = identifier
    }

    private mutating func update(_ identifier: CollectionIdentifier, _ change: CollectionChange) {
        guard var entry = entries[identifier] else { return }
        if let name = change.name, name != entry.name {
            tenants[entry.tenant]?.databases[entry.database]?.collections[entry.name] = nil
            tenants[entry.tenant]?.databases[entry.database]?.collections[name] = identifier
            entry.name = name
        }
        if let metadata = change.metadata { entry.metadata = metadata.isEmpty ? nil : metadata }
        if var index = change.index {
            // What the stored vectors are made for stays.
            (index.metric, index.element) = (entry.index.metric, entry.index.element)
            entry.index = index
        }
        if let wireConfiguration = change.wireConfiguration { entry.wireConfiguration = wireConfiguration }
        entry.version += 1
        entries[identifier] = entry
    }
}

// MARK: Checkpoints

extension Catalog {
    /// The catalog that a checkpoint holds, its collections opened from their files.
    init(_ checkpoint: CatalogCheckpoint, _ files: CollectionFiles) {
        self.files = files
        tenants = [:]
        for tenant in checkpoint.tenants {
            var databases: [String: Database] = [:]
            for database in tenant.databases {
                var collections: [String: CollectionIdentifier] = [:]
                for entry in database.collections {
                    collections[entry.name] = entry.identifier
                    entries[entry.identifier] = Entry(
                        identifier: entry.identifier, tenant: tenant.name, database: database.name, createdAt: entry.createdAt, name: entry.name,
                        metadata: entry.metadata, index: entry.index, wireConfiguration: entry.wireConfiguration, version: entry.version,
                        lineage: entry.lineage, collection: files.collection(entry.identifier, entry.index, manifestEditMin: entry.manifestEdit))
                }
                databases[database.name] = Database(identifier: database.identifier, createdAt: database.createdAt, collections: collections)
            }
            tenants[tenant.name] = Tenant(databases: databases)
        }
    }

    /// - Parameters:
    ///   - floor: everything up to it is in manifests and in this catalog.
    ///   - logEnd: how far the log has certainly come.
    ///   - lastChange: the last change that this catalog contains.
    func checkpoint(floor: SequenceNumber, logEnd: SequenceNumber, lastChange: SequenceNumber) -> CatalogCheckpoint {
        CatalogCheckpoint(
            logFloor: floor, logEnd: logEnd, lastChange: lastChange,
            tenants: tenants.sorted { $0.key < $1.key }.map { name, tenant in
                CatalogCheckpoint.Tenant(name: name, databases: tenant.databases.sorted { $0.key < $1.key }.map { name, database in
                    CatalogCheckpoint.Database(
                        identifier: database.identifier, name: name, createdAt: database.createdAt,
                        collections: database.collections.values.compactMap { entries[$0] }.sorted { $0.createdAt < $1.createdAt }
                            .map(\.checkpoint))
                })
            })
    }
}

extension Catalog.Entry {
    fileprivate var checkpoint: CatalogCheckpoint.Entry {
        CatalogCheckpoint.Entry(
            identifier: identifier, name: name, createdAt: createdAt, metadata: metadata, index: index, wireConfiguration: wireConfiguration,
            version: version, manifestEdit: collection.storage.flushed().edit, lineage: lineage)
    }

    /// The collection as clients see it now.
    var description: CollectionDescription {
        let snapshot = collection.description
        return CollectionDescription(
            identifier: identifier, name: name, tenant: tenant, database: database, metadata: metadata, index: index,
            wireConfiguration: wireConfiguration, dimension: snapshot.dimension, metadataKeys: snapshot.metadataKeys,
            version: version(through: snapshot.sequenceNumber), lastSequenceNumber: snapshot.sequenceNumber)
    }

    /// - Parameter change: the last that changed the records. Its place in the log never falls and is remembered anyway, which a count would not be.
    private func version(through change: SequenceNumber) -> Int {
        // Some clients read 32 bits.
        let most = Int(Int32.max)
        let growth = change.rawValue - min(change, createdAt).rawValue
        return min(min(version, most) + Int(min(growth, UInt64(most))), most)
    }
}
