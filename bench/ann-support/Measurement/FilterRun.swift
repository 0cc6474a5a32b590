package import LyricaClient
import VectorModel

/// Measures searches under filters over one data set, with one index for all of them.
package struct FilterRun: Sendable {
    private let data: Dataset
    private let folder: FilterFolder
    private let k: Int
    private let rounds: Int
    private let seed: UInt32
    private let style: ProgressReporter.Style

    /// - Parameters:
    ///   - k: results per query; fewer where fewer rows match.
    ///   - rounds: how often all queries are asked for one setting.
    ///   - seed: of the index.
    package init(data: Dataset, folder: FilterFolder, k: Int, rounds: Int, seed: UInt32, style: ProgressReporter.Style) {
        self.data = data
        self.folder = folder
        self.k = k
        self.rounds = rounds
        self.seed = seed
        self.style = style
    }

    /// A line for each filter and effort.
    /// - Parameters:
    ///   - recipe: `nil`: matches are scanned.
    ///   - imagePath: an index that was saved, instead of building one.
    ///   - efforts: not used by a scan.
    package func measure(_ recipe: IndexRecipe?, imagePath: String?, efforts: [Int]) throws(ClientError) -> [ResultLine] {
        let rows = try BaseRows(data.base, metric: data.metric, encodes: true)
        let index: (any ImageIndex)? =
            if let recipe { try imagePath.map { path throws(ClientError) in try recipe.load(path: path, rowCount: data.base.rowCount) }
                ?? recipe.build(rows, seed: seed, threads: 1, progress: style) } else { nil }
        var lines: [ResultLine] = []
        for name in folder.names {
            let accepted = try folder.accepted(name, baseRows: data.base.rowCount)
            let truth = try folder.truth(name, baseRows: data.base.rowCount)
            let exact = try ExactDistances(truth, of: data, k: min(k, truth.width))
            let run = QueryRun(FilteredIndex(rows, index, accepted: accepted), data, exact, threads: 1, rounds: rounds)
            for effort in recipe == nil ? [0] : efforts {
                let measured = try run.measure(SearchSetting(effort: effort, rerank: recipe?.proposalCount(k: k) ?? 0))
                lines.append(line(measured, recipe, name, share: Double(accepted.count) / Double(data.base.rowCount), exact.k))
            }
            style.note(name)
        }
        return lines
    }

    private func line(_ measured: SearchMeasurement, _ recipe: IndexRecipe?, _ filter: String, share: Double, _ k: Int) -> ResultLine {
        var search: [JSONObject.Member] = [.init("filter", .string(filter)), .init("share", .number(share))]
        if let recipe { search.append(.init(recipe.effortName, .integer(Int64(measured.setting.effort)))) }
        return ResultLine(
            dataset: data.name, n: data.base.rowCount, dimension: data.base.dimension, metric: data.metric.name, k: k, queries: data.queries.rowCount,
            engine: "lyrica", index: recipe?.name ?? "flat", parameters: recipe?.parameters(seed: seed) ?? JSONObject([]), search: JSONObject(search),
            threads: 1, buildSeconds: nil, recall: measured.recall, queriesPerSecond: measured.queriesPerSecond,
            p50Microseconds: measured.p50Microseconds, p99Microseconds: measured.p99Microseconds, indexBytes: nil, residentBytes: nil, diskBytes: nil,
            machine: Machine.summary)
    }
}
