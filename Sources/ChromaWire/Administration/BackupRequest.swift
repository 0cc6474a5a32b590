/// A backup that is asked for: names of one path component each, below the server's directory for backups.
public struct BackupRequest: Hashable, Sendable {
    public enum Format: String, CaseIterable, Hashable, Sendable {
        case directory
        case tar
    }

    /// `nil`: the server chooses one that tells the time.
    public var name: String?
    public var format: Format
    /// An earlier backup, to share files with.
    public var base: String?

    public init(name: String? = nil, format: Format = .directory, base: String? = nil) {
        self.name = name
        self.format = format
        self.base = base
    }

    /// The name's longest form in bytes; file systems allow 255, and parts of a name are added while a backup is made.
    public static let nameBytesMax = 128
}

extension RequestDecoder {
    /// Reads the body of a backup; an empty one asks for the usual. A field that is not known is refused: half an instruction is worse than none.
    public func backup(_ body: RequestBody) throws(WireError) -> BackupRequest {
        guard body.count > 0 else { return BackupRequest() }
        return try read(body, "BackupRequest") { fields throws(WireError) in
            try refuseOthers(than: ["name", "format", "base"], in: fields)
            var request = BackupRequest()
            request.name = try backupName(fields, "name")
            request.base = try backupName(fields, "base")
            if let text = try fields.optionalString("format") {
                guard let format = BackupRequest.Format(rawValue: text) else {
                    let known = BackupRequest.Format.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .rule("Validation error: format: must be one of \(known)", dialect)
                }
                request.format = format
            }
            if request.format == .tar, request.base != nil {
                throw .rule(
                    "Validation error: base: a backup in a single file shares nothing with an earlier one; leave it out or use the format directory",
                    dialect)
            }
            return request
        }
    }

    /// Reads the body of a request that has nothing to say: empty, or an object without fields.
    public func nothing(_ body: RequestBody) throws(WireError) {
        guard body.count > 0 else { return }
        try read(body, "Nothing") { fields throws(WireError) in try refuseOthers(than: [], in: fields) }
    }

    /// Refuses fields that are not known.
    func refuseOthers(than known: [String], in fields: JSONFields) throws(WireError) {
        guard let other = fields.names.first(where: { !known.contains($0) }) else { return }
        let expected = known.isEmpty ? "there are no fields" : "expected one of \(known.map { "`\($0)`" }.joined(separator: ", "))"
        throw .type(.root, "unknown field `\(other.prefix(64))`, \(expected)", dialect)
    }

    /// One path component of harmless characters: what a client sends must never lead out of the directory.
    private func backupName(_ fields: JSONFields, _ field: String) throws(WireError) -> String? {
        guard let name = try fields.optionalString(field) else { return nil }
        let isHarmless = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard (1...BackupRequest.nameBytesMax).contains(name.utf8.count), isHarmless, name.first != ".", name.first != "-",
            !name.hasSuffix(".tmp"), !name.hasSuffix(".parts")
        else {
            throw .rule(
                "Validation error: \(field): must be 1 to \(BackupRequest.nameBytesMax) letters, digits, '.', '_' and '-', begin with a letter, "
                    + "digit or '_', and not end in .tmp or .parts",
                dialect)
        }
        return name
    }
}
