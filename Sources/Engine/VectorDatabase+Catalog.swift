import Durability
public import VectorModel

extension VectorDatabase {
    // MARK: Tenants and databases

    /// - Throws: `tenantExists`, `invalid` for a name that is too long.
    public func createTenant(named name: String) async throws(RequestError) {
        try checkName(name)
        _ = try await commit(.createTenant(name))
    }

    /// - Throws: `tenantNotFound`.
    public func tenant(named name: String) throws(RequestError) -> TenantDescription {
        _ = try catalog.current.tenant(name)
        return TenantDescription(name: name)
    }

    /// - Throws: `tenantNotFound`, `databaseExists`, `invalid` for a name that is too long.
    public func createDatabase(named name: String, tenant: String) async throws(RequestError) {
        try checkName(name)
        _ = try await commit(.createDatabase(configuration.makeIdentifier(), name: name, tenant: tenant))
    }

    /// - Throws: `databaseNotFound`.
    public func database(named name: String, tenant: String) throws(RequestError) -> DatabaseDescription {
        let database = try catalog.current.database(name, tenant: tenant)
        return DatabaseDescription(identifier: database.identifier, name: name, tenant: tenant)
    }

    /// The databases of a tenant by name; none for a tenant that does not exist.
    public func databases(tenant: String, limit: Int? = nil, offset: Int = 0) -> [DatabaseDescription] {
        let databases = catalog.current.tenants[tenant]?.databases ?? [:]
        return databases.sorted { $0.key < $1.key }.page(limit: limit, offset: offset).map {
            DatabaseDescription(identifier: $0.value.identifier, name: $0.key, tenant: tenant)
        }
    }

    /// Deletes a database with its collections.
    /// - Throws: `databaseNotFound`.
    public func deleteDatabase(named name: String, tenant: String) async throws(RequestError) {
        _ = try await commit(.deleteDatabase(name: name, tenant: tenant))
    }

    // MARK: Collections

    /// - Returns: the new collection, or the one of that name when `getIfExists` is set.
    /// - Throws: `databaseNotFound`, `collectionExists`, `invalid` for a name or metadata beyond the limits.
    public func createCollection(
        _ creation: CollectionCreation, tenant: String, database: String
    ) async throws(RequestError) -> (collection: CollectionDescription, created: Bool) {
        try checkName(creation.name)
        if let metadata = creation.metadata { try MetadataValidation.check(metadata, field: "metadata", limits) }
        if creation.getIfExists, let existing = try? catalog.current.entry(named: creation.name, tenant: tenant, database: database) {
            return (existing.description, false)
        }
        let identifier = configuration.makeIdentifier()
        let metadata = creation.metadata.flatMap { $0.isEmpty ? nil : $0 }
        do throws(RequestError) {
            let changed = try await commit(
                .createCollection(
                    .init(
                        identifier: identifier, name: creation.name, tenant: tenant, database: database, metadata: metadata,
                        index: creation.index, wireConfiguration: creation.wireConfiguration)))
            return (try changed.entry(identifier).description, true)
        } catch {
            // Another request may have made it meanwhile; that one's answer may still be on its way to the disk, so wait for the catalog to show it.
            guard creation.getIfExists, case .collectionExists = error.reason else { throw error }
            try await waitForAcceptedChanges()
            return (try collection(named: creation.name, tenant: tenant, database: database), false)
        }
    }

    /// The collections of a database, oldest first; none for a database that does not exist.
    public func collections(tenant: String, database: String, limit: Int? = nil, offset: Int = 0) -> [CollectionDescription] {
        catalog.current.entries(tenant: tenant, database: database).page(limit: limit, offset: offset).map(\.description)
    }

    /// How many collections a database has. Cost: O(1).
    public func collectionCount(tenant: String, database: String) -> Int {
        catalog.current.tenants[tenant]?.databases[database]?.collections.count ?? 0
    }

    /// - Throws: `collectionNotFound`.
    public func collection(named name: String, tenant: String, database: String) throws(RequestError) -> CollectionDescription {
        try catalog.current.entry(named: name, tenant: tenant, database: database).description
    }

    /// - Throws: `collectionIdentifierNotFound`.
    public func collection(_ identifier: CollectionIdentifier) throws(RequestError) -> CollectionDescription {
        try catalog.current.entry(identifier).description
    }

    /// - Throws: `collectionIdentifierNotFound`, `collectionExists` for a new name that is taken, `invalid` for a name or metadata beyond the limits.
    public func changeCollection(_ identifier: CollectionIdentifier, _ change: CollectionChange) async throws(RequestError) {
        if let name = change.name { try checkName(name) }
        if let metadata = change.metadata { try MetadataValidation.check(metadata, field: "metadata", limits) }
        _ = try await commit(.changeCollection(identifier, change))
    }

    /// - Throws: `collectionNotFound`.
    public func deleteCollection(named name: String, tenant: String, database: String) async throws(RequestError) {
        let entry = try catalog.current.entry(named: name, tenant: tenant, database: database)
        do throws(RequestError) {
            _ = try await commit(.deleteCollection(entry.identifier))
        } catch {
            guard case .collectionIdentifierNotFound = error.reason else { throw error }
            throw RequestError(.collectionNotFound(name: name))
        }
    }

    /// Deletes everything and starts over with the default tenant and database.
    /// - Throws: `resetDisabled` unless the configuration allows it.
    public func reset() async throws(RequestError) {
        guard configuration.allowReset else { throw RequestError(.resetDisabled) }
        _ = try await commit(.reset)
    }

    /// What characters a name may have is the wire's rule, which differs by version; that it is bounded is ours.
    func checkName(_ name: String) throws(RequestError) {
        let bytes = name.utf8.count
        guard bytes <= limits.nameBytes else { throw .invalid("name", "has \(bytes) bytes; the limit is \(limits.nameBytes)") }
    }

    // MARK: Committing

    /// Checks, logs and applies a change, and returns the catalog that it made once that is durable and visible.
    private func commit(_ change: CatalogChange) async throws(RequestError) -> Catalog {
        try checkWritable()
        let payload = LoggedChange.catalog(change).payload()
        let (number, changed) = try catalog.accept(change) { () throws(RequestError) in try append(payload) }
        try await settle(through: number)
        return changed
    }

    /// Waits until every change accepted so far is durable and visible, or known to have failed.
    private func waitForAcceptedChanges() async throws(RequestError) {
        for number in catalog.unsettled(through: catalog.lastAccepted) { try? await settle(through: number) }
    }

    /// Waits for the fate of a change of the catalog, and settles it and those before it.
    func settle(through number: SequenceNumber) async throws(RequestError) {
        try await settle(
            number, unsettled: catalog.unsettled(through:), confirm: catalog.confirm, withdraw: catalog.withdraw)
    }
}

extension Array {
    /// The elements from `offset` on, at most `limit`.
    fileprivate func page(limit: Int?, offset: Int) -> ArraySlice<Element> {
        dropFirst(Swift.max(0, offset)).prefix(Swift.max(0, limit ?? .max))
    }
}
