import Engine
import TextSearch
import VectorModel

/// Reads rank expressions: an operator as the only name of an object, its operands as the value.
///
/// Depth and size are bounded here, before anything is built; what else the limits say the engine checks.
struct RankDecoder {
    let dialect: Dialect
    let limits: Limits
    private var nodes = 0

    init(dialect: Dialect, limits: Limits) {
        self.dialect = dialect
        self.limits = limits
    }

    mutating func decode(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> RankExpression {
        try expression(value, at: place, depth: 1)
    }

    private mutating func expression(_ value: JSONValue, at place: JSONPlace, depth: Int) throws(WireError) -> RankExpression {
        guard depth <= limits.rankDepth else { throw invalid(place, "is nested deeper than \(limits.rankDepth) levels") }
        nodes += 1
        guard nodes <= limits.rankNodes else { throw invalid(place, "has more than \(limits.rankNodes) operators and values") }
        guard value.kind == .object, value.count == 1 else {
            let found = value.kind == .object ? "\(value.count) names" : value.summary
            throw invalid(place, "expected an object with exactly one operator, got \(found)")
        }
        var result: RankExpression?
        try value.forEachMember { (name: String, operand: JSONValue) throws(WireError) in
            result = try operation(name, operand, at: place.field(name), depth: depth)
        }
        guard let result else { throw invalid(place, "expected an object with exactly one operator") }
        return result
    }

    private mutating func operation(_ name: String, _ value: JSONValue, at place: JSONPlace, depth: Int) throws(WireError) -> RankExpression {
        switch name {
        case "$val": return .value(try number(value, at: place))
        case "$knn", "$bm25":
            let fields = try JSONFields(value, at: place, expected: "a map", dialect)
            return .leaf(name == "$knn" ? try nearest(fields) : try words(fields))
        case "$sum": return .sum(try list(value, at: place, depth: depth))
        case "$mul": return .product(try list(value, at: place, depth: depth))
        case "$min": return .minimum(try list(value, at: place, depth: depth))
        case "$max": return .maximum(try list(value, at: place, depth: depth))
        case "$sub":
            let (left, right) = try pair(value, at: place, depth: depth)
            return .difference(left, right)
        case "$div":
            let (left, right) = try pair(value, at: place, depth: depth)
            return .quotient(left, right)
        case "$abs": return .absolute(try expression(value, at: place, depth: depth + 1))
        case "$exp": return .exponential(try expression(value, at: place, depth: depth + 1))
        case "$log": return .logarithm(try expression(value, at: place, depth: depth + 1))
        default:
            let known = "$val, $knn, $bm25, $sum, $sub, $mul, $div, $abs, $exp, $log, $min, $max"
            throw invalid(place, "is no operator of a rank expression; expected one of \(known)")
        }
    }

    private mutating func list(_ value: JSONValue, at place: JSONPlace, depth: Int) throws(WireError) -> [RankExpression] {
        guard value.kind == .array, value.count > 0 else { throw invalid(place, "expected a list of rank expressions that is not empty") }
        var parts: [RankExpression] = []
        try value.forEachElement { (index: Int, element: JSONValue) throws(WireError) in
            parts.append(try expression(element, at: place.element(index), depth: depth + 1))
        }
        return parts
    }

    private mutating func pair(_ value: JSONValue, at place: JSONPlace, depth: Int) throws(WireError) -> (RankExpression, RankExpression) {
        guard let left = value.member("left"), let right = value.member("right") else {
            throw invalid(place, "expected an object with 'left' and 'right'")
        }
        return (
            try expression(left, at: place.field("left"), depth: depth + 1), try expression(right, at: place.field("right"), depth: depth + 1)
        )
    }

    private func number(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> Double {
        guard let number = value.number else { throw invalid(place, "expected a number, got \(value.summary)") }
        return number
    }

    func invalid(_ place: JSONPlace, _ problem: String) -> WireError {
        .rule("Validation error: \(place): \(problem)", version1: "\(place): \(problem)", dialect)
    }
}

// MARK: Leaves

extension RankDecoder {
    private static let embeddingKey = "#embedding"
    /// What clients mean that send none.
    private static let usualLimit = 16

    /// The leaf that compares a vector, dense or sparse.
    private func nearest(_ fields: JSONFields) throws(WireError) -> RankLeaf {
        let key = try fields.optionalString("key") ?? Self.embeddingKey
        let place = fields.place.field("query")
        guard let value = try fields.optional("query") else { throw invalid(place, "is missing") }
        switch value.kind {
        case .array:
            guard key == Self.embeddingKey else {
                throw invalid(fields.place.field("key"), "a dense query searches \(Self.embeddingKey), not '\(key)', which may hold sparse vectors")
            }
            return try leaf(.dense(try vector(value, at: place), try overrides(fields)), fields)
        case .object:
            guard key != Self.embeddingKey else { throw invalid(place, "a sparse query needs the key of the metadata that holds sparse vectors") }
            return try leaf(.sparse(try SparseVectorDecoder(dialect: dialect).vector(value, at: place), key: key), fields)
        case .string:
            throw invalid(place, "is a text; the client must embed it, the server does not")
        case .null, .boolean, .integer, .unsigned, .double:
            throw invalid(place, "expected a list of numbers or a sparse vector, got \(value.summary)")
        }
    }

    /// The leaf that ranks documents by words.
    private func words(_ fields: JSONFields) throws(WireError) -> RankLeaf {
        let place = fields.place.field("query")
        guard let text = try fields.optionalString("query") else { throw invalid(place, "is missing") }
        var language: DocumentLanguage?
        var parameters = BM25Parameters.standard
        if let options = try fields.optional("options") {
            let options = try JSONFields(options, at: fields.place.field("options"), expected: "a map", dialect)
            if let name = try options.optionalString("language") { language = try self.language(name, at: options.place) }
            let (k1, b) = (try options.double("k1") ?? parameters.k1, try options.double("b") ?? parameters.b)
            parameters = try checked(options.place) { () throws(RequestError) in try BM25Parameters(k1: k1, b: b) }
        }
        return try leaf(.words(WordQuery(text, language: language), parameters), fields)
    }

    private func language(_ name: String, at place: JSONPlace) throws(WireError) -> DocumentLanguage {
        guard let language = DocumentLanguage(name: name) else {
            throw invalid(place.field("language"), "must be one of \(IndexLimits.languages.joined(separator: ", ")), got '\(name)'")
        }
        return language
    }

    /// What `make` makes; its error is worded as one of the body's, at `place`.
    private func checked<Value>(_ place: JSONPlace, _ make: () throws(RequestError) -> Value) throws(WireError) -> Value {
        do throws(RequestError) {
            return try make()
        } catch {
            guard case .invalid(let field, let problem) = error.reason else { throw WireError(error, dialect: dialect) }
            throw invalid(place.field(field), problem)
        }
    }

    private func leaf(_ query: RankLeaf.Query, _ fields: JSONFields) throws(WireError) -> RankLeaf {
        let limit = try fields.count("limit") ?? Self.usualLimit
        guard (1...limits.resultCount).contains(limit) else {
            throw invalid(fields.place.field("limit"), "must be from 1 to \(limits.resultCount), got \(limit)")
        }
        let missing = try fields.optional("default")
        return RankLeaf(
            query, limit: limit, missing: try missing.map { value throws(WireError) in try number(value, at: fields.place.field("default")) },
            countsPositions: try fields.boolean("return_rank", default: false))
    }

    private func overrides(_ fields: JSONFields) throws(WireError) -> SearchOverrides {
        try RequestDecoder(dialect: dialect, limits: limits).searchOverrides(fields)
    }

    /// A dense vector; a list that holds nothing but one is taken for it, as clients take it.
    private func vector(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> [Float] {
        var inner: JSONValue?
        if value.count == 1 {
            value.forEachElement { (_: Int, element: JSONValue) throws(Never) in if element.kind == .array { inner = element } }
        }
        let list = inner ?? value
        guard (1...limits.dimension).contains(list.count) else {
            throw invalid(place, "has \(list.count) numbers; there must be from 1 to \(limits.dimension)")
        }
        var numbers: [Float] = []
        if let bad = list.appendFloats(to: &numbers, count: list.count) { throw invalid(place.element(bad), "expected a number") }
        guard numbers.allSatisfy(\.isFinite) else { throw invalid(place, "must not have NaN or Infinity values") }
        return numbers
    }
}
