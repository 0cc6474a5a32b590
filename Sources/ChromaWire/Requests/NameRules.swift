/// The rules that names follow, which differ by version.
extension RequestDecoder {
    public func createTenant(_ body: RequestBody) throws(WireError) -> String {
        let name = try read(body, "CreateTenantPayload") { fields throws(WireError) in try fields.requiredString("name") }
        guard name.unicodeScalars.count >= 3 else {
            throw .rule(
                "Validation error: name: Tenant name must be at least 3 characters long", version1: "Tenant name must be at least 3 characters long", dialect)
        }
        return name
    }

    /// The new resource name.
    public func updateTenant(_ body: RequestBody) throws(WireError) -> String {
        try read(body, "UpdateTenantPayload") { fields throws(WireError) in try fields.requiredString("resource_name") }
    }

    public func createDatabase(_ body: RequestBody) throws(WireError) -> String {
        let name = try read(body, "CreateDatabasePayload") { fields throws(WireError) in try fields.requiredString("name") }
        switch dialect.version {
        case .v1:
            guard name.unicodeScalars.count >= 3 else { throw .rule("Database name must be at least 3 characters long", dialect) }
        case .v2:
            guard NameRules.hasForm(name, lengths: 3...512) else { throw .rule(NameRules.formText(name), dialect) }
        }
        return name
    }

    /// A database's name in a path: what is too short for any database is refused in version 2, not looked up.
    public func databaseName(_ name: String) throws(WireError) -> String {
        guard dialect.version == .v1 || name.utf8.count >= 3 else { throw .rule("database name must be at least 3 characters", dialect) }
        return name
    }

    func checkCollectionName(_ name: String, field: String) throws(WireError) {
        switch dialect.version {
        case .v1:
            guard NameRules.hasForm(name, lengths: 3...63), !name.contains(".."), !NameRules.isAddress(name) else {
                throw .rule(NameRules.version1Text(name), dialect)
            }
        case .v2:
            guard NameRules.hasForm(name, lengths: 3...512) else { throw .rule("Validation error: \(field): \(NameRules.formText(name))", dialect) }
            guard !name.contains("..") else {
                throw .rule("Validation error: \(field): Expected a name that does not contains two consecutive periods (..). Got \(name)", dialect)
            }
            guard !NameRules.isAddress(name) else {
                throw .rule("Validation error: \(field): Expected a name that is not a valid ip address. Got \(name)", dialect)
            }
        }
    }
}

enum NameRules {
    /// Letters, digits, `.`, `_` and `-`, with a letter or digit at both ends.
    static func hasForm(_ name: String, lengths: ClosedRange<Int>) -> Bool {
        let bytes = Array(name.utf8)
        guard lengths.contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last) && bytes.allSatisfy { isLetterOrDigit($0) || ".-_".utf8.contains($0) }
    }

    /// Four decimal numbers up to 255 with points between.
    static func isAddress(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { part in
            !part.isEmpty && part.count <= 3 && part.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } && UInt8(part) != nil && (part.count == 1 || part.first != "0")
        }
    }

    static func formText(_ name: String) -> String {
        "Expected a name containing 3-512 characters from [a-zA-Z0-9._-], starting and ending with a character in [a-zA-Z0-9]. Got: \(name)"
    }

    static func version1Text(_ name: String) -> String {
        "Expected collection name that (1) contains 3-63 characters, (2) starts and ends with an alphanumeric character, "
            + "(3) otherwise contains only alphanumeric characters, underscores or hyphens (-), (4) contains no two consecutive periods (..) and "
            + "(5) is not a valid IPv4 address, got \(name)"
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
