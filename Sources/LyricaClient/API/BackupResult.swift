/// A backup that the server made.
public struct BackupResult: Equatable, Sendable {
    /// What it is called below the server's directory for backups.
    public let name: String
    /// The last change in it.
    public let sequence: Int
    /// When that was made; 0 if it is not known.
    public let unixMilliseconds: UInt64
    public let collections: Int
    public let files: Int
    public let bytes: Int
    /// Of `bytes`, what takes new space.
    public let newBytes: Int
    /// Collections of which the backup has only what could be read, and why.
    public let damagedCollections: [(id: String, problem: String)]
    /// The whole result, for `--json`.
    public let raw: JSONObject

    /// - Throws: `ClientError.unexpectedReply` when it does not say what was made.
    public init(_ object: JSONObject) throws(ClientError) {
        guard let name = object["name"]?.string, let sequence = object["sequence"]?.integer else {
            throw .unexpectedReply("a backup without name or number")
        }
        self.name = name
        self.sequence = sequence
        func count(_ key: String) -> Int { object[key]?.integer ?? 0 }
        unixMilliseconds = UInt64(max(0, count("unix_milliseconds")))
        collections = count("collections")
        files = count("files")
        bytes = count("bytes")
        newBytes = count("new_bytes")
        damagedCollections = (object["damaged_collections"]?.array ?? []).compactMap(\.object).map {
            ($0["id"]?.string ?? "?", $0["problem"]?.string ?? "?")
        }
        raw = object
    }

    public static func == (left: BackupResult, right: BackupResult) -> Bool { left.raw == right.raw }
}
