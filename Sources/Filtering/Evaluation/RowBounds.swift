public import VectorModel

/// Rows that match a condition, as far as is known without reading documents: every certain one does, and none that is not possible does. The
/// documents of the rows between decide.
public struct RowBounds: Equatable, Sendable {
    /// Never more than `possible`.
    public private(set) var certain: OrdinalSet
    public private(set) var possible: OrdinalSet

    init(certain: OrdinalSet, possible: OrdinalSet) {
        self.certain = certain
        self.possible = possible
    }

    /// All of it is known.
    init(exactly rows: OrdinalSet) { self.init(certain: rows, possible: rows) }

    /// Nothing of it is known but that no other row matches.
    init(anyOf rows: OrdinalSet) { self.init(certain: OrdinalSet(bound: rows.bound), possible: rows) }

    /// The same of more rows, of which nothing is known.
    func widened(to bound: Int) -> RowBounds {
        guard bound > possible.bound else { return self }
        var wide = RowBounds(certain: certain.widened(to: bound), possible: possible.widened(to: bound))
        wide.possible.insert(possible.bound...bound - 1)
        return wide
    }

    /// The rows whose documents decide.
    public var undecided: OrdinalSet {
        var rows = possible
        rows.subtract(certain)
        return rows
    }

    mutating func formIntersection(_ other: RowBounds) {
        certain.formIntersection(other.certain)
        possible.formIntersection(other.possible)
    }

    mutating func formUnion(_ other: RowBounds) {
        certain.formUnion(other.certain)
        possible.formUnion(other.possible)
    }

    /// Leaves only rows that are among `rows`.
    mutating func formIntersection(_ rows: OrdinalSet) {
        certain.formIntersection(rows)
        possible.formIntersection(rows)
    }

    /// Those of `rows` that do not match; these bounds are of a condition on the same rows.
    func complement(in rows: OrdinalSet) -> RowBounds {
        var result = RowBounds(certain: rows, possible: rows)
        result.certain.subtract(possible)
        result.possible.subtract(certain)
        return result
    }
}
