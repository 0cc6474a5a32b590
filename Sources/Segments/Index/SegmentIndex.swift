public import Indexes
public import VectorModel

/// A segment's index, checked and ready to be searched.
///
/// An index is a cache: what it returns is approximate, and whoever asked computes the distances from the floats. Any number of threads may search.
public final class SegmentIndex: Sendable {
    /// Which kind it is, decided once when it is opened.
    enum Kind: Sendable {
        case hnsw(HNSWIndex)
        case ivf(IVFIndex)

        var shape: (rowCount: Int, dimension: Int, metric: Metric) {
            switch self {
            case .hnsw(let index): (index.rowCount, index.dimension, index.metric)
            case .ivf(let index): (index.rowCount, index.dimension, index.metric)
            }
        }
    }

    let index: Kind
    public let summary: IndexSummary
    let seed: UInt64

    init(_ index: Kind, _ summary: IndexSummary, seed: UInt64) {
        self.index = index
        self.summary = summary
        self.seed = seed
    }

    public var kind: IndexKind { summary.kind }
    /// Rows of the segment that it can return: those with a vector.
    public var rowCount: Int { summary.rowCount }

    /// How many lists an inverted file has; `nil` for another kind.
    public var listCount: Int? {
        switch index {
        case .hnsw: nil
        case .ivf(let index): index.nlist
        }
    }

    /// Finds rows near `query`: see `VectorIndex.search`.
    public func search<Failure: Error>(
        _ query: UnsafeBufferPointer<Float>, wanted: Int, effort: Int, accepted: borrowing OrdinalSet?,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        switch index {
        case .hnsw(let index):
            try index.search(query, wanted: wanted, effort: effort, accepted: accepted, shouldContinue: shouldContinue)
        case .ivf(let index):
            try index.search(query, wanted: wanted, effort: effort, accepted: accepted, shouldContinue: shouldContinue)
        }
    }
}

/// What is known of a segment's index.
public enum SegmentIndexState: Sendable {
    /// There is none, or nobody has looked yet.
    case none
    /// There is a file, which nobody has opened: the first search has it opened.
    case closed(IndexSummary)
    case open(SegmentIndex)

    public var summary: IndexSummary? {
        switch self {
        case .none: nil
        case .closed(let summary): summary
        case .open(let index): index.summary
        }
    }

    public var index: SegmentIndex? {
        switch self {
        case .none, .closed: nil
        case .open(let index): index
        }
    }
}
