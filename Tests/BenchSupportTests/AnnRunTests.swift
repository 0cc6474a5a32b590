import BenchSupport
import LyricaClient
import TestSupport
import Testing
import VectorModel

/// The whole way, in small: vectors in, lines out.
@Suite struct AnnRunTests {
    static func run(_ metric: Metric = .l2, seed: UInt64 = 1, threads: Int = 1) throws -> AnnRun {
        let vectors = try SyntheticVectors(parsing: "2000,24,20")
        let data = try DatasetSource(origin: .synthetic(vectors, seed: seed), metric: metric, heldOut: 40).load(progress: .silent)
        return AnnRun(data: data, k: 5, threads: threads, buildThreads: threads, rounds: 1, seed: 1, style: .silent)
    }

    @Test func exactSearchHasNoEffort() throws {
        let result = try Self.run().exact(batch: 8, codes: true)
        let line = try #require(result.lines.first)
        #expect(result.lines.count == 1 && line.recall == 1)
        #expect(line.searchText == "batch=8" && line.index == "flat" && line.engine == "lyrica")
        #expect(line.diskBytes == 2_000 * 24 * 4)
        #expect(result.report(width: nil).contains { $0.contains("synthetic-2000x24-20") })
    }

    @Test(arguments: [IndexRecipe.hnsw(M: 8, efConstruction: 60), .ivf(nlist: 16)], Metric.allCases)
    func moreEffortFindsMore(recipe: IndexRecipe, metric: Metric) throws {
        let most = recipe.name == "ivf" ? 16 : 400
        let lines = try Self.run(metric, threads: 2).approximate(recipe, .build(saveTo: nil), efforts: [1, most], reranks: [10, 40]).lines
        #expect(lines.map(\.searchText) == [10, 40].flatMap { rerank in [1, most].map { "\(recipe.effortName)=\($0) rerank=\(rerank)" } })
        #expect(lines[3].recall >= 0.95, "\(recipe.name), \(metric)")
        #expect(lines[2].recall <= lines[3].recall)
        #expect(lines.allSatisfy { ($0.indexBytes ?? 0) > 0 && ($0.diskBytes ?? 0) > 2_000 * 24 * 4 && ($0.residentBytes ?? 0) > 0 })
    }

    @Test(arguments: [IndexRecipe.hnsw(M: 8, efConstruction: 60), .ivf(nlist: 16)]) func savedIndexFindsTheSame(recipe: IndexRecipe) throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "index")
        let built = try Self.run().approximate(recipe, .build(saveTo: path), efforts: [4, 8], reranks: [20]).lines
        let loaded = try Self.run().approximate(recipe, .load(path), efforts: [4, 8], reranks: [20]).lines
        #expect(built.map(\.recall) == loaded.map(\.recall))
        #expect(loaded.allSatisfy { $0.buildSeconds == nil })
        #expect(throws: ClientError.self, "of another metric") {
            try Self.run(.cosine).approximate(recipe, .load(path), efforts: [4], reranks: [20])
        }
        let text = try folder.write(Array("no index".utf8), as: "text")
        #expect(throws: ClientError.self) { try Self.run().approximate(recipe, .load(text), efforts: [4], reranks: [20]) }
    }

    @Test func usualSweepEndsWhenAllIsFound() throws {
        let lines = try Self.run().approximate(.ivf(nlist: 16), .build(saveTo: nil), efforts: nil, reranks: [100]).lines
        #expect(lines.map(\.recall).dropLast().allSatisfy { $0 < 0.9995 })
        #expect(lines.count <= 8)
    }
}
