import ChromaWire
import VectorModel

/// What the OpenAPI document says about an endpoint.
struct EndpointDescription {
    let tag: Tag
    let summary: String
    var details: String?
    /// The schema of the request's body, if it has one.
    var request: String?
    var status = 200
    var answer: Answer = .schema("Empty")
    var query: [QueryParameter] = []
    /// Whether it may be answered with an error; those of the protocols always may.
    var canFail = false

    enum Tag: String, CaseIterable {
        case server = "Server"
        case administration = "Administration"
        case tenants = "Tenants and databases"
        case collections = "Collections"
        case records = "Records"
        case later = "Not offered"
    }

    enum Answer {
        case schema(String)
        case list(of: String)
        case value(DocumentValue)
        case text(type: String)
        /// JSON objects, one a line, sent as they come.
        case lines(of: String)
        case notImplemented
    }

    struct QueryParameter {
        let name: String
        let schema: DocumentValue
        let description: String

        static let limit = QueryParameter(name: "limit", schema: ["type": "integer", "minimum": 0], description: "At most so many.")
        static let offset = QueryParameter(name: "offset", schema: ["type": "integer", "minimum": 0], description: "Leave out so many first.")
    }
}

extension EndpointDescription {
    static func of(_ endpoint: Endpoint) -> EndpointDescription {
        switch endpoint {
        case .heartbeat: .init(tag: .server, summary: "Is the server there, and its data?", details: "503 while data is being recovered after a start.", answer: .schema("Heartbeat"))
        case .version: .init(tag: .server, summary: "The version of the protocol", answer: .value(["type": "string"]))
        case .preflightChecks: .init(tag: .server, summary: "Limits that clients ask for before they write", answer: .schema("Preflight"))
        case .healthcheck: .init(tag: .server, summary: "Health, in Chroma's words", answer: .schema("Health"))
        case .identity: .init(tag: .server, summary: "Who the client is", answer: .schema("Identity"))
        case .reset: .init(tag: .server, summary: "Delete everything", details: "Refused unless the server was started with --allow-reset.", answer: .value(["type": "boolean"]))
        case .liveness: .init(tag: .server, summary: "The process runs", answer: .text(type: "text/plain"))
        case .readiness:
            .init(
                tag: .server, summary: "Requests are served",
                details: "503 until the data is recovered, and while stopping. After `ready` a line for each damaged collection and each problem of "
                    + "the storage.",
                answer: .text(type: "text/plain"))
        case .openAPIDocument: .init(tag: .server, summary: "This document", answer: .value(["type": "object"]))
        case .documentationPage: .init(tag: .server, summary: "This document as a page", answer: .text(type: "text/html"))
        case .status:
            .init(tag: .administration, summary: "What the server does, and what is wrong with it", answer: .schema("Status"), canFail: true)
        case .flush:
            .init(
                tag: .administration, summary: "Write to segments what is only in memory and in the log", details: "The body may be empty.",
                answer: .schema("Flushed"), canFail: true)
        case .verify:
            .init(
                tag: .administration, summary: "Read everything on disk and check it",
                details: "Lines of progress, then one with the result. The body may be empty. Ends when the client closes the connection.",
                answer: .lines(of: "VerificationLine"), canFail: true)
        case .backup:
            .init(
                tag: .administration, summary: "Back up the database as it is at one change",
                details: "Below the directory of --backup-dir; without it 403. The body may be empty. Lines of progress, then one with the result. "
                    + "Cancelled when the client closes the connection: then no backup is left.",
                request: "BackupRequest", answer: .lines(of: "BackupLine"), canFail: true)
        case .indexStatus:
            .init(
                tag: .administration, summary: "Which rows have which index", answer: .schema("IndexReports"),
                query: [
                    .init(name: "collection", schema: OpenAPISchemas.uuid, description: "Only this collection."),
                    .init(
                        name: "limit", schema: ["type": "integer", "minimum": 0, "maximum": .integer(ResponseEncoder.indexReportsMax)],
                        description: "At most so many."),
                    .offset,
                ],
                canFail: true)
        case .indexRebuild:
            .init(
                tag: .administration, summary: "Build indexes anew",
                details: "Lines of progress, then one with the result; the old indexes serve until then. Ends when the client closes the connection: "
                    + "what is not built yet stays as it was. With `wait` false the answer comes at once and the work is done in the background. "
                    + "The body may be empty: then all collections are meant.",
                request: "IndexRebuildRequest", answer: .lines(of: "IndexRebuildLine"), canFail: true)
        case .createTenant: .init(tag: .tenants, summary: "Create a tenant", request: "Name")
        case .getTenant: .init(tag: .tenants, summary: "Get a tenant", answer: .schema("Tenant"))
        case .updateTenant: .init(tag: .tenants, summary: "Change a tenant", details: "The resource name is checked and not kept.", request: "TenantChange")
        case .createDatabase: .init(tag: .tenants, summary: "Create a database", request: "Name")
        case .listDatabases: .init(tag: .tenants, summary: "List the databases of a tenant", answer: .list(of: "Database"), query: [.limit, .offset])
        case .getDatabase: .init(tag: .tenants, summary: "Get a database", answer: .schema("Database"))
        case .deleteDatabase: .init(tag: .tenants, summary: "Delete a database and its collections")
        case .createCollection: .init(tag: .collections, summary: "Create a collection, or get it", request: "CollectionCreation", answer: .schema("Collection"))
        case .listCollections: .init(tag: .collections, summary: "List the collections of a database", answer: .list(of: "Collection"), query: [.limit, .offset])
        case .countCollections: .init(tag: .collections, summary: "Count the collections of a database", answer: .value(["type": "integer"]))
        case .getCollection: .init(tag: .collections, summary: "Get a collection by name", answer: .schema("Collection"))
        case .getCollectionByIdentifier: .init(tag: .collections, summary: "Get a collection by id", answer: .schema("Collection"))
        case .getCollectionByResourceName:
            .init(tag: .collections, summary: "Get a collection by its resource name", details: "`tenant:database:collection`", answer: .schema("Collection"))
        case .changeCollection: .init(tag: .collections, summary: "Change a collection's name, metadata or configuration", request: "CollectionChange")
        case .deleteCollection: .init(tag: .collections, summary: "Delete a collection and its records")
        case .add: .init(tag: .records, summary: "Add records", details: "Ids that exist already are left as they are.", request: "Records", status: 201, answer: .schema("Added"))
        case .update: .init(tag: .records, summary: "Change records", details: "Ids that do not exist are ignored.", request: "Records")
        case .upsert: .init(tag: .records, summary: "Change records, or add them", request: "Records")
        case .get: .init(tag: .records, summary: "Get records by id or condition", request: "GetRequest", answer: .schema("GetResult"))
        case .query: .init(tag: .records, summary: "Search the nearest records", request: "QueryRequest", answer: .schema("QueryResult"))
        case .delete: .init(tag: .records, summary: "Delete records by id or condition", request: "DeleteRequest", answer: .schema("DeleteResult"))
        case .count:
            .init(tag: .records, summary: "Count the records", answer: .value(["type": "integer"]), query: [
                .init(
                    name: "read_level", schema: ["type": "string", "enum": ["index_and_wal", "index_only", "index_and_bounded_wal"]],
                    description: "Every level sees every acknowledged write.")
            ])
        case .countMatching:
            .init(
                tag: .records, summary: "Count the records that a filter means", details: "Not part of Chroma's protocol.", request: "CountRequest",
                answer: .value(["type": "integer"]))
        case .facets:
            .init(
                tag: .records, summary: "Which values keys have, and how often", details: "Not part of Chroma's protocol. Exact.",
                request: "FacetRequest", answer: .schema("Facets"))
        case .neighbors:
            .init(
                tag: .records, summary: "The nearest other records of many records",
                details: "Not part of Chroma's protocol. The k-nearest-neighbour graph of a collection or a part of it, of one moment. At most "
                    + "\(Limits.standard.neighborRows) records are asked about at once; larger collections go page by page, with a cursor.",
                request: "NeighborRequest", answer: .schema("Neighbors"))
        case .distances:
            .init(
                tag: .records, summary: "The distances between records",
                details: "Not part of Chroma's protocol. A matrix of at most \(Limits.standard.matrixDistances) distances, the numbers that a query "
                    + "gives.",
                request: "DistanceRequest", answer: .schema("Distances"))
        case .indexingStatus:
            .init(
                tag: .records, summary: "How much of the collection is indexed",
                details: "Rows that need no index, since they are few or the collection asks for none, count as indexed. "
                    + "All rows are found at all times.",
                answer: .schema("IndexingStatus"))
        case .search:
            .init(
                tag: .records, summary: "Search by expressions over vectors, sparse vectors and words",
                details: "A batch of searches, answered from one state of the collection.", request: "SearchRequest", answer: .schema("SearchResult"))
        case .fork:
            .init(
                tag: .collections, summary: "Make a copy of a collection that shares its files",
                details: "At once, whatever its size. The copy has the records of one moment, the metadata and the settings; then they go their own ways.",
                request: "Fork", answer: .schema("Collection"))
        case .forkCount:
            .init(tag: .collections, summary: "Count the forks of a collection's line", answer: .schema("ForkCount"))
        case .conditionalGet:
            .init(
                tag: .records, summary: "Read for a transaction",
                details: "Without `read_token` at the newest moment, whose token is in the answer; with it at that moment, which is kept for half a "
                    + "minute after its last use: 412 `StaleReadError` after that.",
                request: "ConditionalGetRequest", answer: .schema("ConditionalGetResult"))
        case .conditionalCommit:
            .init(
                tag: .records, summary: "Commit a transaction",
                details: "All changes or none. 409 `ConditionalWriteConflictError` when a record that was read has changed since: read again.",
                request: "ConditionalCommit", answer: .schema("ConditionalCommitResult"))
        case .attachFunction: .later("Attach a function")
        case .getFunction: .later("Get an attached function")
        case .addFunctionInput: .later("Add input to an attached function")
        case .detachFunction: .later("Detach a function")
        }
    }

    private static func later(_ summary: String) -> EndpointDescription {
        .init(tag: .later, summary: summary, details: "Part of the protocol; this server answers 501.", status: 501, answer: .notImplemented)
    }
}
