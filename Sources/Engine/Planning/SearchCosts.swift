/// What the planner takes the ways of searching to cost, in units of one code that a scan reads in passing.
///
/// All of them read codes of about one length, so the dimension does not matter.
package struct SearchCosts: Hashable, Sendable {
    /// A node of a graph that is visited: its block comes from memory that nobody has touched, and its neighbours are scored.
    package var node: Double
    /// A matching row that lies alone among rows that do not match.
    package var gatheredRow: Double
    /// A row whose list is looked into: 32 are scored at a time, few of them are looked at again, and most stand in two lists.
    package var listRow: Double
    /// An index is asked for at most this part of the matching rows: where most of them are wanted it only costs.
    package var matchesPerResultMin: Int

    package init(node: Double, gatheredRow: Double, listRow: Double, matchesPerResultMin: Int) {
        self.node = node
        self.gatheredRow = gatheredRow
        self.listRow = listRow
        self.matchesPerResultMin = matchesPerResultMin
    }

    /// About what was measured with 117,000 rows of 384 dimensions: 60 ns for a code in passing, 0.4 µs for a node and more where less of the
    /// graph is in a cache, some nanoseconds for a row of a list.
    package static let measured = SearchCosts(node: 10, gatheredRow: 3, listRow: 0.25, matchesPerResultMin: 4)
    /// An index is used wherever there is one: for tests, whose collections are small.
    package static let indexesAreFree = SearchCosts(node: 0, gatheredRow: 1, listRow: 0, matchesPerResultMin: 1)
}
