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
    /// An index proposes rows before anybody knows which of them match; the filter is asked about those only.
    indirect case filterLast(PartPlan)

    package var description: String {
        switch self {
        case .nothing: "nothing"
        case .scan: "scan"
        case .graph(let efSearch, let wanted): "graph, efSearch \(efSearch), re-rank \(wanted)"
        case .lists(let nprobe, let wanted): "lists, nprobe \(nprobe), re-rank \(wanted)"
        case .filterLast(let search): "\(search), then filter"
        }
    }

    /// What an index is asked for; `nil` where none is.
    package var proposals: (effort: Int, wanted: Int)? {
        switch self {
        case .nothing, .scan: nil
        case .graph(let efSearch, let wanted): (efSearch, wanted)
        case .lists(let nprobe, let wanted): (nprobe, wanted)
        case .filterLast(let search): search.proposals
        }
    }

    /// Whether the answer may lack rows that are nearer than those it has.
    package var isApproximate: Bool {
        switch self {
        case .nothing, .scan: false
        case .graph, .lists, .filterLast: true
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
