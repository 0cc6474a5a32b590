/// Every operation this server answers, whichever path it is reached by. The route table maps paths to these and one handler serves each.
public enum Endpoint: String, CaseIterable, Sendable {
    // The server itself.
    case heartbeat
    case version
    case preflightChecks
    case healthcheck
    case identity
    case reset
    case liveness
    case readiness
    case openAPIDocument
    case documentationPage

    // For whoever runs the server.
    case status
    case flush
    case verify
    case backup
    case indexStatus
    case indexRebuild

    // Tenants and databases.
    case createTenant
    case getTenant
    case updateTenant
    case createDatabase
    case listDatabases
    case getDatabase
    case deleteDatabase

    // Collections.
    case createCollection
    case listCollections
    case countCollections
    case getCollection
    case getCollectionByIdentifier
    case getCollectionByResourceName
    case changeCollection
    case deleteCollection
    case fork
    case forkCount

    // Records.
    case add
    case update
    case upsert
    case get
    case query
    case delete
    case count
    case countMatching
    case facets
    case neighbors
    case distances
    case indexingStatus
    case conditionalGet
    case conditionalCommit

    // Known to the protocol, not offered by this server: answered with 501.
    case search
    case attachFunction
    case getFunction
    case addFunctionInput
    case detachFunction
}
