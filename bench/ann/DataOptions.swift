import ArgumentParser
import BenchSupport
import LyricaClient
import VectorModel

/// What is searched.
struct DataOptions: ParsableArguments {
    @Option(
        help: .init(
            "Vectors to search: .npy (float16, float32), .fvecs, .fbin, or an .hdf5 file of ann-benchmarks, which has queries and truth too.",
            valueName: "file"))
    var base: String?
    @Option(help: .init("Vectors to search with. Without it the last rows of the base are the queries.", valueName: "file")) var queries: String?
    @Option(help: .init("The true neighbours: .ivecs, .ibin or .npy. Without it they are computed.", valueName: "file")) var truth: String?
    @Option(help: .init("Make normally distributed clusters instead of reading files.", valueName: "rows,dimension,clusters"))
    var synthetic: String?
    @Option(help: "l2, ip or cosine; without it what an .hdf5 file says, else l2.") var metric: String?
    @Option(help: .init("Search only the first rows.", valueName: "rows")) var limit: Int?
    @Option(help: .init("Ask only the first queries.", valueName: "queries")) var queryLimit: Int?
    @Option(help: .init("How many rows become queries where there is no file of them.", valueName: "rows")) var heldOut = 1_000
    @Option(help: "Of synthetic vectors and of the index.") var seed: UInt32 = 1

    func validate() throws {
        guard (base == nil) != (synthetic == nil) else { throw ValidationError("either --base or --synthetic is needed") }
        if let metric, Metric(name: metric) == nil { throw ValidationError("--metric is l2, ip or cosine") }
        guard limit ?? 1 > 0, queryLimit ?? 1 > 0 else { throw ValidationError("--limit and --query-limit are at least 1") }
        guard (1...100_000_000).contains(heldOut) else { throw ValidationError("--held-out is from 1 to 100000000") }
        if base.map(AnnBenchmarksFile.isNamed) ?? true, queries != nil || truth != nil {
            throw ValidationError("--queries and --truth go with --base files of vectors")
        }
        if truth != nil, limit != nil { throw ValidationError("--truth is of all rows: leave it out with --limit") }
    }

    func load(progress: ProgressReporter.Style) throws(ClientError) -> Dataset {
        let origin: DatasetSource.Origin
        if let synthetic {
            origin = .synthetic(try SyntheticVectors(parsing: synthetic), seed: UInt64(seed))
        } else if let base, AnnBenchmarksFile.isNamed(by: base) {
            origin = .annBenchmarks(base)
        } else {
            origin = .files(base: base ?? "", queries: queries, truth: truth)
        }
        let metric = metric.flatMap { Metric(name: $0) }
        return try DatasetSource(origin: origin, metric: metric, limit: limit, queryLimit: queryLimit, heldOut: heldOut).load(progress: progress)
    }
}
