public import Engine
import VectorModel

/// What the server says of itself: the answer of `GET /api/lyrica/v1/status`.
public struct ServerStatus: Sendable {
    public var version: String
    /// Whole seconds since the server was started.
    public var uptimeSeconds: Int
    /// Whether backups may be made on request.
    public var allowsBackups: Bool
    public var database: DatabaseStatus
    /// Of every collection that can be read.
    public var indexes: [CollectionIndexReport]

    public init(version: String, uptimeSeconds: Int, allowsBackups: Bool, database: DatabaseStatus, indexes: [CollectionIndexReport]) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.allowsBackups = allowsBackups
        self.database = database
        self.indexes = indexes
    }

    /// Damaged collections and problems that one answer names; the rest is counted. A failing disk may take all collections at once.
    public static let namedMax = 1_000
}

extension ResponseEncoder {
    public func status(_ status: ServerStatus) -> WireBytes {
        let database = status.database
        return write { writer in
            writer.object([
                ("version", { $0.string(status.version) }),
                ("uptime_seconds", { $0.integer(status.uptimeSeconds) }),
                ("read_only", { $0.boolean(database.isReadOnly) }),
                ("backups", { $0.boolean(status.allowsBackups) }),
                ("healthy", { $0.boolean(database.storage.isHealthy) }),
                ("collections", { $0.integer(database.collections) }),
                ("memtable_bytes", { $0.integer(database.memtableBytes) }),
                ("indexes", { $0.indexTotals(status.indexes) }),
                ("log", { $0.optional(database.log) { writer, log in writer.log(log) } }),
                ("damaged_collection_count", { $0.integer(database.storage.damagedCollections.count) }),
                ("damaged_collections", { writer in
                    writer.array(database.storage.damagedCollections.prefix(ServerStatus.namedMax)) { writer, damaged in writer.damaged(damaged) }
                }),
                ("problems", { writer in
                    writer.array(database.storage.problems.prefix(ServerStatus.namedMax)) { writer, problem in writer.string(problem) }
                }),
            ])
        }
    }

    /// The answer to a flush.
    public func flushed() -> WireBytes {
        write { $0.object([("flushed", { $0.boolean(true) })]) }
    }
}

extension JSONWriter {
    fileprivate mutating func log(_ log: DatabaseStatus.Log) {
        object([
            ("files", { $0.integer(log.files) }),
            ("recycled_files", { $0.integer(log.recycledFiles) }),
            ("bytes", { $0.integer(log.bytes) }),
            ("last_durable", { $0.integer(log.lastDurable.rawValue) }),
            ("last_synced", { $0.integer(log.lastSynced.rawValue) }),
            ("archive_failure", { $0.optionalString(log.archiveFailure) }),
        ])
    }

    fileprivate mutating func damaged(_ damaged: StorageReport.DamagedCollection) {
        object([
            ("id", { $0.string(damaged.collection.description) }),
            ("access", { $0.string(damaged.isReadable ? "read_only" : "refused") }),
            ("damage", { $0.string(damaged.damage) }),
        ])
    }
}
