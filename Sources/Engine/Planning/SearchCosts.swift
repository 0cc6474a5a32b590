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
    /// A document that is compared with a condition after those before it.
    package var document: Double
    /// A document alone: the block that it is compressed in is opened for it.
    package var singleDocument: Double
    /// An index is asked for at most this part of the matching rows: where most of them are wanted it only costs.
    package var matchesPerResultMin: Int

    package init(node: Double, gatheredRow: Double, listRow: Double, document: Double, singleDocument: Double, matchesPerResultMin: Int) {
        self.node = node
        self.gatheredRow = gatheredRow
        self.listRow = listRow
        self.document = document
        self.singleDocument = singleDocument
        self.matchesPerResultMin = matchesPerResultMin
    }

    /// About what was measured with 117,000 rows of 384 dimensions: 20 ns for a code in passing, 30 ns for one of few, half a microsecond for a
    /// node, some nanoseconds for a row of a list, a quarter of a microsecond for a document of a few words, some microseconds for its block.
    package static let measured = SearchCosts(
        node: 25, gatheredRow: 1.5, listRow: 0.25, document: 12, singleDocument: 250, matchesPerResultMin: 4)
    /// An index is used wherever there is one: for tests, whose collections are small.
    package static let indexesAreFree = SearchCosts(
        node: 0, gatheredRow: 1, listRow: 0, document: 1, singleDocument: 0, matchesPerResultMin: 1)
}
