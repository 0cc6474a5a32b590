import Engine
import VectorModel

/// What a database must hold, as plain values: the model of the simulation. Changes are applied as the log orders them.
struct World {
    struct Record: Equatable {
        var vector: [Float]?
        var document: String?
        var uri: String?
        var metadata: Metadata?
    }

    struct Collection {
        let identifier: CollectionIdentifier
        let tenant: String
        let database: String
        let createdAt: UInt64
        var name: String
        var metadata: Metadata?
        var index: IndexConfiguration
        var wireConfiguration: [UInt8]
        /// Changes of its name, metadata and settings.
        var changes = 0
        var dimension: Int?
        var metadataKeys: [MetadataKey] = []
        /// The last change of its records.
        var last: UInt64 = 0
        /// In the order in which they were first inserted.
        var records: [(identifier: String, record: Record)] = []
    }

    static let tenant = "default_tenant"
    static let database = "default_database"

    /// By tenant, the ids of the databases by name.
    private(set) var tenants: [String: [String: CollectionIdentifier]] = [Self.tenant: [Self.database: .zero]]
    private(set) var collections: [CollectionIdentifier: Collection] = [:]

    /// The collections of a database, oldest first.
    func collections(tenant: String, database: String) -> [Collection] {
        all.filter { $0.tenant == tenant && $0.database == database }
    }

    /// Every collection, oldest first.
    var all: [Collection] { collections.values.sorted { $0.createdAt < $1.createdAt } }

    /// Every database but the first, which is never deleted here.
    var moreDatabases: [(tenant: String, name: String)] {
        tenants.flatMap { tenant, databases in databases.keys.map { (tenant, $0) } }.filter { $0.1 != Self.database }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    mutating func apply(_ change: LoggedChange, at number: UInt64) {
        switch change {
        case .catalog(let change): apply(change, at: number)
        case .write(let batch, let kind, let identifier):
            collections[identifier]?.apply(batch, kind)
            collections[identifier]?.last = number
        case .delete(let identifiers, let identifier):
            collections[identifier]?.records.removeAll { identifiers.contains($0.identifier) }
            collections[identifier]?.last = number
        case .group(let changes, let identifier):
            for change in changes {
                switch change {
                case .write(let batch, let kind): collections[identifier]?.apply(batch, kind)
                case .delete(let identifiers): collections[identifier]?.records.removeAll { identifiers.contains($0.identifier) }
                }
            }
            collections[identifier]?.last = number
        }
    }

    private mutating func apply(_ change: CatalogChange, at number: UInt64) {
        switch change {
        case .createTenant(let name): tenants[name] = [:]
        case .createDatabase(let identifier, let name, let tenant): tenants[tenant]?[name] = identifier
        case .deleteDatabase(let name, let tenant):
            tenants[tenant]?[name] = nil
            collections = collections.filter { $0.value.tenant != tenant || $0.value.database != name }
        case .createCollection(let creation):
            collections[creation.identifier] = Collection(
                identifier: creation.identifier, tenant: creation.tenant, database: creation.database, createdAt: number, name: creation.name,
                metadata: creation.metadata, index: creation.index, wireConfiguration: creation.wireConfiguration)
        case .forkCollection(let identifier, let name, let source): collections[identifier] = collections[source]?.fork(identifier, name, at: number)
        case .changeCollection(let identifier, let change): collections[identifier]?.apply(change)
        case .deleteCollection(let identifier): collections[identifier] = nil
        case .reset: self = World()
        }
    }
}

extension World.Collection {
    /// Grows with every change, also of its records.
    var version: Int { changes + Int(last - min(last, createdAt)) }

    func place(of identifier: String) -> Int? { records.firstIndex { $0.identifier == identifier } }

    fileprivate func fork(_ identifier: CollectionIdentifier, _ name: String, at number: UInt64) -> World.Collection {
        World.Collection(
            identifier: identifier, tenant: tenant, database: database, createdAt: number, name: name, metadata: metadata, index: index,
            wireConfiguration: wireConfiguration, dimension: dimension, metadataKeys: metadataKeys, last: last, records: records)
    }

    fileprivate mutating func apply(_ change: CollectionChange) {
        name = change.name ?? name
        if let changed = change.metadata { metadata = changed.isEmpty ? nil : changed }
        if var changed = change.index {
            (changed.metric, changed.element) = (index.metric, index.element)
            index = changed
        }
        wireConfiguration = change.wireConfiguration ?? wireConfiguration
        changes += 1
    }

    fileprivate mutating func apply(_ batch: RecordBatch, _ kind: WriteKind) {
        if let embeddings = batch.embeddings { dimension = embeddings.dimension }
        var nextVector = 0
        for (row, identifier) in batch.identifiers.enumerated() {
            var vector: [Float]?
            if let embeddings = batch.embeddings, embeddings.presence?[row] ?? true {
                vector = Array(embeddings.values[nextVector * embeddings.dimension..<(nextVector + 1) * embeddings.dimension])
                if index.element == .float16 { vector = vector.map { $0.map { Float(Float16($0)) } } }
                nextVector += 1
            }
            let place = place(of: identifier)
            switch kind {
            case .add where place != nil, .update where place == nil: continue
            case .add, .update, .upsert: break
            }
            var record = place.map { records[$0].record } ?? World.Record()
            record.vector = vector ?? record.vector
            record.document = batch.documents?[row] ?? record.document
            record.uri = batch.uris?[row] ?? record.uri
            if let patch = batch.metadatas?[row] { merge(patch, into: &record) }
            if let place { records[place].record = record } else { records.append((identifier, record)) }
        }
    }

    private mutating func merge(_ patch: Metadata, into record: inout World.Record) {
        var fields = record.metadata?.fields ?? []
        for field in patch.fields {
            let place = fields.firstIndex { $0.key == field.key }
            switch (place, field.value) {
            case (let place?, nil): fields.remove(at: place)
            case (let place?, .some): fields[place] = field
            case (nil, nil): break
            case (nil, .some): fields.append(field)
            }
        }
        record.metadata = fields.isEmpty ? nil : Metadata(fields: fields)
        for field in fields {
            guard let value = field.value else { continue }
            if let known = metadataKeys.firstIndex(where: { $0.name == field.key }) {
                metadataKeys[known].kinds.insert(value.kind)
            } else {
                metadataKeys.append(MetadataKey(name: field.key, kinds: value.kind))
            }
        }
    }
}

extension MetadataValue {
    fileprivate var kind: MetadataKinds {
        switch self {
        case .string, .strings: .string
        case .integer, .integers: .integer
        case .float, .floats: .float
        case .boolean, .booleans: .boolean
        case .sparse: .sparse
        }
    }
}
