import Indexes
package import Segments

/// Which index a segment is to have: a pure function of its size and its collection's configuration.
package struct IndexPolicy {
    /// A segment, as far as the choice depends on it.
    package struct Candidate: Equatable {
        /// Rows that may have a vector.
        let rowCount: Int
        /// Numbers per vector; `nil`: no row has one.
        let dimension: Int?
        /// What graphs of other segments take already.
        let graphBytesElsewhere: Int

        package init(rowCount: Int, dimension: Int?, graphBytesElsewhere: Int = 0) {
            self.rowCount = rowCount
            self.dimension = dimension
            self.graphBytesElsewhere = graphBytesElsewhere
        }
    }

    let options: StorageOptions

    package init(options: StorageOptions) {
        self.options = options
    }

    /// What an index of the segment is built with; `nil`: it is scanned.
    package func parameters(_ candidate: Candidate, _ configuration: IndexConfiguration) -> IndexParameters? {
        acceptable(candidate, configuration).first
    }

    /// The parameters that an index there is may have, the preferred first; none: the segment is scanned.
    ///
    /// What the server chose once stays, though it would choose otherwise now: memory comes and goes with other collections.
    package func acceptable(_ candidate: Candidate, _ configuration: IndexConfiguration) -> [IndexParameters] {
        guard let dimension = candidate.dimension, candidate.rowCount >= options.indexRowsMin else { return [] }
        let graph = graph(configuration)
        let lists = IndexParameters.ivf(nlist: configuration.nlist.map { min(max($0, 1), Self.nlistMax) })
        switch configuration.choice {
        case .flat: return []
        case .hnsw: return [graph]
        case .ivf: return [lists]
        case .automatic:
            let bytes = Self.graphBytes(rows: candidate.rowCount, dimension: dimension, M: configuration.M)
            return candidate.graphBytesElsewhere + bytes <= options.indexMemory ? [graph, lists] : [lists, graph]
        }
    }

    private func graph(_ configuration: IndexConfiguration) -> IndexParameters {
        // What a client asks for beyond what there is, is brought into it: Chroma takes any number.
        let parameters = HNSWParameters(M: configuration.M, efConstruction: configuration.efConstruction)
        return .hnsw(M: parameters.M, efConstruction: parameters.efConstruction)
    }

    private static let nlistMax = 1 << 20

    /// About what a graph takes: a row's codes, its links, and the codes of its neighbours beside them.
    package static func graphBytes(rows: Int, dimension: Int, M: Int) -> Int {
        let degree = HNSWParameters(M: M).degree
        let dimension = (dimension + 63) / 64 * 64
        return rows * (dimension + degree * (dimension / 8 + 12))
    }
}
