import Filtering
import Indexes
import Segments
import VectorModel

/// A filter that is asked about the rows that an index proposes, and about all rows only when that does not do. For one part and one thread.
final class LateFilter {
    private let filter: ArrangedFilter
    private let reader: RowReader
    private let control: SearchControl
    /// The rows that were asked about so far, and those of them that match.
    private var tested: OrdinalSet
    private var matching: OrdinalSet

    /// - Parameter filter: arranged for the rows of `reader`.
    init(_ filter: ArrangedFilter, _ reader: RowReader, _ control: SearchControl) {
        self.filter = filter
        self.reader = reader
        self.control = control
        tested = OrdinalSet(bound: reader.rowCount)
        matching = OrdinalSet(bound: reader.rowCount)
    }

    /// How many rows were asked about.
    var testedCount: Int { tested.count }

    /// Those of some proposals that match, in their order.
    func matching(of proposals: [ApproximateNeighbor]) throws(RequestError) -> [ApproximateNeighbor] {
        var fresh = OrdinalSet(bound: tested.bound)
        for proposal in proposals where !tested.contains(Int(proposal.ordinal)) { fresh.insert(Int(proposal.ordinal)) }
        matching.formUnion(try matching(of: fresh))
        tested.formUnion(fresh)
        return proposals.filter { matching.contains(Int($0.ordinal)) }
    }

    /// Those of some rows that match, once and for all.
    func matching(of rows: OrdinalSet) throws(RequestError) -> OrdinalSet {
        var rows = rows
        try filter.apply(to: &rows, of: reader) { () throws(RequestError) in try control.check() }
        return rows
    }
}
