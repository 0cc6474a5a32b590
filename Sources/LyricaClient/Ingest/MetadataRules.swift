/// What the protocol takes as metadata: strings, integers, floats, booleans, lists of one of these, sparse vectors, and null for "no value".
enum MetadataRules {
    /// Keys that the protocol keeps for itself.
    private static let reservedKey = "chroma:document"

    /// What is wrong with a member, or `nil`.
    static func problem(with member: JSONObject.Member) -> String? {
        if member.key.isEmpty { return "a key is empty" }
        if member.key.hasPrefix("#") || member.key == reservedKey { return "key '\(shown(member.key))' is reserved" }
        return problem(with: member.value).map { "the value of '\(shown(member.key))' \($0)" }
    }

    private static func problem(with value: JSONValue) -> String? {
        switch value {
        case .null, .bool, .integer, .string: nil
        case .number(let number): number.isFinite ? nil : "is NaN or infinite"
        case .object(let object):
            SparseVectorRules.isMeant(by: object)
                ? SparseVectorRules.problem(with: object) : "is an object; only plain values, lists and sparse vectors can be stored"
        case .array(let elements): problem(withList: elements)
        }
    }

    private static func problem(withList elements: [JSONValue]) -> String? {
        guard let first = elements.first else { return "is an empty list" }
        for element in elements {
            switch element {
            case .null, .array, .object: return "is a list with \(element.kindName) in it"
            case .number(let number) where !number.isFinite: return "is a list with NaN or an infinity in it"
            case .bool, .integer, .number, .string: break
            }
        }
        return elements.allSatisfy { $0.kindName == first.kindName } ? nil : "is a list of mixed types"
    }

    /// A key for a message: harmless and not too long.
    static func shown(_ key: String) -> String {
        TerminalText.cut(TerminalText.printable(key), columnsMax: 60)
    }
}
