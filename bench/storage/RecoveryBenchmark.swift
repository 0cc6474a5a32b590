import Engine
import FileIO
import VectorModel

/// Starting with a log as full as it may get, of which nothing is in segments.
struct RecoveryBenchmark {
    let directory: String
    let sizes: Sizes

    private var place: String { directory + "/" + Step.fillLog.dataName }

    func fill() async throws -> [Measurement] {
        let rows = SampleRows(sizes)
        let fileSystem = MeteredFileSystem()
        var configuration = BenchDatabase.configuration(place)
        // Nothing is to be flushed.
        configuration.storage.memtableBytes = 4 * sizes.logBytes
        configuration.storage.memtableBytesTotal = 4 * sizes.logBytes
        configuration.storage.memtableBytesMax = 8 * sizes.logBytes
        configuration.storage.logBytes = 4 * sizes.logBytes
        let database = try VectorDatabase.open(configuration, fileSystem: fileSystem)
        let collection = try await BenchDatabase.makeCollection("rows", in: database)
        var first = 0
        while fileSystem.totals.logBytes < sizes.logBytes {
            try await database.write(rows.batch(from: first, count: sizes.rowsPerBatch), as: .add, to: collection)
            first += sizes.rowsPerBatch
        }
        try await database.close()
        guard DataFiles.segmentCount(place) == 0 else { throw Missing(identifier: "a log without segments") }
        return []
    }

    func recover() async throws -> [Measurement] {
        let began = ContinuousClock.now
        let database = try BenchDatabase.open(place)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let count = try database.count(of: BenchDatabase.collection("rows", in: database))
        try await database.close()
        let mebibytes = sizes.logBytes >> 20
        return [Measurement(name: "recovery: open", value: seconds, unit: "s", note: "\(mebibytes) MiB of log, \(count) rows, files cached")]
    }
}
