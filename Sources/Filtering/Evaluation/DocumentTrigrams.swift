public import TextSearch
import VectorModel

/// What a trigram index can say of a document condition: made once per request, asked once per part.
public struct DocumentTrigrams: Sendable {
    private indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case text(TrigramQuery, isNegated: Bool)
    }

    private let root: Node

    /// - Parameter condition: its patterns must be such as `RegularExpression` has compiled.
    public init(_ condition: DocumentCondition) {
        root = Self.node(condition)
    }

    private static func node(_ condition: DocumentCondition) -> Node {
        switch condition {
        case .all(let parts): .all(parts.map(node))
        case .any(let parts): .any(parts.map(node))
        case .contains(let text): .text(TrigramQuery(containing: Array(text.utf8)), isNegated: false)
        case .notContains(let text): .text(TrigramQuery(containing: Array(text.utf8)), isNegated: true)
        case .matches(let pattern): .text(TrigramQuery(matching: pattern), isNegated: false)
        case .notMatches(let pattern): .text(TrigramQuery(matching: pattern), isNegated: true)
        }
    }

    /// Which rows match certainly and which possibly. Cost: that of reading the lists of the rarer trigrams.
    public func rows(in index: TrigramIndex) -> RowBounds { rows(root, index) }

    private func rows(_ node: Node, _ index: TrigramIndex) -> RowBounds {
        switch node {
        case .all(let parts):
            var found = RowBounds(exactly: .all(below: index.rowCount))
            for part in parts where !found.possible.isEmpty { found.formIntersection(rows(part, index)) }
            return found
        case .any(let parts):
            var found = RowBounds(exactly: OrdinalSet(bound: index.rowCount))
            for part in parts { found.formUnion(rows(part, index)) }
            return found
        case .text(let query, let isNegated):
            let possible = index.rows(query)
            let found = query.isExact ? RowBounds(exactly: possible) : RowBounds(anyOf: possible)
            return isNegated ? found.complement(in: .all(below: index.rowCount)) : found
        }
    }

    /// How many rows match, without reading lists.
    public func estimate(in index: TrigramIndex) -> TextEstimate { estimate(root, index) }

    private func estimate(_ node: Node, _ index: TrigramIndex) -> TextEstimate {
        let rows = index.rowCount
        switch node {
        case .all(let parts):
            let parts = parts.map { estimate($0, index) }
            return TextEstimate(
                lower: max(0, rows - parts.reduce(0) { $0 + (rows - $1.lower) }), expected: Self.product(parts.map(\.expected), of: rows),
                upper: parts.reduce(rows) { min($0, $1.upper) })
        case .any(let parts):
            let parts = parts.map { estimate($0, index) }
            return TextEstimate(
                lower: parts.reduce(0) { max($0, $1.lower) }, expected: rows - Self.product(parts.map { rows - $0.expected }, of: rows),
                upper: min(rows, parts.reduce(0) { $0 + $1.upper }))
        case .text(let query, let isNegated):
            let found = index.estimate(query)
            return isNegated ? TextEstimate(lower: rows - found.upper, expected: rows - found.expected, upper: rows - found.lower) : found
        }
    }

    /// How many of `rows` are in every one of sets of these sizes, if they are independent.
    private static func product(_ counts: [Int], of rows: Int) -> Int {
        guard rows > 0 else { return 0 }
        return Int((Double(rows) * counts.reduce(1) { $0 * Double($1) / Double(rows) }).rounded())
    }
}
