import FileIO
import Segments
import VectorModel

/// What the indexes of 20 metadata keys take: bytes beside the metadata, and time beside that of a graph over the same rows.
struct FiltersBenchmark {
    let directory: String
    let sizes: Sizes

    private var files: String { directory + "/" + Step.filters.dataName }
    /// A graph is built over this part of the rows: it takes more than so much longer for all of them.
    private static let graphShare = 10

    func run() throws -> [Measurement] {
        let rows = FilterRows(rowCount: sizes.rows, dimension: 0, seed: sizes.seed)
        let segment = try write(rows, number: 1)
        let lookup = try seconds { try segment.buildLookup {} }
        let few = try write(FilterRows(rowCount: max(1, sizes.rows / Self.graphShare), dimension: sizes.dimension, seed: sizes.seed), number: 2)
        let graph = try seconds { _ = try few.buildIndex(.hnsw(M: 16, efConstruction: 100), threads: 1) { _ in } }
        let (indexBytes, metadataBytes) = (Double(segment.lookupState.byteCount), Double(rows.metadataBytes))
        let mebibyte = 1_048_576.0
        return [
            Measurement(name: "filters: metadata", value: metadataBytes / mebibyte, unit: "MiB", note: "\(sizes.rows) rows, 20 keys, values only"),
            Measurement(name: "filters: indexes of all keys", value: indexBytes / mebibyte, unit: "MiB"),
            Measurement(
                name: "filters: indexes to metadata", value: 100 * indexBytes / metadataBytes, unit: "%", target: .atMost(30),
                note: "\(Int(Double(segment.fileBytes) / mebibyte)) MiB in the segment"),
            Measurement(name: "filters: build", value: lookup, unit: "s"),
            Measurement(
                name: "filters: build of a graph", value: graph, unit: "s",
                note: "over \(few.rowCount) rows of \(sizes.dimension) numbers, one thread"),
            Measurement(
                name: "filters: build to that of a graph", value: 100 * lookup / (graph * Double(Self.graphShare)), unit: "%", target: .atMost(10),
                note: "its time for the part, times \(Self.graphShare)"),
        ]
    }

    private func write(_ rows: FilterRows, number: UInt64) throws -> Segment {
        let system = POSIXFileSystem()
        try system.createDirectory(files)
        let description = SegmentDescription(
            collection: .random(), number: number, dimension: rows.dimension > 0 ? rows.dimension : nil, metric: .cosine,
            createdWith: "storage-bench")
        let reference = try SegmentWriter.write(SegmentRows(all: rows), as: description, in: files, fileSystem: system)
        return try Segment.open(files + "/" + reference.fileName, fileSystem: system)
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let began = ContinuousClock.now
        try body()
        return (ContinuousClock.now - began) / .seconds(1)
    }
}
