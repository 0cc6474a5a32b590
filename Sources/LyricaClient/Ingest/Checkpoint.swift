/// How far an ingest got, and of what into where.
///
/// As a file it is one JSON object: `format` (`lyrica-checkpoint`), `version` (1), `collection_id`, `mode`, `source` and `embeddings` (each
/// `bytes` and `hash`, or null), `rows` (acknowledged without a gap), `offset` (where the next row starts) and `complete`.
public struct Checkpoint: Equatable, Sendable {
    /// What must be the same for an ingest to go on.
    public struct Subject: Equatable, Sendable {
        public var collectionID: String
        public var mode: WriteMode
        public var source: SourceFingerprint
        public var embeddings: SourceFingerprint?

        public init(collectionID: String, mode: WriteMode, source: SourceFingerprint, embeddings: SourceFingerprint?) {
            self.collectionID = collectionID
            self.mode = mode
            self.source = source
            self.embeddings = embeddings
        }
    }

    public var subject: Subject
    public var position: RowPosition
    public var isComplete: Bool

    private static let format = "lyrica-checkpoint"
    private static let version: Int64 = 1

    public init(subject: Subject, position: RowPosition, isComplete: Bool) {
        self.subject = subject
        self.position = position
        self.isComplete = isComplete
    }

    /// Why an ingest of `current` cannot go on from this checkpoint; `nil` when it can.
    public func obstacle(to current: Subject) -> String? {
        if subject.collectionID != current.collectionID { return "it belongs to another collection, or to one of this name that was deleted since" }
        if subject.mode != current.mode { return "it was made with --mode \(subject.mode.rawValue)" }
        if subject.source != current.source { return "the file of rows has changed since" }
        if subject.embeddings != current.embeddings { return "the embedding file has changed since" }
        if position.byteOffset > current.source.byteCount { return "it points behind the end of the file" }
        return nil
    }

    public var bytes: [UInt8] {
        JSONObject([
            .init("format", .string(Self.format)),
            .init("version", .integer(Self.version)),
            .init("collection_id", .string(subject.collectionID)),
            .init("mode", .string(subject.mode.rawValue)),
            .init("source", subject.source.json),
            .init("embeddings", subject.embeddings?.json ?? .null),
            .init("rows", .integer(Int64(position.rows))),
            .init("offset", .integer(Int64(position.byteOffset))),
            .init("complete", .bool(isComplete)),
        ]).bytes + [0x0A]
    }

    /// Reads what `bytes` wrote; `nil` for anything else.
    public init?(bytes: [UInt8]) {
        guard let object = (try? JSONParser.parse(bytes))?.object,
            object["format"]?.string == Self.format, object["version"] == .integer(Self.version),
            let collectionID = object["collection_id"]?.string,
            let mode = object["mode"]?.string.flatMap(WriteMode.init(rawValue:)),
            let source = SourceFingerprint(json: object["source"]),
            let embeddingsValue = object["embeddings"],
            let rows = object["rows"]?.integer, rows >= 0,
            let offset = object["offset"]?.integer, offset >= 0,
            let isComplete = object["complete"]?.bool
        else { return nil }
        let embeddings = SourceFingerprint(json: embeddingsValue)
        guard embeddingsValue.isNull || embeddings != nil else { return nil }
        subject = Subject(collectionID: collectionID, mode: mode, source: source, embeddings: embeddings)
        position = RowPosition(rows: rows, byteOffset: offset)
        self.isComplete = isComplete
    }
}
