import Engine
import Filtering
import Segments
import VectorModel

/// One large collection whose rows are all in segments: opening it, reading single records, searching it.
struct RowsBenchmark {
    let directory: String
    let sizes: Sizes

    private var place: String { directory + "/" + Step.loadRows.dataName }
    private static let collectionName = "rows"

    /// Writes the rows to segments and waits until merging is done.
    func load() async throws -> [Measurement] {
        let rows = SampleRows(sizes)
        let began = ContinuousClock.now
        let database = try BenchDatabase.open(place)
        let collection = try await BenchDatabase.makeCollection(Self.collectionName, in: database)
        for first in stride(from: 0, to: sizes.rows, by: sizes.rowsPerBatch) {
            let batch = try rows.batch(from: first, count: min(sizes.rowsPerBatch, sizes.rows - first))
            _ = try await BenchDatabase.write(batch, to: collection, in: database)
        }
        try await database.flush()
        try await DataFiles.waitUntilSettled(place)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        try await database.close()
        return [
            Measurement(
                name: "rows: load, flush and merge", value: seconds, unit: "s",
                note: "\(sizes.rows) rows, one writer, \(DataFiles.segmentCount(place)) segments")
        ]
    }

    /// The first start of a machine: nothing is in the system's cache.
    func openUncached() async throws -> [Measurement] {
        DataFiles.evict(place)
        let (database, opening) = try open()
        let collection = try BenchDatabase.collection(Self.collectionName, in: database)
        let query = try await search(0, collection, database)
        try await database.close()
        return [
            Measurement(name: "rows: open, files not cached", value: opening, unit: "ms", target: .atMost(200)),
            Measurement(name: "rows: first query, files not cached", value: query, unit: "ms", note: "reads every vector from the disk"),
        ]
    }

    /// A restart: the files are in the system's cache, but nothing of them was checked by this process.
    func openAndRead() async throws -> [Measurement] {
        let empty = Footprint.now()
        let (database, opening) = try open()
        let opened = Footprint.now()
        let collection = try BenchDatabase.collection(Self.collectionName, in: database)
        var chance = SplitMix64(state: sizes.seed)
        let identifiers = (0..<sizes.pointReads).map { _ in SampleRows.identifier(Int.random(in: 0..<sizes.rows, using: &chance)) }
        let first = try await pointReads(identifiers.prefix(1), collection, database)
        let reopened = try await pointReads(identifiers.dropFirst(), collection, database)
        let warm = try await pointReads(identifiers[...], collection, database)
        let afterReads = Footprint.now()
        let query = try await search(0, collection, database)
        let searches = try await later(queries: sizes.smoke ? 3 : 10, collection, database)
        let end = Footprint.now()
        try await database.close()
        return [
            Measurement(name: "rows: open", value: opening, unit: "ms", target: .atMost(200), note: "\(sizes.rows) rows, files cached"),
            Measurement(
                name: "rows: resident after opening", value: opened.residentMiB, unit: "MiB",
                note: "of which the benchmark: \(Int(empty.residentMiB)); anonymous: \(Int(opened.anonymousMiB))"),
            Measurement(name: "rows: first get", value: first.quantile(0.5), unit: "µs"),
            Measurement(name: "rows: get after reopening, median", value: reopened.quantile(0.5), unit: "µs", note: "checks what it reads first"),
            Measurement(name: "rows: get after reopening, p99", value: reopened.quantile(0.99), unit: "µs"),
            Measurement(
                name: "rows: get, median", value: warm.quantile(0.5), unit: "µs", target: .atMost(50),
                note: "by id, with document and metadata, one after the other; with the change of threads"),
            Measurement(name: "rows: get, p99", value: warm.quantile(0.99), unit: "µs"),
            Measurement(
                name: "rows: resident after gets", value: afterReads.residentMiB, unit: "MiB", note: "anonymous: \(Int(afterReads.anonymousMiB))"),
            Measurement(name: "rows: first query", value: query, unit: "ms", target: .atMost(1_000), note: "checks every block that it reads"),
            Measurement(name: "rows: later queries, median", value: searches.quantile(0.5) / 1_000, unit: "ms", note: "exact"),
            Measurement(name: "rows: resident at the end", value: end.residentMiB, unit: "MiB", note: "anonymous: \(Int(end.anonymousMiB))"),
        ]
    }

    private func open() throws -> (VectorDatabase, milliseconds: Double) {
        let began = ContinuousClock.now
        let database = try BenchDatabase.open(place)
        return (database, (ContinuousClock.now - began) / .milliseconds(1))
    }

    private func pointReads(
        _ identifiers: ArraySlice<String>, _ collection: CollectionIdentifier, _ database: VectorDatabase
    ) async throws -> Latencies {
        var durations: [Duration] = []
        durations.reserveCapacity(identifiers.count)
        for identifier in identifiers {
            let began = ContinuousClock.now
            let found = try await database.get(.init(selector: .init(identifiers: [identifier]), fields: [.document, .metadata]), from: collection)
            guard let record = found.records.first, record.document != nil, record.metadata != nil else { throw Missing(identifier: identifier) }
            durations.append(ContinuousClock.now - began)
        }
        return Latencies(durations)
    }

    /// - Returns: how long a search took, in ms.
    private func search(_ number: Int, _ collection: CollectionIdentifier, _ database: VectorDatabase) async throws -> Double {
        let vector = SampleRows.queryVector(number, sizes)
        let began = ContinuousClock.now
        let request = QueryRequest(vectors: vector, dimension: sizes.dimension, k: 10, fields: [.document, .metadata])
        let found = try await database.query(request, in: collection)
        let elapsed = (ContinuousClock.now - began) / .milliseconds(1)
        guard found.hits.first?.count == min(10, sizes.rows) else { throw Missing(identifier: "query \(number)") }
        return elapsed
    }

    private func later(queries: Int, _ collection: CollectionIdentifier, _ database: VectorDatabase) async throws -> Latencies {
        var durations: [Duration] = []
        for number in 1...queries { durations.append(.milliseconds(try await search(number, collection, database))) }
        return Latencies(durations)
    }
}

/// A record that was written and is not found.
struct Missing: Error, CustomStringConvertible {
    let identifier: String

    var description: String { "\(identifier) is not found" }
}
