/// What lyrica-vectord says of its storage.
public struct StorageStatus: Equatable, Sendable {
    public struct DamagedCollection: Equatable, Sendable {
        public let id: String
        /// False: every request is refused.
        public let isReadable: Bool
        public let damage: String

        public init(id: String, isReadable: Bool, damage: String) {
            self.id = id
            self.isReadable = isReadable
            self.damage = damage
        }
    }

    public let isHealthy: Bool
    public let isReadOnly: Bool
    public let uptimeSeconds: Int
    public let memtableBytes: Int
    /// `nil` for a server that changes nothing.
    public let log: (files: Int, bytes: Int)?
    /// All of them; those in `damagedCollections` are the first.
    public let damagedCollectionCount: Int
    public let damagedCollections: [DamagedCollection]
    public let problems: [String]
    /// The whole answer, for `--json`.
    public let raw: JSONValue

    /// - Throws: `ClientError.unexpectedReply` when what is wrong cannot be read from it.
    public init(_ answer: JSONValue) throws(ClientError) {
        guard let object = answer.object, let isHealthy = object["healthy"]?.bool, let damaged = object["damaged_collections"]?.array,
            let problems = object["problems"]?.array
        else { throw .unexpectedReply("a status without the state of the storage") }
        self.isHealthy = isHealthy
        isReadOnly = object["read_only"]?.bool ?? false
        uptimeSeconds = object["uptime_seconds"]?.integer ?? 0
        memtableBytes = object["memtable_bytes"]?.integer ?? 0
        log = object["log"]?.object.map { ($0["files"]?.integer ?? 0, $0["bytes"]?.integer ?? 0) }
        damagedCollectionCount = object["damaged_collection_count"]?.integer ?? damaged.count
        damagedCollections = damaged.compactMap { entry in
            entry.object.map { object in
                .init(
                    id: object["id"]?.string ?? "?", isReadable: object["access"]?.string == "read_only", damage: object["damage"]?.string ?? "?")
            }
        }
        self.problems = problems.compactMap(\.string)
        raw = answer
    }

    public static func == (left: StorageStatus, right: StorageStatus) -> Bool { left.raw == right.raw }
}
