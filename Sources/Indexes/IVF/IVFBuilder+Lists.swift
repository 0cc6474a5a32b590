import Quantization
import VectorKernels
import VectorModel

extension IVFBuilder {
    func assign(_ placement: RowPlacement, _ centroids: Centroids) throws(Failure) -> ListAssignment {
        nonisolated(unsafe) let finders = (0..<build.threads).map { _ in CentroidFinder(centroids, kernels) }
        var assignment = ListAssignment(rows: count)
        let capacity = min(Self.batchRows, count)
        // SAFETY: every index writes its own place; they are read when all are written.
        nonisolated(unsafe) let found = UnsafeMutablePointer<NearestLists>.allocate(capacity: max(1, capacity))
        defer { found.deallocate() }
        try forEachBatch(placement, from: 0.65, to: 0.8) { first, batch, rows in
            nonisolated(unsafe) let batch = batch
            parallelLoop(rows, threads: build.threads, grain: 64) { row, thread in
                (found + row).initialize(to: finders[thread].nearestTwo(batch.row(row), batch.extras[row]))
            }
            for row in 0..<rows { assignment.set(first + row, found[row]) }
        }
        return assignment
    }

    /// Lays out the image and encodes every row.
    func write(_ placement: RowPlacement, _ centroids: Centroids, _ assignment: ListAssignment) throws(Failure) -> IndexImage {
        let places = ListPlaces(assignment, lists: centroids.count)
        let layout = IVFLayout(
            dimension: source.dimension, depth: IVFParameters.depth(dimension: source.dimension), rows: count, lists: centroids.count,
            references: places.references.count, blocks: Int(places.starts[centroids.count].block))
        let image = IndexImage(zeroed: layout.end)
        let writer = IVFWriter(layout, image.mutableBytes.baseAddress!)
        writer.write(placement.mean, centroids, places)
        let spread = try encode(placement, centroids, assignment, places, layout.depth, writer)
        IVFHeader(
            layout: layout, geometry: placement.space.geometry, dimension: source.dimension, seed: build.seed, spread: Float(spread)
        ).write(to: image.mutableBytes)
        return image
    }

    /// - Returns: the mean spread of the 1-bit codes.
    private func encode(
        _ placement: RowPlacement, _ centroids: Centroids, _ assignment: ListAssignment, _ places: ListPlaces, _ depth: RaBitQ.Depth,
        _ writer: IVFWriter
    ) throws(Failure) -> Double {
        let capacity = min(Self.batchRows, count)
        // SAFETY: every index writes its own places and its own row of the image; they are read when all are written.
        nonisolated(unsafe) let encoders = (0..<build.threads).map { _ in RowEncoder(centroids) }
        nonisolated(unsafe) let entries = ListEntries(rows: capacity, dimension: placement.dimension)
        nonisolated(unsafe) let writer = writer
        let ordinals = source.ordinals
        var free = places.firstReferences
        var spread = 0.0
        try forEachBatch(placement, from: 0.8, to: 1) { first, batch, rows in
            nonisolated(unsafe) let batch = batch
            parallelLoop(rows, threads: build.threads, grain: 64) { row, thread in
                let encoder = encoders[thread]
                let list = Int(assignment.first[first + row])
                entries.set(2 * row, encoder.oneBit(batch.row(row), batch.extras[row], list), signs: encoder.residual)
                writer.writeRow(places.slots[first + row], ordinal: ordinals[first + row]) { codes in
                    encoder.encode(depth, batch.row(row), batch.extras[row], list, into: codes)
                }
                let second = places.seconds[first + row]
                if second != ListAssignment.noList {
                    entries.set(2 * row + 1, encoder.oneBit(batch.row(row), batch.extras[row], Int(second)), signs: encoder.residual)
                }
            }
            for row in 0..<rows {
                writer.writeEntry(entries, 2 * row, place: places.ownPlace(first + row, assignment.first[first + row]))
                spread += Double(entries.factors[2 * row].spread)
                let second = places.seconds[first + row]
                if second != ListAssignment.noList {
                    writer.writeEntry(entries, 2 * row + 1, place: free[Int(second)])
                    free[Int(second)] += 1
                    spread += Double(entries.factors[2 * row + 1].spread)
                }
            }
        }
        return spread / Double(max(count + places.references.count, 1))
    }
}
