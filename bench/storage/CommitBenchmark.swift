import Engine
import VectorModel

/// Durable writes of one row each, from one task and from many: many share a sync.
struct CommitBenchmark {
    let directory: String
    let sizes: Sizes

    func run() async throws -> [Measurement] {
        let rows = SampleRows(sizes)
        let fileSystem = MeteredFileSystem()
        let database = try BenchDatabase.open(directory + "/" + Step.commits.dataName, fileSystem)
        let collection = try await BenchDatabase.makeCollection("rows", in: database)
        let next = SharedCounter()
        var one: [Double] = []
        var many: [Double] = []
        var writesPerSync: [Double] = []
        var processors: [Double] = []
        // In turn, so that a neighbour's work falls on both.
        for _ in 0..<sizes.commitRounds {
            one.append(try await rate(tasks: 1, rows, next, collection, database))
            let (before, syncs) = (Usage.now(), fileSystem.totals.logSyncs)
            let rate = try await rate(tasks: sizes.concurrentWriters, rows, next, collection, database)
            many.append(rate)
            writesPerSync.append(rate * sizes.commitSeconds / Double(max(1, fileSystem.totals.logSyncs - syncs)))
            processors.append(100 * Usage.now().shares(since: before).own)
        }
        try await database.close()
        let tasks = sizes.concurrentWriters
        return [
            Measurement(name: "commits: 1 task", value: one.median, unit: "writes/s", note: "median of \(sizes.commitRounds) rounds"),
            Measurement(
                name: "commits: \(tasks) tasks", value: many.median, unit: "writes/s",
                note: "processors used: \(Int(processors.median)) % of all; writes per sync: \(Int(writesPerSync.median))"),
            Measurement(
                name: "commits: \(tasks) tasks to 1", value: zip(many, one).map { $0 / $1 }.median, unit: "×", target: .atLeast(10),
                note: "median of the rounds' ratios"),
        ]
    }

    private func rate(
        tasks: Int, _ rows: SampleRows, _ next: SharedCounter, _ collection: CollectionIdentifier, _ database: VectorDatabase
    ) async throws -> Double {
        let began = ContinuousClock.now
        let end = began + .seconds(sizes.commitSeconds)
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while .now < end {
                        try await database.write(rows.batch(from: next.take(1), count: 1), as: .add, to: collection)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(written) / ((ContinuousClock.now - began) / .seconds(1))
    }
}
