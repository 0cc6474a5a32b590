import Indexes
package import LyricaClient
import VectorModel

/// Builds an index over a data set and measures its searches.
package struct AnnRun: Sendable {
    /// Where an approximate index comes from.
    package enum IndexPlace: Sendable {
        case build(saveTo: String?)
        case load(String)
    }

    private let data: Dataset
    private let k: Int
    private let threads: Int
    private let buildThreads: Int
    private let rounds: Int
    private let seed: UInt32
    private let style: ProgressReporter.Style

    /// Beyond it a usual sweep ends: more effort finds nothing more.
    private static let recallEnough = 0.9995

    /// - Parameters:
    ///   - data: what is searched.
    ///   - k: results per query.
    ///   - threads: how many search at once.
    ///   - buildThreads: how many build, and look for true neighbours.
    ///   - rounds: how often all queries are asked for one setting.
    ///   - seed: of the index.
    package init(data: Dataset, k: Int, threads: Int, buildThreads: Int, rounds: Int, seed: UInt32, style: ProgressReporter.Style) {
        self.data = data
        self.k = k
        self.threads = threads
        self.buildThreads = buildThreads
        self.rounds = rounds
        self.seed = seed
        self.style = style
    }

    /// An index that is built or loaded, searched with every pair of an effort and a rerank.
    /// - Parameter efforts: `nil`: the usual ones, until there is nothing left to find.
    /// - Throws: `ClientError` when there are fewer rows than `k`, too little memory, or the index that was to be loaded is of other vectors.
    package func approximate(_ recipe: IndexRecipe, _ place: IndexPlace, efforts: [Int]?, reranks: [Int]?) throws(ClientError) -> AnnResult {
        let exact = try exactDistances()
        let before = Machine.residentBytes()
        let rows = try BaseRows(data.base, metric: data.metric, encodes: false)
        let (index, seconds) = try make(recipe, place, rows)
        func measure(_ index: some ImageIndex) throws(ClientError) -> [ResultLine] {
            let searched = ApproximateIndex(index, over: rows)
            let facts = IndexFacts(
                name: recipe.name, parameters: recipe.parameters(seed: seed), buildSeconds: seconds, indexBytes: searched.indexBytes,
                fileBytes: index.byteCount, residentBefore: before)
            return try sweep(searched, facts, exact, recipe, efforts: efforts, reranks: reranks)
        }
        return AnnResult(lines: try measure(index), residentBefore: before, residentAfter: Machine.residentBytes())
    }

    /// Exact search.
    /// - Parameters:
    ///   - batch: queries that are answered together.
    ///   - codes: keep 8-bit codes beside the floats, as segments do.
    package func exact(batch: Int, codes: Bool) throws(ClientError) -> AnnResult {
        let exact = try exactDistances()
        let before = Machine.residentBytes()
        let start = ContinuousClock.now
        let rows = try BaseRows(data.base, metric: data.metric, encodes: codes)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let index = FlatIndex(rows)
        let facts = IndexFacts(
            name: "flat", parameters: JSONObject([.init("codes", .bool(rows.hasCodes))]), buildSeconds: seconds, indexBytes: index.indexBytes,
            fileBytes: index.indexBytes, residentBefore: before)
        style.note("searching")
        let measured = try QueryRun(index, data, exact, threads: threads, rounds: rounds).measure(SearchSetting(batch: batch))
        let line = line(measured, facts, search: JSONObject([.init("batch", .integer(Int64(batch)))]))
        return AnnResult(lines: [line], residentBefore: before, residentAfter: Machine.residentBytes())
    }

    /// What recall is judged by: from a file, or by exact search.
    private func exactDistances() throws(ClientError) -> ExactDistances {
        guard k <= data.base.rowCount else { throw .data("there are \(data.base.rowCount) rows; --k \(k) cannot be found") }
        if let truth = data.truth { return try ExactDistances(truth, of: data, k: k) }
        style.note("finding the true neighbours of \(ProgressMeter.grouped(data.queries.rowCount)) queries")
        let rows = try BaseRows(data.base, metric: data.metric, encodes: true)
        return try ExactDistances(searching: rows, of: data, k: k, threads: buildThreads, progress: style)
    }

    private func make(_ recipe: IndexRecipe, _ place: IndexPlace, _ rows: BaseRows) throws(ClientError) -> (any ImageIndex, seconds: Double?) {
        switch place {
        case .build(let path):
            style.note("building \(recipe.name)")
            let start = ContinuousClock.now
            let index = recipe.build(rows, seed: seed, threads: buildThreads, progress: style)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            if let path { try ImageFile.write(index.image, path: path) }
            return (index, seconds)
        case .load(let path):
            let index = try recipe.load(path: path, rowCount: data.base.rowCount)
            guard index.dimension == data.base.dimension, index.rowCount == data.base.rowCount, index.metric == data.metric else {
                throw .file(
                    path: path, problem: "is of \(index.rowCount) rows of \(index.dimension) numbers with \(index.metric), not of these vectors")
            }
            return (index, nil)
        }
    }

    private func sweep(
        _ index: ApproximateIndex<some ImageIndex>, _ facts: IndexFacts, _ exact: ExactDistances, _ recipe: IndexRecipe, efforts: [Int]?,
        reranks: [Int]?
    ) throws(ClientError) -> [ResultLine] {
        style.note("searching")
        let run = QueryRun(index, data, exact, threads: threads, rounds: rounds)
        var lines: [ResultLine] = []
        for rerank in reranks ?? [recipe.proposalCount(k: k)] {
            for effort in efforts ?? recipe.usualEfforts(atLeast: max(k, rerank)) {
                let measured = try run.measure(SearchSetting(effort: effort, rerank: rerank))
                let search = JSONObject([.init(recipe.effortName, .integer(Int64(effort))), .init("rerank", .integer(Int64(rerank)))])
                lines.append(line(measured, facts, search: search))
                if efforts == nil, measured.recall >= Self.recallEnough { break }
            }
        }
        return lines
    }

    private func line(_ measured: SearchMeasurement, _ facts: IndexFacts, search: JSONObject) -> ResultLine {
        let floatBytes = data.base.byteCount
        return ResultLine(
            dataset: data.name, n: data.base.rowCount, dimension: data.base.dimension, metric: data.metric.name, k: k, queries: data.queries.rowCount,
            engine: "lyrica", index: facts.name, parameters: facts.parameters, search: search, threads: threads, buildSeconds: facts.buildSeconds,
            recall: measured.recall, queriesPerSecond: measured.queriesPerSecond, p50Microseconds: measured.p50Microseconds,
            p99Microseconds: measured.p99Microseconds, indexBytes: facts.indexBytes,
            residentBytes: floatBytes + max(0, Machine.residentBytes() - facts.residentBefore), diskBytes: floatBytes + facts.fileBytes,
            machine: Machine.summary)
    }
}

/// What is the same for all settings of one index.
private struct IndexFacts {
    let name: String
    let parameters: JSONObject
    let buildSeconds: Double?
    let indexBytes: Int
    /// What files would hold beyond the floats.
    let fileBytes: Int
    let residentBefore: Int
}
