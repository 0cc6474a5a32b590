/// How one part of a collection is searched.
package enum PartPlan: Hashable, Sendable, CustomStringConvertible {
    /// Nothing in it matches.
    case nothing
    /// Every matching row is compared: the answer is exact.
    case scan
    /// A graph proposes `wanted` rows, keeping `efSearch` candidates.
    case graph(efSearch: Int, wanted: Int)
    /// An inverted file proposes `wanted` rows from `nprobe` of its lists.
    case lists(nprobe: Int, wanted: Int)
    /// So many rows are proposed before anybody knows which of them match; documents are read of those only, nearest first.
    indirect case filterLast(PartPlan, proposals: Int)

    package var description: String {
        switch self {
        case .nothing: "nothing"
        case .scan: "scan"
        case .graph(let efSearch, let wanted): "graph, efSearch \(efSearch), re-rank \(wanted)"
        case .lists(let nprobe, let wanted): "lists, nprobe \(nprobe), re-rank \(wanted)"
        case .filterLast(let search, let proposals): "\(search); \(proposals) proposals, then documents"
        }
    }

    /// What an index is asked for; `nil` where none is.
    package var proposals: (effort: Int, wanted: Int)? {
        switch self {
        case .nothing, .scan: nil
        case .graph(let efSearch, let wanted): (efSearch, wanted)
        case .lists(let nprobe, let wanted): (nprobe, wanted)
        case .filterLast(let search, _): search.proposals
        }
    }

    /// The least effort with which an index can propose so many rows.
    package func effort(forProposals count: Int) -> Int {
        switch self {
        case .graph(let efSearch, _): max(efSearch, count)
        case .lists(let nprobe, _): nprobe
        case .nothing, .scan: 0
        case .filterLast(let search, _): search.effort(forProposals: count)
        }
    }

    /// Whether the answer may lack rows that are nearer than those it has.
    package var isApproximate: Bool {
        switch self {
        case .nothing, .scan: false
        case .graph, .lists: true
        case .filterLast(let search, _): search.isApproximate
        }
    }
}

/// What the planner knows of a part.
package struct PartStatistics: Hashable, Sendable {
    /// An index that is ready.
    package enum Index: Hashable, Sendable {
        case none
        case graph
        case lists(count: Int)
    }

    /// Rows of the part.
    package var rowCount: Int
    /// Rows that may be returned; those without a vector may be among them.
    package var matchCount: Int
    package var index: Index

    package init(rowCount: Int, matchCount: Int, index: Index) {
        self.rowCount = rowCount
        self.matchCount = matchCount
        self.index = index
    }
}
