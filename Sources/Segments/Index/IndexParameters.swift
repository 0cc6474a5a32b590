public import Indexes

/// What an index is built with: its kind and the parameters that shape it. Those of a search are not among them.
public enum IndexParameters: Hashable, Sendable {
    /// Links per node, and the candidates that are kept while a node's neighbours are looked for.
    case hnsw(M: Int, efConstruction: Int)
    /// How many lists; `nil`: as many as suit the number of rows.
    case ivf(nlist: Int?)

    public var kind: IndexKind {
        switch self {
        case .hnsw: .hnsw
        case .ivf: .ivf
        }
    }
}

/// What an index file says of itself.
public struct IndexSummary: Hashable, Sendable {
    public let parameters: IndexParameters
    /// Rows of the segment that are in it: those with a vector.
    public let rowCount: Int
    /// What the index takes beside the vectors.
    public let bytes: Int

    public var kind: IndexKind { parameters.kind }
}
