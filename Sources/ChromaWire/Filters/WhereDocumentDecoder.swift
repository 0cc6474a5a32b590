import Filtering
import VectorModel

/// Reads the `where_document` language.
struct WhereDocumentDecoder {
    let dialect: Dialect
    let limits: Limits
    private var conditions = 0

    init(dialect: Dialect, limits: Limits) {
        self.dialect = dialect
        self.limits = limits
    }

    /// - Returns: `nil` for the empty object, which version 1 clients send for "no filter".
    mutating func decode(_ value: JSONValue) throws(WireError) -> DocumentCondition? {
        if dialect.version == .v1, value.kind == .object, value.count == 0 { return nil }
        return try clause(value, depth: 1)
    }

    /// One operator that takes a text, as it stands under `#document` in a `where`; `nil` for any other.
    func operation(_ name: String, _ text: String) throws(WireError) -> DocumentCondition? {
        switch name {
        case "$contains": return .contains(text)
        case "$not_contains": return .notContains(text)
        case "$regex": return .matches(pattern: try checkedPattern(text))
        case "$not_regex": return .notMatches(pattern: try checkedPattern(text))
        default: return nil
        }
    }

    private mutating func clause(_ value: JSONValue, depth: Int) throws(WireError) -> DocumentCondition {
        guard depth <= limits.filterDepth else {
            throw .rule("Invalid where document clause: nested deeper than \(limits.filterDepth) levels", dialect)
        }
        guard value.kind == .object, value.count == 1 else { throw invalid("Expected where document to have exactly one operator") }
        conditions += 1
        guard conditions <= limits.filterConditions else {
            throw .rule("Invalid where document clause: more than \(limits.filterConditions) conditions", dialect)
        }
        var result: DocumentCondition?
        try value.forEachMember { (name: String, operand: JSONValue) throws(WireError) in
            result = switch name {
            case "$and": .all(try junction(operand, name, depth: depth))
            case "$or": .any(try junction(operand, name, depth: depth))
            case "$contains", "$not_contains", "$regex", "$not_regex": try operation(name, try text(operand, name))
            default:
                throw invalid("Expected where document operator to be one of $contains, $not_contains, $and, $or, got \(name)")
            }
        }
        guard let result else { throw invalid("Expected where document to have exactly one operator") }
        return result
    }

    private mutating func junction(_ operand: JSONValue, _ name: String, depth: Int) throws(WireError) -> [DocumentCondition] {
        guard operand.kind == .array else {
            throw invalid("Expected document value for \(name) to be a list of where document expressions")
        }
        var parts: [DocumentCondition] = []
        try operand.forEachElement { (_: Int, element: JSONValue) throws(WireError) in
            parts.append(try clause(element, depth: depth + 1))
        }
        return parts
    }

    private func text(_ operand: JSONValue, _ name: String) throws(WireError) -> String {
        guard let text = operand.string else { throw invalid("Expected where document operand value for operator \(name) to be a str") }
        return text
    }

    private func checkedPattern(_ pattern: String) throws(WireError) -> String {
        guard pattern.utf8.count <= limits.patternBytes else {
            throw .rule("Invalid where document clause: a pattern may have at most \(limits.patternBytes) bytes", dialect)
        }
        return pattern
    }

    private func invalid(_ version1: String) -> WireError {
        .rule("Invalid where document clause", version1: version1, dialect)
    }
}
