import ChromaWire
import Engine
import VectorModel

/// Collections.
extension ChromaHandlers {
    func createCollection(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let creation = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.createCollection(body) }
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        let (collection, _) = try await call.engine(.createCollection) { () async throws(RequestError) in
            try await database.createCollection(creation, tenant: tenant, database: name)
        }
        return .json(call.encoder.collection(collection))
    }

    func listCollections(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let page = try decoder(call).paging(limit: call.query["limit"], offset: call.query["offset"])
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        return .json(call.encoder.collections(database.collections(tenant: tenant, database: name, limit: page.limit, offset: page.offset)))
    }

    func countCollections(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        return .json(call.encoder.count(database.collectionCount(tenant: tenant, database: name)))
    }

    func getCollection(_ call: Call) throws(WireError) -> Reply {
        try collection(call, named: call.value(of: .collectionName), database: call.database(decoder(call)), tenant: call.tenant)
    }

    /// The collection of this id, if it is in the database that the path names.
    func getCollectionByIdentifier(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let identifier = try call.collectionIdentifier(decoder(call), for: .getCollection)
        let (tenant, name) = (try call.tenant, try call.database(decoder(call)))
        let collection = try call.read(.getCollection) { () throws(RequestError) in
            let collection = try database.collection(identifier)
            guard collection.tenant == tenant, collection.database == name else {
                throw RequestError(.collectionIdentifierNotFound(identifier))
            }
            return collection
        }
        return .json(call.encoder.collection(collection))
    }

    /// The collection that a resource name `tenant:database:collection` stands for. Only a tenant's name may have colons.
    func getCollectionByResourceName(_ call: Call) throws(WireError) -> Reply {
        let text = try call.value(of: .resourceName)
        guard let last = text.lastIndex(of: ":"), let first = text[..<last].lastIndex(of: ":") else {
            throw WireError(.invalid("crn", "Expected a collection resource name of the form tenant:database:collection"), dialect: call.dialect)
        }
        return try collection(
            call, named: String(text[text.index(after: last)...]), database: String(text[text.index(after: first)..<last]),
            tenant: String(text[..<first]))
    }

    func changeCollection(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let body = try await decodeBody(of: call, with: database) { _, body in body }
        let decoder = decoder(call)
        let identifier = try call.collectionIdentifier(decoder)
        // The body's own faults come before the collection's absence.
        let current = Result { () throws(RequestError) in try database.collection(identifier) }
        let change = try decoder.changeCollection(body, of: try? current.get())
        _ = try call.read(.changeCollection) { () throws(RequestError) in try current.get() }
        try await call.engine(.changeCollection) { () async throws(RequestError) in try await database.changeCollection(identifier, change) }
        return .json(call.encoder.acknowledged())
    }

    func deleteCollection(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let (tenant, name, collection) = (try call.tenant, try call.database(decoder(call)), try call.value(of: .collectionName))
        try await call.engine(.deleteCollection) { () async throws(RequestError) in
            try await database.deleteCollection(named: collection, tenant: tenant, database: name)
        }
        return .json(call.encoder.acknowledged())
    }

    /// A copy of a collection that shares its files.
    func fork(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let name = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.fork(body) }
        let source = try call.collectionIdentifier(decoder(call))
        let fork = try await call.engine { () async throws(RequestError) in try await database.fork(source, named: name) }
        return .json(call.encoder.collection(fork))
    }

    func forkCount(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let identifier = try call.collectionIdentifier(decoder(call))
        return .json(call.encoder.forkCount(try call.read { () throws(RequestError) in try database.forkCount(of: identifier) }))
    }

    private func collection(_ call: Call, named name: String, database: String, tenant: String) throws(WireError) -> Reply {
        let engine = try gate.database(call.dialect)
        return .json(call.encoder.collection(try call.read(.getCollection) { () throws(RequestError) in
            try engine.collection(named: name, tenant: tenant, database: database)
        }))
    }
}
