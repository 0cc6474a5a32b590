import Durability
import VectorModel

/// Follows the catalog through the log by ids and names only, and finds out what must have been there before the log begins.
///
/// Whatever a change names that neither the checkpoint has nor an earlier change made was in the catalog all the same: the checkpoint that
/// says so is lost, or the record that made it. So it belongs into the catalog that a repair begins with, under a name that says that.
struct CatalogOutline {
    /// A collection that somebody must have created.
    struct Implied {
        let identifier: CollectionIdentifier
        /// The number of the change that names it first.
        let number: SequenceNumber
    }

    private struct Place: Hashable {
        let tenant: String
        let database: String
    }

    /// The collections that there are after the last change.
    private(set) var alive: Set<CollectionIdentifier> = []
    private(set) var impliedTenants: [String] = []
    private(set) var impliedDatabases: [(tenant: String, database: String)] = []
    private(set) var impliedCollections: [Implied] = []
    /// Collections that were made of the files of others.
    private(set) var forks: Set<CollectionIdentifier> = []
    /// Where each collection is that there is or was.
    private var places: [CollectionIdentifier: Place] = [:]
    private var tenants: Set<String> = []
    private var databases: Set<Place> = []
    /// Changes up to here are in the checkpoint, or in manifests.
    private let begin: SequenceNumber
    private var wasReset = false

    init(_ checkpoint: CatalogCheckpoint?) {
        begin = checkpoint.map { max($0.lastChange, $0.logFloor) } ?? .zero
        if checkpoint == nil { setDefaults() }
        for tenant in checkpoint?.tenants ?? [] {
            tenants.insert(tenant.name)
            for database in tenant.databases {
                let place = Place(tenant: tenant.name, database: database.name)
                databases.insert(place)
                for entry in database.collections {
                    add(entry.identifier, place)
                    if entry.lineage != nil { forks.insert(entry.identifier) }
                }
            }
        }
    }

    /// Whether the checkpoint or a change names it.
    func knows(_ identifier: CollectionIdentifier) -> Bool { places[identifier] != nil }

    /// Whether a change names what no earlier one made.
    var impliesAnything: Bool { !impliedTenants.isEmpty || !impliedDatabases.isEmpty || !impliedCollections.isEmpty }

    mutating func follow(_ change: LoggedChange, at number: SequenceNumber) {
        guard number > begin else { return }
        switch change {
        case .catalog(let change): follow(change, at: number)
        case .write(_, _, let identifier), .delete(_, let identifier), .group(_, let identifier): require(identifier, at: number)
        }
    }

    private mutating func follow(_ change: CatalogChange, at number: SequenceNumber) {
        switch change {
        case .createTenant(let name): tenants.insert(name)
        case .createDatabase(_, let name, let tenant):
            require(tenant)
            databases.insert(Place(tenant: tenant, database: name))
        case .deleteDatabase(let name, let tenant):
            let place = Place(tenant: tenant, database: name)
            require(place)
            databases.remove(place)
            alive = alive.filter { places[$0] != place }
        case .createCollection(let creation):
            let place = Place(tenant: creation.tenant, database: creation.database)
            require(place)
            add(creation.identifier, place)
        case .forkCollection(let identifier, _, let source):
            require(source, at: number)
            if let place = places[source] { add(identifier, place) }
            forks.insert(identifier)
        case .changeCollection(let identifier, _): require(identifier, at: number)
        case .deleteCollection(let identifier):
            require(identifier, at: number)
            alive.remove(identifier)
        case .reset:
            alive = []
            tenants = []
            databases = []
            setDefaults()
            wasReset = true
        }
    }

    private mutating func setDefaults() {
        tenants.insert(Catalog.defaultTenant)
        databases.insert(Place(tenant: Catalog.defaultTenant, database: Catalog.defaultDatabase))
    }

    private mutating func add(_ identifier: CollectionIdentifier, _ place: Place) {
        places[identifier] = place
        alive.insert(identifier)
    }

    /// What a reset had removed cannot be put before it: such a change is refused, and reported.
    private mutating func require(_ tenant: String) {
        guard tenants.insert(tenant).inserted, !wasReset else { return }
        impliedTenants.append(tenant)
    }

    private mutating func require(_ place: Place) {
        require(place.tenant)
        guard databases.insert(place).inserted, !wasReset else { return }
        impliedDatabases.append((place.tenant, place.database))
    }

    private mutating func require(_ identifier: CollectionIdentifier, at number: SequenceNumber) {
        guard places[identifier] == nil, !wasReset else { return }
        add(identifier, Place(tenant: Catalog.defaultTenant, database: Catalog.defaultDatabase))
        impliedCollections.append(Implied(identifier: identifier, number: number))
    }
}

extension CatalogCheckpoint {
    /// A catalog of the default tenant and database, with nothing in it.
    static func empty() -> CatalogCheckpoint {
        CatalogCheckpoint(
            logFloor: .zero, logEnd: .zero, lastChange: .zero,
            tenants: [
                Tenant(
                    name: Catalog.defaultTenant,
                    databases: [Database(identifier: .zero, name: Catalog.defaultDatabase, createdAt: .zero, collections: [])])
            ])
    }

    /// Adds a tenant that nobody knows more of than its name, if there is none of that name.
    mutating func add(tenant name: String) {
        if !tenants.contains(where: { $0.name == name }) { tenants.append(Tenant(name: name, databases: [])) }
    }

    /// Adds a database that nobody knows more of than its name, if there is none of that name.
    mutating func add(database name: String, tenant: String, identifier: CollectionIdentifier) {
        add(tenant: tenant)
        for place in tenants.indices where tenants[place].name == tenant && !tenants[place].databases.contains(where: { $0.name == name }) {
            tenants[place].databases.append(Database(identifier: identifier, name: name, createdAt: .zero, collections: []))
        }
    }

    /// Adds a collection whose name is lost, under one made of its id, to the default database.
    mutating func add(recovered identifier: CollectionIdentifier, metric: Metric, manifestEdit: UInt64) {
        add(database: Catalog.defaultDatabase, tenant: Catalog.defaultTenant, identifier: .zero)
        let entry = Entry(
            identifier: identifier, name: "recovered-\(identifier)", createdAt: .zero, metadata: nil, index: IndexConfiguration(metric: metric),
            wireConfiguration: [], version: 0, manifestEdit: manifestEdit)
        for tenant in tenants.indices where tenants[tenant].name == Catalog.defaultTenant {
            for database in tenants[tenant].databases.indices where tenants[tenant].databases[database].name == Catalog.defaultDatabase {
                tenants[tenant].databases[database].collections.append(entry)
            }
        }
    }
}
