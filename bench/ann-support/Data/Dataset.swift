package import LyricaClient
package import VectorModel

/// What is searched, with what, and what should be found.
package struct Dataset: Sendable {
    package let name: String
    package let metric: Metric
    package let base: VectorMatrix
    package let queries: VectorMatrix
    /// The true neighbours, where a file tells them.
    package let truth: TrueNeighbors?

    /// Checks that the parts fit each other.
    /// - Throws: `ClientError.data` that says what does not.
    package init(name: String, metric: Metric, base: VectorMatrix, queries: VectorMatrix, truth: TrueNeighbors?) throws(ClientError) {
        guard base.dimension == queries.dimension else {
            throw .data("the base has vectors of \(base.dimension) numbers, the queries of \(queries.dimension)")
        }
        guard base.rowCount <= Int(UInt32.max) else { throw .data("\(base.rowCount) rows; at most \(UInt32.max) can be numbered") }
        if let truth, truth.queryCount < queries.rowCount {
            throw .data("the truth is of \(truth.queryCount) queries, but there are \(queries.rowCount)")
        }
        self.name = name
        self.metric = metric
        self.base = base
        self.queries = queries
        self.truth = truth
    }
}

/// Where a data set comes from.
package struct DatasetSource: Sendable {
    package enum Origin: Sendable {
        /// Files of vectors. Without a file of queries the last `heldOut` rows of the base are the queries, and no part of the base.
        case files(base: String, queries: String?, truth: String?)
        /// Base, queries and truth in one file.
        case annBenchmarks(String)
        case synthetic(SyntheticVectors, seed: UInt64)
    }

    package var origin: Origin
    /// `nil`: what the file says; l2 where it says nothing.
    package var metric: Metric?
    /// Use only so many rows. Truths of a file then no longer hold and are computed anew.
    package var limit: Int?
    package var queryLimit: Int?
    /// How many rows become queries where there is no file of them.
    package var heldOut: Int

    package init(origin: Origin, metric: Metric? = nil, limit: Int? = nil, queryLimit: Int? = nil, heldOut: Int = 1_000) {
        self.origin = origin
        self.metric = metric
        self.limit = limit
        self.queryLimit = queryLimit
        self.heldOut = heldOut
    }

    /// Reads or makes it. Notes what it reads on the standard error.
    package func load(progress style: ProgressReporter.Style) throws(ClientError) -> Dataset {
        switch origin {
        case .files(let base, let queries, let truth): try load(base: base, queries: queries, truth: truth, style)
        case .annBenchmarks(let path): try load(annBenchmarks: path, style)
        case .synthetic(let vectors, let seed): try load(synthetic: vectors, seed: seed, style)
        }
    }

    private func load(
        base basePath: String, queries queryPath: String?, truth truthPath: String?, _ style: ProgressReporter.Style
    ) throws(ClientError) -> Dataset {
        style.note("reading \(basePath)")
        let base: VectorMatrix
        let queries: VectorMatrix
        let baseRows: Int
        if let queryPath {
            let file = try EmbeddingFile.open(path: basePath)
            baseRows = file.rowCount
            base = try VectorFile.read(file, limit: limit, progress: style)
            queries = try VectorFile.read(path: queryPath, limit: queryLimit, progress: style)
        } else {
            let all = try VectorFile.read(path: basePath, progress: style)
            guard heldOut < all.rowCount else {
                throw .file(path: basePath, problem: "has \(all.rowCount) rows; \(heldOut) cannot be kept as queries")
            }
            baseRows = all.rowCount - heldOut
            base = all.slice(0..<min(baseRows, limit ?? .max))
            queries = all.slice(baseRows..<baseRows + min(heldOut, queryLimit ?? .max))
        }
        var truth: TrueNeighbors?
        if let truthPath { truth = try NeighborFile.read(path: truthPath, baseRows: baseRows) }
        return try Dataset(
            name: Self.stem(of: basePath), metric: metric ?? .l2, base: base, queries: queries, truth: base.rowCount == baseRows ? truth : nil)
    }

    private func load(annBenchmarks path: String, _ style: ProgressReporter.Style) throws(ClientError) -> Dataset {
        style.note("reading \(path)")
        let file = try AnnBenchmarksFile(path: path)
        let metric = metric ?? file.metric
        let isWhole = limit == nil && metric == file.metric
        return try Dataset(
            name: Self.stem(of: path), metric: metric, base: try file.base(limit: limit, progress: style),
            queries: try file.queries(limit: queryLimit, progress: style), truth: isWhole ? try file.neighbors() : nil)
    }

    private func load(synthetic vectors: SyntheticVectors, seed: UInt64, _ style: ProgressReporter.Style) throws(ClientError) -> Dataset {
        style.note("making \(vectors.rowCount) vectors of \(vectors.dimension) numbers")
        let all = try vectors.generate(seed: seed, extraRows: heldOut, progress: style)
        return try Dataset(
            name: "synthetic-\(vectors.rowCount)x\(vectors.dimension)-\(vectors.clusters)", metric: metric ?? .l2,
            base: all.slice(0..<min(vectors.rowCount, limit ?? .max)),
            queries: all.slice(vectors.rowCount..<vectors.rowCount + min(heldOut, queryLimit ?? .max)), truth: nil)
    }

    /// The name of a file without its folder and endings; of one that is just called base, its folder's.
    package static func stem(of path: String) -> String {
        let parts = path.split(separator: "/")
        let name = (parts.last ?? "").prefix { $0 != "." }
        return String(name == "base" && parts.count > 1 ? parts[parts.count - 2] : name)
    }
}

extension ProgressReporter.Style {
    /// A line about what begins, where progress is shown at all.
    package func note(_ line: String) {
        switch self {
        case .silent: break
        case .bar, .lines: Terminal.note(line)
        }
    }
}
