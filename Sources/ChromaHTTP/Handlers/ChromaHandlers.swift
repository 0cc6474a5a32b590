import ChromaWire
import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import VectorModel

/// Answers calls: one function per endpoint, in the files of this folder. Each reads its input, calls the engine once and writes the result.
struct ChromaHandlers: Sendable {
    let configuration: ChromaHTTPConfiguration
    let gate: DatabaseGate
    let bodies: BodyReader
    let connections: ClientConnections
    let documents: ServedDocuments
    let administration: Administration

    func answer(_ call: Call) async throws(WireError) -> Reply {
        switch call.route.endpoint {
        case .heartbeat: try heartbeat(call)
        case .version: version(call)
        case .preflightChecks: .json(call.encoder.preflight(maxBatchSize: configuration.limits.batchRows))
        case .healthcheck: healthcheck(call)
        case .identity: .json(call.encoder.identity(user: "", tenant: "default_tenant", databases: ["default_database"]))
        case .reset: try await reset(call)
        case .liveness: Reply(contentType: "text/plain; charset=utf-8", body: .fixed(ByteBuffer(string: "alive\n")))
        case .readiness: readiness()
        case .openAPIDocument: Reply(body: .fixed(documents.openAPI))
        case .documentationPage: Reply(contentType: "text/html; charset=utf-8", body: .fixed(documents.page))
        case .status: try status(call)
        case .flush: try await flush(call)
        case .verify: try await verify(call)
        case .backup: try await backup(call)
        case .indexStatus: try indexStatus(call)
        case .indexRebuild: try await rebuildIndexes(call)
        case .createTenant: try await createTenant(call)
        case .getTenant: try getTenant(call)
        case .updateTenant: try await updateTenant(call)
        case .createDatabase: try await createDatabase(call)
        case .listDatabases: try listDatabases(call)
        case .getDatabase: try getDatabase(call)
        case .deleteDatabase: try await deleteDatabase(call)
        case .createCollection: try await createCollection(call)
        case .listCollections: try listCollections(call)
        case .countCollections: try countCollections(call)
        case .getCollection: try getCollection(call)
        case .getCollectionByIdentifier: try getCollectionByIdentifier(call)
        case .getCollectionByResourceName: try getCollectionByResourceName(call)
        case .changeCollection: try await changeCollection(call)
        case .deleteCollection: try await deleteCollection(call)
        case .add: try await write(call, as: .add, operation: .add)
        case .update: try await write(call, as: .update, operation: .update)
        case .upsert: try await write(call, as: .upsert, operation: .upsert)
        case .get: try await get(call)
        case .query: try await query(call)
        case .delete: try await delete(call)
        case .count: try count(call)
        case .countMatching: try await countMatching(call)
        case .facets: try await facets(call)
        case .neighbors: try await neighbors(call)
        case .distances: try await distances(call)
        case .indexingStatus: try indexingStatus(call)
        case .search: try await search(call)
        case .fork: try await fork(call)
        case .forkCount: try forkCount(call)
        case .conditionalGet: try await conditionalGet(call)
        case .conditionalCommit: try await conditionalCommit(call)
        case .attachFunction, .getFunction, .addFunctionInput, .detachFunction:
            throw .notImplemented("Attaching functions", dialect: call.dialect)
        }
    }

    func decoder(_ call: Call) -> ChromaWire.RequestDecoder {
        ChromaWire.RequestDecoder(dialect: call.dialect, limits: configuration.limits)
    }

    /// When a search that starts now and says nothing itself is given up; `nil`: never.
    var usualDeadline: ContinuousClock.Instant? { configuration.querySecondsMax.map { .now + .seconds($0) } }

    /// Reads the body and turns it into a value: large ones on the engine's worker threads, so that they hold up no event loop.
    func decodeBody<Value: Sendable>(
        of call: Call, with database: VectorDatabase,
        _ decode: @escaping @Sendable (ChromaWire.RequestDecoder, ChromaWire.RequestBody) throws(WireError) -> Value
    ) async throws(WireError) -> Value {
        let decoder = decoder(call)
        try decoder.checkContentType(call.request.headers[.contentType])
        let body = try await bodies.read(call.request, from: call.channel, within: call.bodyShare, dialect: call.dialect)
        guard body.count >= configuration.inlineBodyBytesMax else { return try decode(decoder, body) }
        return try await onWorker(of: database, call) { () throws(WireError) in try decode(decoder, body) }
    }

    /// Runs work that may take long on the engine's worker threads.
    func onWorker<Value: Sendable>(
        of database: VectorDatabase, _ call: Call, _ work: @escaping @Sendable () throws(WireError) -> Value
    ) async throws(WireError) -> Value {
        let outcome = try await call.engine { () async throws(RequestError) in
            try await database.runOnWorker { () throws(RequestError) -> Result<Value, WireError> in
                Result { () throws(WireError) in try work() }
            }
        }
        return try outcome.get()
    }
}
