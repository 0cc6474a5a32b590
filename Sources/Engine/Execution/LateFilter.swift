import Filtering
import Indexes
import Segments
import VectorModel

/// A filter that reads documents, and reads only those of rows that a search proposes, nearest first. For one part and one thread.
final class LateFilter {
    private let filter: ArrangedFilter
    private let reader: RowReader
    private let control: SearchControl
    /// Rows that match for all that is known without documents; some of them may not.
    let possible: OrdinalSet
    /// The rows of which it is known whether they match, and those of them that do.
    private var decided: OrdinalSet
    private var matching: OrdinalSet
    /// How many documents were read.
    private(set) var readCount = 0
    /// How many proposals were looked at, and how many of them match.
    private(set) var (proposedCount, acceptedCount) = (0, 0)

    /// - Parameters:
    ///   - filter: arranged for the rows of `reader`.
    ///   - bounds: what the filter says without reading documents.
    init(_ filter: ArrangedFilter, _ bounds: RowBounds, _ reader: RowReader, _ control: SearchControl) {
        self.filter = filter
        self.reader = reader
        self.control = control
        possible = bounds.possible
        decided = bounds.certain
        matching = bounds.certain
    }

    /// How many documents would have to be read to know all matching rows.
    var unreadCount: Int { undecided.count }

    /// What the planner has to know; `nil`: no document decides.
    var openness: OpenFilter? {
        let unread = unreadCount
        guard unread > 0 else { return nil }
        // What is certain by now is no guess, nor what is excluded.
        let (known, expected) = (Double(matching.count), filter.estimate.expected * Double(reader.rowCount))
        return OpenFilter(undecided: unread, matchShare: min(1, max(known, expected) / Double(possible.count)))
    }

    private var undecided: OrdinalSet {
        var rows = possible
        rows.subtract(decided)
        return rows
    }

    /// The first of some proposals that match, `count` at most.
    ///
    /// Documents are read some at a time, half as many as are probably needed: hardly any is read in vain, and since the sets of rows that are gone
    /// through each time are as long as the part, there are few such times.
    /// - Parameter proposals: possible rows, the nearest first.
    func first<Proposal>(
        _ count: Int, of proposals: [Proposal], row: (Proposal) -> UInt32
    ) throws(RequestError) -> [Proposal] {
        var found: [Proposal] = []
        var next = 0
        while found.count < count, next < proposals.count {
            let missing = count - found.count
            let share = Double(found.count + 1) / Double(next + 2)
            let some = proposals[next..<min(next + max(missing, Int(Double(missing) / share / 2)), proposals.count)]
            var unknown = OrdinalSet(bound: possible.bound)
            for proposal in some where !decided.contains(Int(row(proposal))) { unknown.insert(Int(row(proposal))) }
            try decide(unknown)
            for proposal in some where found.count < count && matching.contains(Int(row(proposal))) { found.append(proposal) }
            next = some.endIndex
        }
        proposedCount += next
        acceptedCount += found.count
        return found
    }

    /// All rows that match: every document is read that has not been.
    func allMatching() throws(RequestError) -> OrdinalSet {
        try decide(undecided)
        return matching
    }

    private func decide(_ rows: OrdinalSet) throws(RequestError) {
        guard !rows.isEmpty else { return }
        var accepted = rows
        try filter.decide(&accepted, of: reader) { () throws(RequestError) in try control.check() }
        matching.formUnion(accepted)
        decided.formUnion(rows)
        readCount += rows.count
    }
}
