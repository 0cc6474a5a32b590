package import VectorModel

/// One change of the catalog, as the log holds it.
package enum CatalogChange: Sendable {
    package struct Creation: Sendable {
        package var identifier: CollectionIdentifier
        package var name: String
        package var tenant: String
        package var database: String
        package var metadata: Metadata?
        package var index: IndexConfiguration
        package var wireConfiguration: [UInt8]

        package init(
            identifier: CollectionIdentifier, name: String, tenant: String, database: String, metadata: Metadata?, index: IndexConfiguration,
            wireConfiguration: [UInt8]
        ) {
            self.identifier = identifier
            self.name = name
            self.tenant = tenant
            self.database = database
            self.metadata = metadata
            self.index = index
            self.wireConfiguration = wireConfiguration
        }
    }

    case createTenant(String)
    case createDatabase(CollectionIdentifier, name: String, tenant: String)
    case deleteDatabase(name: String, tenant: String)
    case createCollection(Creation)
    /// Makes a collection that begins as a copy of another, in its database and with its settings.
    case forkCollection(CollectionIdentifier, name: String, from: CollectionIdentifier)
    case changeCollection(CollectionIdentifier, CollectionChange)
    case deleteCollection(CollectionIdentifier)
    case reset
}
