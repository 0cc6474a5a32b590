import Quantization
import VectorKernels
import VectorModel

extension IVFIndex {
    /// Trains centres on a sample of the rows, puts every row into its lists and writes the image.
    ///
    /// Rows are read three times, in the order of `source.ordinals`; memory is needed for the sample (at most 256 MiB), the image and 28 bytes per row.
    ///
    /// - Throws: what reading or `progress` throws.
    public static func build<Failure: Error>(
        _ source: IndexSource<Failure>, _ parameters: IVFParameters, _ build: IndexBuild<Failure>
    ) throws(Failure) -> IVFIndex {
        let builder = IVFBuilder(source: source, build: build, kernels: .active)
        var placement = RowPlacement(space: try IndexSpace(of: source, seed: build.seed))
        let sample = try builder.sample(&placement, lists: parameters.nlist(rows: source.ordinals.count))
        try build.report(0.05)
        let trained = try builder.train(sample, parameters)
        let assignment = try builder.assign(placement, trained)
        let image = try builder.write(placement, trained, assignment)
        do {
            return try IVFIndex(image, ordinalBound: source.ordinals.last.map { Int($0) + 1 } ?? 0)
        } catch {
            preconditionFailure("a new image is not sound: \(error)")
        }
    }
}

/// The steps of a build; each is a function of what the one before returned.
struct IVFBuilder<Failure: Error> {
    let source: IndexSource<Failure>
    let build: IndexBuild<Failure>
    let kernels: VectorKernels

    /// How many rows per list the centres are trained on. More made lists no better.
    private static var sampleRowsPerList: Int { 40 }
    private static var sampleBytesMax: Int { 256 << 20 }
    static var batchRows: Int { 2_048 }

    var count: Int { source.ordinals.count }

    /// Places rows chosen by the seed, counts them from their mean and remembers that.
    func sample(_ placement: inout RowPlacement, lists: Int) throws(Failure) -> PlacedRows {
        let dimension = placement.dimension
        let wanted = min(count, lists * Self.sampleRowsPerList, max(lists, Self.sampleBytesMax / (4 * dimension)))
        let sample = PlacedRows(count: wanted, dimension: dimension)
        var chance = SplitMix64(seed: build.seed)
        var places = Array(0..<count)
        for index in 0..<wanted { places.swapAt(index, index + Int(chance.next() % UInt64(count - index))) }
        let row = UnsafeMutablePointer<Float>.allocate(capacity: 2 * source.dimension)
        defer { row.deallocate() }
        var sums = [Double](repeating: 0, count: dimension)
        for index in 0..<wanted {
            try source.read(source.ordinals[places[index]], row)
            let place = sample.row(index)
            sample.extras[index] = placement.place(row: row, scratch: row + source.dimension, into: place)
            for coordinate in 0..<dimension { sums[coordinate] += Double(place[coordinate]) }
        }
        placement.mean = sums.map { Float($0 / Double(max(wanted, 1))) }
        placement.mean.withUnsafeBufferPointer { mean in
            for index in 0..<wanted { VectorArithmetic.subtract(mean.baseAddress!, from: sample.row(index), count: dimension) }
        }
        return sample
    }

    func train(_ sample: PlacedRows, _ parameters: IVFParameters) throws(Failure) -> Centroids {
        let kMeans = KMeans(rows: sample, kernels: kernels, threads: build.threads)
        let centroids = try kMeans.train(count: parameters.nlist(rows: count), seed: build.seed) { done throws(Failure) in
            try build.report(0.05 + 0.6 * done)
        }
        centroids.quantize(kernels)
        return centroids
    }

    /// Reads all rows, a batch at a time, and calls `body` with each batch, placed. `from` and `to` say which part of the build this is.
    func forEachBatch(
        _ placement: RowPlacement, from: Double, to: Double, _ body: (_ first: Int, _ batch: PlacedRows, _ count: Int) -> Void
    ) throws(Failure) {
        let batch = PlacedRows(count: min(Self.batchRows, count), dimension: placement.dimension)
        let dimension = source.dimension
        nonisolated(unsafe) let raw = UnsafeMutablePointer<Float>.allocate(capacity: max(1, min(Self.batchRows, count) * dimension))
        nonisolated(unsafe) let scratch = UnsafeMutablePointer<Float>.allocate(capacity: build.threads * dimension)
        defer {
            raw.deallocate()
            scratch.deallocate()
        }
        for first in stride(from: 0, to: count, by: Self.batchRows) {
            let rows = min(Self.batchRows, count - first)
            for row in 0..<rows { try source.read(source.ordinals[first + row], raw + row * dimension) }
            // SAFETY: every index writes its own row, every thread its own scratch.
            nonisolated(unsafe) let batch = batch
            parallelLoop(rows, threads: build.threads, grain: 64) { row, thread in
                batch.extras[row] = placement.place(row: raw + row * dimension, scratch: scratch + thread * dimension, into: batch.row(row))
            }
            body(first, batch, rows)
            try build.report(from + (to - from) * Double(first + rows) / Double(count))
        }
    }
}
