import ChromaWire
import HTTPTypes

/// The paths of the server: the one list that requests are matched against and that the OpenAPI document is made from.
public enum Routes {
    public static let all: [Route] = own + version2 + version1

    /// The server's own pages, outside both protocols.
    private static let own: [Route] = [
        Route(.get, "/healthz", .liveness, nil),
        Route(.get, "/readyz", .readiness, nil),
        Route(.get, "/openapi.json", .openAPIDocument, nil),
        Route(.get, "/docs", .documentationPage, nil),
        Route(.get, "/api/lyrica/v1/status", .status, nil),
        Route(.post, "/api/lyrica/v1/flush", .flush, nil),
        Route(.post, "/api/lyrica/v1/verify", .verify, nil),
        Route(.post, "/api/lyrica/v1/backup", .backup, nil),
        Route(.get, "/api/lyrica/v1/index/status", .indexStatus, nil),
        Route(.post, "/api/lyrica/v1/index/rebuild", .indexRebuild, nil),
    ]

    private static let version2: [Route] = {
        let tenant = "/tenants/{tenant}"
        let database = tenant + "/databases/{database}"
        let collection = database + "/collections/{collection_id}"
        let table: [(HTTPRequest.Method, String, Endpoint)] = [
            (.get, "", .heartbeat),
            (.get, "/heartbeat", .heartbeat),
            (.get, "/healthcheck", .healthcheck),
            (.get, "/version", .version),
            (.get, "/pre-flight-checks", .preflightChecks),
            (.get, "/auth/identity", .identity),
            (.post, "/reset", .reset),
            (.post, "/tenants", .createTenant),
            (.get, tenant, .getTenant),
            (.patch, tenant, .updateTenant),
            (.get, tenant + "/databases", .listDatabases),
            (.post, tenant + "/databases", .createDatabase),
            (.get, database, .getDatabase),
            (.delete, database, .deleteDatabase),
            (.get, database + "/collections", .listCollections),
            (.post, database + "/collections", .createCollection),
            (.get, database + "/collections_count", .countCollections),
            (.get, database + "/collections/{collection_name}", .getCollection),
            (.delete, database + "/collections/{collection_name}", .deleteCollection),
            (.put, collection, .changeCollection),
            (.get, database + "/collections/by-id/{collection_id}", .getCollectionByIdentifier),
            (.get, "/collections/{crn}", .getCollectionByResourceName),
            (.post, collection + "/add", .add),
            (.post, collection + "/update", .update),
            (.post, collection + "/upsert", .upsert),
            (.post, collection + "/get", .get),
            (.post, collection + "/query", .query),
            (.post, collection + "/delete", .delete),
            (.get, collection + "/count", .count),
            (.post, collection + "/count", .countMatching),
            (.post, collection + "/facets", .facets),
            (.post, collection + "/neighbors", .neighbors),
            (.post, collection + "/distances", .distances),
            (.get, collection + "/indexing_status", .indexingStatus),
            (.post, collection + "/search", .search),
            (.post, collection + "/fork", .fork),
            (.get, collection + "/fork_count", .forkCount),
            (.post, collection + "/conditional/get", .conditionalGet),
            (.post, collection + "/conditional/commit", .conditionalCommit),
            (.post, collection + "/functions/attach", .attachFunction),
            (.get, collection + "/functions/{function_name}", .getFunction),
            (.post, collection + "/attached_functions/{function_name}/add_input", .addFunctionInput),
            (.post, collection + "/attached_functions/{function_name}/detach", .detachFunction),
        ]
        return table.map { Route($0.0, "/api/v2" + $0.1, $0.2, .v2) }
    }()

    private static let version1: [Route] = {
        let collection = "/collections/{collection_id}"
        let table: [(HTTPRequest.Method, String, Endpoint)] = [
            (.get, "", .heartbeat),
            (.get, "/heartbeat", .heartbeat),
            (.get, "/version", .version),
            (.get, "/pre-flight-checks", .preflightChecks),
            (.post, "/reset", .reset),
            (.post, "/tenants", .createTenant),
            (.get, "/tenants/{tenant}", .getTenant),
            (.post, "/databases", .createDatabase),
            (.get, "/databases/{database}", .getDatabase),
            (.get, "/collections", .listCollections),
            (.post, "/collections", .createCollection),
            (.get, "/count_collections", .countCollections),
            (.get, "/collections/{collection_name}", .getCollection),
            (.delete, "/collections/{collection_name}", .deleteCollection),
            (.put, collection, .changeCollection),
            (.post, collection + "/add", .add),
            (.post, collection + "/update", .update),
            (.post, collection + "/upsert", .upsert),
            (.post, collection + "/get", .get),
            (.post, collection + "/query", .query),
            (.post, collection + "/delete", .delete),
            (.get, collection + "/count", .count),
            (.post, collection + "/count", .countMatching),
            (.post, collection + "/facets", .facets),
            (.post, collection + "/neighbors", .neighbors),
            (.post, collection + "/distances", .distances),
        ]
        return table.map { Route($0.0, "/api/v1" + $0.1, $0.2, .v1) }
    }()
}
