import ChromaWire
import Engine
import VectorModel

/// Tenants and databases.
extension ChromaHandlers {
    func createTenant(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let name = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.createTenant(body) }
        try await call.engine { () async throws(RequestError) in try await database.createTenant(named: name) }
        return .json(call.encoder.acknowledged())
    }

    func getTenant(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let tenant = try call.tenant
        return .json(call.encoder.tenant(try call.read { () throws(RequestError) in try database.tenant(named: tenant) }))
    }

    /// A tenant has nothing that could be changed but its resource name, which Chroma's own single node forgets too: it is checked and dropped.
    func updateTenant(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let tenant = try call.tenant
        _ = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.updateTenant(body) }
        _ = try call.read { () throws(RequestError) in try database.tenant(named: tenant) }
        return .json(call.encoder.acknowledged())
    }

    func createDatabase(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let tenant = try call.tenant
        let name = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.createDatabase(body) }
        try await call.engine { () async throws(RequestError) in try await database.createDatabase(named: name, tenant: tenant) }
        return .json(call.encoder.acknowledged())
    }

    func listDatabases(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let tenant = try call.tenant
        let page = try decoder(call).paging(limit: call.query["limit"], offset: call.query["offset"])
        return .json(call.encoder.databases(database.databases(tenant: tenant, limit: page.limit, offset: page.offset)))
    }

    func getDatabase(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        return .json(call.encoder.database(try call.read { () throws(RequestError) in try database.database(named: name, tenant: tenant) }))
    }

    func deleteDatabase(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        try await call.engine(.deleteDatabase) { () async throws(RequestError) in try await database.deleteDatabase(named: name, tenant: tenant) }
        return .json(call.encoder.acknowledged())
    }
}
