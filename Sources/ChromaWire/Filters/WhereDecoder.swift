import Filtering
import VectorModel

/// Reads the `where` language: conditions on metadata and, under the key `#document`, on the document.
///
/// All that Chroma reads means what it means there. What Chroma refuses and this reads besides: several keys in one object, or keys beside `$and` and
/// `$or`, and several operators under one key, which all have to hold; `$not` around a clause or around operators; and the operators of
/// `WhereDecoder+Extensions`. Depth and size are bounded by `Limits`.
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
        try checkDepth(depth)
        guard value.kind == .object, value.count > 0 else { throw invalid("Expected where to be a dict with exactly one operator") }
        var parts: [MetadataCondition] = []
        for (key, operand) in try members(of: value) {
            switch key {
            case "$and", "$or": parts.append(try junction(operand, isAll: key == "$and", depth: depth))
            case "$not": parts.append(.not(try clause(operand, depth: depth + 1)))
            case Self.documentKey: parts.append(try onDocument(operand, depth: depth))
            case _ where key.hasPrefix("$"): throw invalid("Expected where operator to be one of $and, $or, got \(key)")
            default: parts.append(try onKey(key, operand, depth: depth))
            }
        }
        return Self.joined(parts)
    }

    /// What has to hold of the members of one object, all of which have to.
    private static func joined(_ parts: [MetadataCondition]) -> MetadataCondition { parts.count == 1 ? parts[0] : .all(parts) }

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

    /// What stands under a metadata key: a value to be equal to, or operators.
    private mutating func onKey(_ key: String, _ operand: JSONValue, depth: Int) throws(WireError) -> MetadataCondition {
        if let scalar = scalar(operand) { return .compare(key: key, .equal(scalar)) }
        try requireOperators(operand, depth)
        var parts: [MetadataCondition] = []
        for (name, value) in try members(of: operand, counted: 1) {
            if name == "$not" {
                parts.append(.not(try onKey(key, value, depth: depth + 1)))
            } else if let condition = try extendedOperation(name, value, key: key) {
                parts.append(condition)
            } else {
                parts.append(.compare(key: key, try operation(name, value)))
            }
        }
        return Self.joined(parts)
    }

    /// What stands under `#document`: operators on the text. Any other comparison sees a key that no record has, and one with text is refused.
    private mutating func onDocument(_ operand: JSONValue, depth: Int) throws(WireError) -> MetadataCondition {
        if let scalar = scalar(operand) { return try onDocument(.equal(scalar)) }
        try requireOperators(operand, depth)
        var parts: [MetadataCondition] = []
        for (name, value) in try members(of: operand, counted: 1) {
            if name == "$not" {
                parts.append(.not(try onDocument(value, depth: depth + 1)))
            } else if let condition = try documentOperation(name, value) {
                parts.append(.document(condition))
            } else {
                parts.append(try onDocument(try operation(name, value)))
            }
        }
        return Self.joined(parts)
    }

    private func onDocument(_ comparison: MetadataComparison) throws(WireError) -> MetadataCondition {
        guard !Self.comparesText(comparison) else {
            throw .rule("Cannot filter using metadata key '#document' with type 'Str' because indexing is disabled", dialect)
        }
        return .compare(key: Self.documentKey, comparison)
    }

    private static func comparesText(_ comparison: MetadataComparison) -> Bool {
        switch comparison {
        case .equal(.string), .notEqual(.string), .contains(.string), .notContains(.string), .text, .date: true
        case .isIn(let list), .notIn(let list): if case .string? = list.first { true } else { false }
        case .equal, .notEqual, .contains, .notContains, .less, .lessOrEqual, .greater, .greaterOrEqual, .exists, .missing: false
        }
    }

    // MARK: Bounds

    private func checkDepth(_ depth: Int) throws(WireError) {
        guard depth <= limits.filterDepth else { throw refused("nested deeper than \(limits.filterDepth) levels") }
    }

    /// The members of an object, each of which counts as a condition.
    /// - Parameter counted: how many of them have been counted: a key's first operator is the key's condition.
    private mutating func members(of object: JSONValue, counted: Int = 0) throws(WireError) -> [(name: String, value: JSONValue)] {
        conditions += object.count - counted
        guard conditions <= limits.filterConditions else { throw refused("more than \(limits.filterConditions) conditions") }
        var members: [(name: String, value: JSONValue)] = []
        members.reserveCapacity(object.count)
        object.forEachMember { (name: String, value: JSONValue) throws(Never) in members.append((name, value)) }
        return members
    }

    private func requireOperators(_ operand: JSONValue, _ depth: Int) throws(WireError) {
        try checkDepth(depth)
        guard operand.kind == .object, operand.count > 0 else {
            throw invalid("Expected where value to be a str, int, float, or operator expression with exactly one operator")
        }
    }

    // MARK: Chroma's operators

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
    func scalar(_ value: JSONValue) -> MetadataValue? {
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
        case .string, .boolean, .strings, .integers, .floats, .booleans, .sparse, nil:
            throw invalid("Expected operand value to be an int or a float for operator \(name)")
        }
    }

    /// A list of scalars of one kind. After a float, integers count as floats; before one they do not.
    private func requireList(_ value: JSONValue, _ name: String) throws(WireError) -> [MetadataValue] {
        guard value.kind == .array, value.count > 0 else { throw invalid("Expected operand value of \(name) to be a non-empty list") }
        guard value.count <= limits.filterListCount else {
            throw refused("the list of \(name) has more than \(limits.filterListCount) elements")
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

    // MARK: Errors

    /// In Chroma's words, which do not say what is wrong in version 2.
    private func invalid(_ version1: String) -> WireError {
        .rule("Invalid where clause", version1: version1, dialect)
    }

    /// In our words, for what Chroma does not know.
    func refused(_ problem: String) -> WireError {
        .rule("Invalid where clause: \(problem)", dialect)
    }
}
