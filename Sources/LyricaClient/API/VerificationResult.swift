/// What a verification found, as the server tells it and as `--json` prints it.
public struct VerificationResult: Equatable, Sendable {
    public struct Finding: Equatable, Sendable {
        /// `damage`, `orphan` or `note`.
        public var severity: String
        public var file: String
        /// The byte in the file; `nil` where the file as a whole is meant.
        public var offset: Int?
        public var what: String
        public var expected: String
        public var found: String
        public var collection: String?
        /// What to do about it.
        public var remedy: String

        public init(
            severity: String, file: String, offset: Int?, what: String, expected: String, found: String, collection: String?, remedy: String
        ) {
            self.severity = severity
            self.file = file
            self.offset = offset
            self.what = what
            self.expected = expected
            self.found = found
            self.collection = collection
            self.remedy = remedy
        }
    }

    /// Nothing is damaged, and everything was looked at.
    public var isSound: Bool
    public var wasCancelled: Bool
    public var files: Int
    public var bytes: Int
    public var collections: Int
    public var rows: Int
    public var logRecords: Int
    /// All of them; those in `findings` are the first.
    public var findingCount: Int
    public var findings: [Finding]

    public init(
        isSound: Bool, wasCancelled: Bool, files: Int, bytes: Int, collections: Int, rows: Int, logRecords: Int, findingCount: Int,
        findings: [Finding]
    ) {
        self.isSound = isSound
        self.wasCancelled = wasCancelled
        self.files = files
        self.bytes = bytes
        self.collections = collections
        self.rows = rows
        self.logRecords = logRecords
        self.findingCount = findingCount
        self.findings = findings
    }

    /// - Throws: `ClientError.unexpectedReply` when it does not say whether all is well.
    public init(_ object: JSONObject) throws(ClientError) {
        guard let isSound = object["sound"]?.bool, let findings = object["findings"]?.array else {
            throw .unexpectedReply("a verification without its findings")
        }
        func count(_ key: String) -> Int { object[key]?.integer ?? 0 }
        self.init(
            isSound: isSound, wasCancelled: object["cancelled"]?.bool ?? false, files: count("files"), bytes: count("bytes"),
            collections: count("collections"), rows: count("rows"), logRecords: count("log_records"),
            findingCount: object["finding_count"]?.integer ?? findings.count, findings: findings.compactMap(\.object).map(Finding.init))
    }

    public var json: JSONObject {
        JSONObject([
            .init("sound", .bool(isSound)), .init("cancelled", .bool(wasCancelled)), .init("files", .integer(Int64(files))),
            .init("bytes", .integer(Int64(bytes))), .init("collections", .integer(Int64(collections))), .init("rows", .integer(Int64(rows))),
            .init("log_records", .integer(Int64(logRecords))), .init("finding_count", .integer(Int64(findingCount))),
            .init("findings", .array(findings.map { .object($0.json) })),
        ])
    }

    /// A line of totals, then some lines for each finding.
    public var lines: [String] {
        let verdict = isSound ? "no damage" : wasCancelled ? "not finished" : "damaged"
        func counted(_ number: Int, _ noun: String) -> String { ProgressMeter.counted(number, noun) }
        var lines = [
            "\(verdict): \(counted(files, "file")) of \(ByteCount.text(bytes)), \(counted(collections, "collection")), \(counted(rows, "row")), "
                + counted(logRecords, "log record")
        ]
        for finding in findings { lines += finding.lines }
        if findingCount > findings.count { lines.append("and \(counted(findingCount - findings.count, "more finding"))") }
        return lines
    }
}

extension VerificationResult.Finding {
    init(_ object: JSONObject) {
        func text(_ key: String) -> String { object[key]?.string ?? "?" }
        self.init(
            severity: text("severity"), file: text("file"), offset: object["offset"]?.integer, what: text("what"), expected: text("expected"),
            found: text("found"), collection: object["collection"]?.string, remedy: text("remedy"))
    }

    var json: JSONObject {
        JSONObject([
            .init("severity", .string(severity)), .init("file", .string(file)), .init("offset", offset.map { .integer(Int64($0)) } ?? .null),
            .init("what", .string(what)), .init("expected", .string(expected)), .init("found", .string(found)),
            .init("collection", collection.map { .string($0) } ?? .null), .init("remedy", .string(remedy)),
        ])
    }

    var lines: [String] {
        let place = "\(severity): \(file)\(offset.map { ", byte \($0)" } ?? "")"
        let details = ["\(what): expected \(expected), found \(found)"] + (collection.map { ["collection \($0)"] } ?? []) + [remedy]
        return [TerminalText.printable(place)] + details.map { "  " + TerminalText.printable($0) }
    }
}
