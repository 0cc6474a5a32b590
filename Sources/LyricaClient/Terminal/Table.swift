/// A table of text for people: aligned columns under headings, no wider than the terminal.
public struct Table: Equatable, Sendable {
    /// A column's heading and how its cells are set.
    public struct Column: Equatable, Sendable {
        public let heading: String
        public let alignsRight: Bool
        /// Whether the column gives way when the terminal is too narrow; the others keep their width.
        public let shrinks: Bool

        public init(_ heading: String, alignsRight: Bool = false, shrinks: Bool = false) {
            self.heading = heading
            self.alignsRight = alignsRight
            self.shrinks = shrinks
        }
    }

    private static let gap = "  "
    /// Narrower than this a shrinking column says nothing; the line is then cut at its end instead.
    private static let columnsMinWhenShrunk = 8

    public let columns: [Column]
    private var rows: [[String]] = []

    public init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row of as many cells as there are columns. Cells are made printable: stored text cannot steer the terminal.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "one cell for each column")
        rows.append(cells.map { TerminalText.printable($0) })
    }

    /// The lines of the table.
    /// - Parameter width: Of the terminal, in columns; `nil` sets no limit.
    public func lines(width: Int?) -> [String] {
        let widths = columnWidths(within: width)
        let headings = columns.map(\.heading)
        let rule = widths.map { String(repeating: "─", count: $0) }
        return ([headings, rule] + rows).map { cells in
            let line = cells.indices.map { index in
                TerminalText.padded(
                    TerminalText.cut(cells[index], columnsMax: widths[index]), columns: widths[index], alignsRight: columns[index].alignsRight
                )
            }.joined(separator: Self.gap)
            let trimmed = String(line.reversed().drop { $0 == " " }.reversed())
            return width.map { TerminalText.cut(trimmed, columnsMax: $0) } ?? trimmed
        }
    }

    /// Natural widths; what is too much is taken from the widest shrinking column, one column after the other down to their minimum.
    private func columnWidths(within limit: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(TerminalText.columns(columns[index].heading)) { max($0, TerminalText.columns($1[index])) }
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + (columns.count - 1) * Self.gap.count - limit
        while excess > 0 {
            let shrinkable = widths.indices.filter { columns[$0].shrinks && widths[$0] > Self.columnsMinWhenShrunk }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
            // Down to the next widest at most, so that equals shrink alike.
            let next = shrinkable.filter { $0 != widest }.map { widths[$0] }.max() ?? Self.columnsMinWhenShrunk
            let step = min(excess, max(1, widths[widest] - max(next, Self.columnsMinWhenShrunk)))
            widths[widest] -= step
            excess -= step
        }
        return widths
    }
}
