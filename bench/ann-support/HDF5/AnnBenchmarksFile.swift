package import LyricaClient
package import VectorModel

/// A data set in the layout of ann-benchmarks: matrices `train`, `test` and, nearest first, `neighbors`, and the attribute `distance`.
package struct AnnBenchmarksFile {
    private let file: HDF5File
    /// What the neighbours were computed with.
    package let metric: Metric

    /// Whether a path names an HDF5 file.
    package static func isNamed(by path: String) -> Bool { path.lowercased().hasSuffix(".hdf5") || path.lowercased().hasSuffix(".h5") }

    /// - Throws: `ClientError` when it is no such file, or of a distance that is none of ours.
    package init(path: String) throws(ClientError) {
        file = try HDF5File(path: path)
        guard let distance = try file.text("distance") else { throw .file(path: path, problem: "has no attribute distance") }
        switch distance {
        case "euclidean": metric = .l2
        case "angular": metric = .cosine
        case "dot", "ip", "inner_product": metric = .innerProduct
        default:
            throw .file(path: path, problem: "has the distance \"\(distance.prefix(40))\"; euclidean, angular and dot can be searched")
        }
    }

    package func base(limit: Int?, progress: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        try file.vectors("train", limit: limit, progress: progress)
    }

    package func queries(limit: Int?, progress: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        try file.vectors("test", limit: limit, progress: progress)
    }

    /// The true neighbours among all rows of `train`; `nil` when the file has none.
    package func neighbors() throws(ClientError) -> TrueNeighbors? {
        guard file.hasDataset("neighbors") else { return nil }
        return try file.neighbors("neighbors", baseRows: try file.shape(of: "train").rows)
    }
}
