import Engine
import FileIO
import VectorModel

/// What all steps do with a database.
enum BenchDatabase {
    static let tenant = "default_tenant"
    static let database = "default_database"

    static func configuration(_ directory: String) -> VectorDatabase.Configuration { .init(dataDirectory: directory) }

    static func open(_ directory: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws -> VectorDatabase {
        try VectorDatabase.open(configuration(directory), fileSystem: fileSystem)
    }

    static func makeCollection(_ name: String, in database: VectorDatabase) async throws -> CollectionIdentifier {
        let creation = CollectionCreation(name: name, index: .init(metric: .cosine))
        return try await database.createCollection(creation, tenant: tenant, database: Self.database).collection.identifier
    }

    static func collection(_ name: String, in database: VectorDatabase) throws -> CollectionIdentifier {
        try database.collection(named: name, tenant: tenant, database: Self.database).identifier
    }

    /// Writes a batch, and again while the disk does not keep up, as a client would.
    /// - Returns: how often it was told to wait.
    static func write(_ batch: RecordBatch, to collection: CollectionIdentifier, in database: VectorDatabase) async throws -> Int {
        var refusals = 0
        while true {
            do {
                try await database.write(batch, as: .add, to: collection)
                return refusals
            } catch {
                guard case .overloaded = error.reason else { throw error }
                refusals += 1
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
