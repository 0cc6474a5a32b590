import Durability
import Engine
import Synchronization
import VectorModel

/// Sustained durable ingest into one collection, with the flushes, merges and log trims that come with it, against plain writes of its log's bytes.
struct IngestBenchmark {
    let directory: String
    let sizes: Sizes

    /// What kept the writes from being faster.
    private enum Limit: String {
        case processors = "limited by the processors, so no target"
        case disk = "limited by the disk"
        case neighbours = "other programs had the processors: measure again when they are quiet"

        init(_ shares: (own: Double, idle: Double)) {
            self = shares.own > 0.75 ? .processors : shares.idle > 0.15 ? .disk : .neighbours
        }
    }

    func run() async throws -> [Measurement] {
        let place = directory + "/" + Step.ingest.dataName
        let rows = SampleRows(sizes)
        let fileSystem = MeteredFileSystem()
        let database = try BenchDatabase.open(place, fileSystem)
        let collection = try await BenchDatabase.makeCollection("rows", in: database)
        let before = Usage.now()
        let refusals = try await ingest(rows, to: collection, in: database)
        let after = Usage.now()
        let footprint = Footprint.now()
        let totals = fileSystem.totals
        let seconds = (after.at - before.at) / .seconds(1)
        let shares = after.shares(since: before)
        try await database.close()

        let files = BenchDatabase.configuration(place).log.fileBytes
        let plain = try PlainWrites(directory: place + "/plain", fileBytes: files, repeating: totals.logCalls).run() / .seconds(1)
        let mebibytes = Double(totals.logBytes) / 1_048_576
        let ratio = plain / seconds
        let limit = Limit(shares)
        return [
            Measurement(name: "ingest: rows", value: Double(sizes.ingestRows) / seconds, unit: "rows/s", note: "\(sizes.writers) writers"),
            Measurement(
                name: "ingest: log", value: mebibytes / seconds, unit: "MiB/s",
                note: "\(Int(mebibytes)) MiB with \(totals.logSyncs) syncs; new files zeroed: \(totals.preparedBytes >> 20) MiB"),
            Measurement(name: "ingest: plain writes of the same", value: mebibytes / plain, unit: "MiB/s"),
            Measurement(
                name: "ingest: share of plain writes", value: 100 * ratio, unit: "%", target: limit == .disk ? .atLeast(50) : nil,
                note: limit.rawValue),
            Measurement(
                name: "ingest: processors used", value: 100 * shares.own, unit: "%",
                note: "by this process, of all; idle: \(Int(100 * shares.idle)) %"),
            Measurement(
                name: "ingest: segment bytes per log byte", value: Double(totals.otherBytes) / Double(totals.logBytes), unit: "×",
                note: "flushes and merges so far; \(DataFiles.segmentCount(place)) segments, \(totals.otherSyncs) syncs"),
            Measurement(
                name: "ingest: resident at the end", value: footprint.residentMiB, unit: "MiB",
                note: "anonymous: \(Int(footprint.anonymousMiB))"),
            Measurement(name: "ingest: told to wait", value: Double(refusals), unit: "", note: "the memtables had reached their limit"),
        ]
    }

    private func ingest(_ rows: SampleRows, to collection: CollectionIdentifier, in database: VectorDatabase) async throws -> Int {
        let next = SharedCounter()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<sizes.writers {
                group.addTask {
                    var refusals = 0
                    while true {
                        let first = next.take(sizes.rowsPerBatch)
                        guard first < sizes.ingestRows else { return refusals }
                        let batch = try rows.batch(from: first, count: min(sizes.rowsPerBatch, sizes.ingestRows - first))
                        refusals += try await BenchDatabase.write(batch, to: collection, in: database)
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

/// Hands out numbers to tasks.
final class SharedCounter: Sendable {
    private let next = Atomic<Int>(0)

    /// The first of `count` numbers that nobody else gets.
    func take(_ count: Int) -> Int { next.wrappingAdd(count, ordering: .relaxed).oldValue }
}
