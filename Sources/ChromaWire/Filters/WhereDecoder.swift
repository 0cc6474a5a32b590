import Filtering
import VectorModel

/// Reads the `where` language: conditions on metadata and, under the key `#document`, on the document.
///
/// Several field names in one object mean all of them: clients never send that, other programs do. Depth and size are bounded by `Limits`.
struct WhereDecoder {
    let dialect: Dialect
    let limits: Limits
    private var conditions = 0

    init(dialect: Dialect, limits: Limits) {
        self.dialect = dialect
        self.limits = limits
    }

    private static let documentKey = "#document"

    /// - Returns: `nil` for the empty object, which version 1 clients send for "no filter".
    mutating func decode(_ value: JSONValue) throws(WireError) -> MetadataCondition? {
        if dialect.version == .v1, value.kind == .object, value.count == 0 { return nil }
        return try clause(value, depth: 1)
    }

    private mutating func clause(_ value: JSONValue, depth: Int) throws(WireError) -> MetadataCondition {
        guard depth <= limits.filterDepth else { throw .rule("Invalid where clause: nested deeper than \(limits.filterDepth) levels", dialect) }
        guard value.kind == .object, value.count > 0 else { throw invalid("Expected where to be a dict with exactly one operator") }
        var parts: [MetadataCondition] = []
        let isSingle = value.count == 1
        try value.forEachMember { (key: String, operand: JSONValue) throws(WireError) in
            switch key {
            case "$and", "$or":
                guard isSingle else { throw invalid("Expected where to have exactly one operator") }
                parts.append(try junction(operand, isAll: key == "$and", depth: depth))
            case Self.documentKey:
                parts.append(try onDocument(operand))
            case _ where key.hasPrefix("$"):
                throw invalid("Expected where operator to be one of $and, $or, got \(key)")
            default:
                parts.append(.compare(key: key, try comparison(operand)))
            }
            try count()
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    /// What stands under `#document`: an operator on the text. Any other comparison sees a key that no record has, and one with text is refused.
    private func onDocument(_ operand: JSONValue) throws(WireError) -> MetadataCondition {
        if operand.kind == .object, operand.count == 1 {
            for name in ["$contains", "$not_contains", "$regex", "$not_regex"] {
                guard let text = operand.member(name) else { continue }
                guard text.kind == .string else { throw invalid("Expected operand value of \(name) on \(Self.documentKey) to be a str") }
                var decoder = WhereDocumentDecoder(dialect: dialect, limits: limits)
                return .document(try decoder.operation(operand))
            }
        }
        let comparison = try comparison(operand)
        guard !Self.comparesText(comparison) else {
            throw .rule("Cannot filter using metadata key '#document' with type 'Str' because indexing is disabled", dialect)
        }
        return .compare(key: Self.documentKey, comparison)
    }

    private static func comparesText(_ comparison: MetadataComparison) -> Bool {
        switch comparison {
        case .equal(.string), .notEqual(.string), .contains(.string), .notContains(.string): true
        case .isIn(let list), .notIn(let list): if case .string? = list.first { true } else { false }
        case .equal, .notEqual, .contains, .notContains, .less, .lessOrEqual, .greater, .greaterOrEqual: false
        }
    }

    private mutating func junction(_ operand: JSONValue, isAll: Bool, depth: Int) throws(WireError) -> MetadataCondition {
        guard operand.kind == .array else {
            throw invalid("Expected where value for \(isAll ? "$and" : "$or") to be a list of where expressions")
        }
        var parts: [MetadataCondition] = []
        try operand.forEachElement { (_: Int, element: JSONValue) throws(WireError) in
            parts.append(try clause(element, depth: depth + 1))
        }
        if parts.count == 1 { return parts[0] }
        return isAll ? .all(parts) : .any(parts)
    }

    private mutating func count() throws(WireError) {
        conditions += 1
        guard conditions <= limits.filterConditions else {
            throw .rule("Invalid where clause: more than \(limits.filterConditions) conditions", dialect)
        }
    }

    private func comparison(_ operand: JSONValue) throws(WireError) -> MetadataComparison {
        if let scalar = scalar(operand) { return .equal(scalar) }
        guard operand.kind == .object, operand.count == 1 else {
            throw invalid("Expected where value to be a str, int, float, or operator expression with exactly one operator")
        }
        var result: MetadataComparison?
        try operand.forEachMember { (name: String, value: JSONValue) throws(WireError) in result = try operation(name, value) }
        guard let result else { throw invalid("Expected where value to have exactly one operator") }
        return result
    }

    private func operation(_ name: String, _ value: JSONValue) throws(WireError) -> MetadataComparison {
        switch name {
        case "$eq": .equal(try requireScalar(value, name))
        case "$ne": .notEqual(try requireScalar(value, name))
        case "$gt": .greater(try requireNumber(value, name))
        case "$gte": .greaterOrEqual(try requireNumber(value, name))
        case "$lt": .less(try requireNumber(value, name))
        case "$lte": .lessOrEqual(try requireNumber(value, name))
        case "$in": .isIn(try requireList(value, name))
        case "$nin": .notIn(try requireList(value, name))
        case "$contains": .contains(try requireScalar(value, name))
        case "$not_contains": .notContains(try requireScalar(value, name))
        default: throw invalid("Expected where operator to be one of $gt, $gte, $lt, $lte, $ne, $eq, $in, $nin, got \(name)")
        }
    }

    /// Integers above 64 bits are no values of a condition.
    private func scalar(_ value: JSONValue) -> MetadataValue? {
        switch value.kind {
        case .boolean: value.boolean.map { .boolean($0) }
        case .integer: value.integer.map { .integer($0) }
        case .double: value.number.map { .float($0) }
        case .string: value.string.map { .string($0) }
        case .null, .unsigned, .array, .object: nil
        }
    }

    private func requireScalar(_ value: JSONValue, _ name: String) throws(WireError) -> MetadataValue {
        guard let scalar = scalar(value) else { throw invalid("Expected operand value of \(name) to be a str, int, float or bool") }
        return scalar
    }

    private func requireNumber(_ value: JSONValue, _ name: String) throws(WireError) -> MetadataValue {
        switch scalar(value) {
        case .integer(let integer): return .integer(integer)
        case .float(let float): return .float(float)
        case .string, .boolean, .strings, .integers, .floats, .booleans, nil:
            throw invalid("Expected operand value to be an int or a float for operator \(name)")
        }
    }

    /// A list of scalars of one kind. After a float, integers count as floats; before one they do not.
    private func requireList(_ value: JSONValue, _ name: String) throws(WireError) -> [MetadataValue] {
        guard value.kind == .array, value.count > 0 else { throw invalid("Expected operand value of \(name) to be a non-empty list") }
        guard value.count <= limits.filterListCount else {
            throw .rule("Invalid where clause: the list of \(name) has more than \(limits.filterListCount) elements", dialect)
        }
        var list: [MetadataValue] = []
        list.reserveCapacity(value.count)
        var kind: JSONValue.Kind?
        try value.forEachElement { (_: Int, element: JSONValue) throws(WireError) in
            if kind == .double, let number = element.number { return list.append(.float(number)) }
            guard let scalar = scalar(element), kind == nil || kind == element.kind else {
                throw invalid("Expected where operand value of \(name) to be a list of values of the same type")
            }
            kind = element.kind
            list.append(scalar)
        }
        return list
    }

    private func invalid(_ version1: String) -> WireError {
        .rule("Invalid where clause", version1: version1, dialect)
    }
}
