import Engine
import Filtering
import VectorModel

/// Many small collections, each with a segment of its own.
struct CollectionsBenchmark {
    let directory: String
    let sizes: Sizes

    private var place: String { directory + "/" + Step.loadCollections.dataName }

    func load() async throws -> [Measurement] {
        let rows = SampleRows(sizes)
        let began = ContinuousClock.now
        let database = try BenchDatabase.open(place)
        let next = SharedCounter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<sizes.concurrentWriters {
                group.addTask {
                    while true {
                        let number = next.take(1)
                        guard number < sizes.collections else { return }
                        let collection = try await BenchDatabase.makeCollection("collection-\(number)", in: database)
                        let batch = try rows.batch(from: number * sizes.rowsPerCollection, count: sizes.rowsPerCollection)
                        try await database.write(batch, as: .add, to: collection)
                    }
                }
            }
            try await group.waitForAll()
        }
        let written = ContinuousClock.now
        try await database.flush()
        let flushed = ContinuousClock.now
        try await database.close()
        return [
            Measurement(
                name: "collections: create and write", value: (written - began) / .seconds(1), unit: "s", note: "\(sizes.collections) of them"),
            Measurement(name: "collections: flush all", value: (flushed - written) / .seconds(1), unit: "s"),
        ]
    }

    func open() async throws -> [Measurement] {
        let empty = Footprint.now()
        let began = ContinuousClock.now
        let database = try BenchDatabase.open(place)
        let opening = (ContinuousClock.now - began) / .seconds(1)
        let opened = Footprint.now()
        let count = database.collectionCount(tenant: BenchDatabase.tenant, database: BenchDatabase.database)
        guard count == sizes.collections else { throw Missing(identifier: "\(sizes.collections - count) collections") }
        let firstReads = try await readAll(database)
        let end = Footprint.now()
        try await database.close()
        return [
            Measurement(
                name: "collections: open", value: opening, unit: "s", target: .atMost(2), note: "\(count) of \(sizes.rowsPerCollection) rows"),
            Measurement(
                name: "collections: resident after opening", value: opened.residentMiB, unit: "MiB", target: .atMost(300),
                note: "of which the benchmark: \(Int(empty.residentMiB)); anonymous: \(Int(opened.anonymousMiB))"),
            Measurement(name: "collections: descriptors", value: Double(opened.descriptors), unit: "", note: "\(empty.descriptors) before"),
            Measurement(name: "collections: mappings", value: Double(opened.mappings), unit: "", note: "\(empty.mappings) before"),
            Measurement(name: "collections: first get of each, median", value: firstReads.quantile(0.5), unit: "µs"),
            Measurement(name: "collections: resident after gets", value: end.residentMiB, unit: "MiB", note: "anonymous: \(Int(end.anonymousMiB))"),
        ]
    }

    private func readAll(_ database: VectorDatabase) async throws -> Latencies {
        var durations: [Duration] = []
        for number in 0..<sizes.collections {
            let collection = try BenchDatabase.collection("collection-\(number)", in: database)
            let identifier = SampleRows.identifier(number * sizes.rowsPerCollection)
            let began = ContinuousClock.now
            let found = try await database.get(.init(selector: .init(identifiers: [identifier])), from: collection)
            durations.append(ContinuousClock.now - began)
            guard found.records.count == 1 else { throw Missing(identifier: "\(identifier) of collection-\(number)") }
        }
        return Latencies(durations)
    }
}
