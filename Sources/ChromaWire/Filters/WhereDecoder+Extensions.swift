import Filtering
import VectorModel

/// Operators that Chroma does not know and answers with 400.
///
/// On a key: `$exists` and `$is_null` (true or false), `$between` (two numbers or two dates, both included), `$like`, `$prefix`, `$substring`,
/// `$regex` and `$not_regex` on a value that is one string, and `$gt`, `$gte`, `$lt`, `$lte` with a date as a string. `{"$date": "2024-05-31"}` is a
/// date for `$eq` and `$ne` too, where a string alone is a string. `$contains` on a key is Chroma's: an element of an array.
extension WhereDecoder {
    /// The condition of one operator under a metadata key; `nil` for what Chroma itself reads or refuses.
    func extendedOperation(_ name: String, _ value: JSONValue, key: String) throws(WireError) -> MetadataCondition? {
        switch name {
        case "$exists": return .compare(key: key, try truth(value, name) ? .exists : .missing)
        case "$is_null": return .compare(key: key, try truth(value, name) ? .missing : .exists)
        case "$between": return try between(value, key: key)
        case "$like": return .compare(key: key, .text(.like(try text(value, name))))
        case "$prefix": return .compare(key: key, .text(.prefix(try text(value, name))))
        case "$substring": return .compare(key: key, .text(.substring(try text(value, name))))
        case "$regex": return .compare(key: key, .text(.matches(pattern: try text(value, name))))
        case "$not_regex": return .not(.compare(key: key, .text(.matches(pattern: try text(value, name)))))
        case "$eq" where value.kind == .object: return .compare(key: key, try dateComparison(.equal, value, name))
        case "$ne" where value.kind == .object: return .not(.compare(key: key, try dateComparison(.equal, value, name)))
        default:
            guard let order = Self.dateOrder(name), value.kind == .object || value.kind == .string else { return nil }
            return .compare(key: key, try dateComparison(order, value, name))
        }
    }

    /// The condition of one operator under `#document`; `nil` for what is not asked of the text.
    func documentOperation(_ name: String, _ value: JSONValue) throws(WireError) -> DocumentCondition? {
        switch name {
        case "$contains", "$not_contains", "$regex", "$not_regex":
            guard let text = value.string else {
                throw .rule("Invalid where clause", version1: "Expected operand value of \(name) on #document to be a str", dialect)
            }
            return try WhereDocumentDecoder(dialect: dialect, limits: limits).operation(name, text)
        case "$substring": return .contains(try text(value, name))
        case "$prefix": return .matches(pattern: LikePattern.regularExpression(prefix: try text(value, name)))
        case "$like":
            let pattern = try text(value, name)
            do throws(RequestError) {
                return .matches(pattern: try LikePattern.regularExpression(pattern, field: "where", limits: limits))
            } catch {
                throw WireError(error, dialect: dialect)
            }
        // Every document contains the empty text.
        case "$exists": return try truth(value, name) ? .contains("") : .notContains("")
        case "$is_null": return try truth(value, name) ? .notContains("") : .contains("")
        default: return nil
        }
    }

    private func truth(_ value: JSONValue, _ name: String) throws(WireError) -> Bool {
        guard let boolean = value.boolean else { throw refused("the operand of \(name) must be true or false") }
        return boolean
    }

    private func text(_ value: JSONValue, _ name: String) throws(WireError) -> String {
        guard let text = value.string else { throw refused("the operand of \(name) must be a string") }
        guard text.utf8.count <= limits.patternBytes else { throw refused("the operand of \(name) has more than \(limits.patternBytes) bytes") }
        return text
    }

    // MARK: Ranges and dates

    private func between(_ value: JSONValue, key: String) throws(WireError) -> MetadataCondition {
        var bounds: [JSONValue] = []
        if value.kind == .array, value.count == 2 {
            value.forEachElement { (_: Int, element: JSONValue) throws(Never) in bounds.append(element) }
        }
        guard bounds.count == 2 else { throw refused("the operand of $between must be a list of two numbers or two dates") }
        if let low = number(bounds[0]), let high = number(bounds[1]) {
            return .all([.compare(key: key, .greaterOrEqual(low)), .compare(key: key, .lessOrEqual(high))])
        }
        guard let low = date(bounds[0]), let high = date(bounds[1]) else {
            throw refused("the operand of $between must be two numbers or two ISO-8601 dates")
        }
        return .all([
            .compare(key: key, .date(DateComparison(.greaterOrEqual, microseconds: low))),
            .compare(key: key, .date(DateComparison(.lessOrEqual, microseconds: high))),
        ])
    }

    private func number(_ value: JSONValue) -> MetadataValue? {
        switch scalar(value) {
        case .integer(let integer): .integer(integer)
        case .float(let float): .float(float)
        default: nil
        }
    }

    private func dateComparison(_ order: DateComparison.Order, _ value: JSONValue, _ name: String) throws(WireError) -> MetadataComparison {
        guard let date = date(value) else {
            throw refused(
                order == .equal ? "the operand of \(name) is no ISO-8601 date" : "the operand of \(name) is neither a number nor an ISO-8601 date")
        }
        return .date(DateComparison(order, microseconds: date))
    }

    /// A date as a string, or as `{"$date": …}`.
    private func date(_ value: JSONValue) -> Int64? {
        switch value.kind {
        case .string: value.string.flatMap { DateText.microseconds($0) }
        case .object where value.count == 1: value.member("$date")?.string.flatMap { DateText.microseconds($0) }
        case .null, .boolean, .integer, .unsigned, .double, .array, .object: nil
        }
    }

    private static func dateOrder(_ name: String) -> DateComparison.Order? {
        switch name {
        case "$gt": .greater
        case "$gte": .greaterOrEqual
        case "$lt": .less
        case "$lte": .lessOrEqual
        default: nil
        }
    }
}
