import Quantization
import VectorKernels
import VectorModel

/// Which lists every row is in.
struct ListAssignment {
    /// The list of the nearest centre, by row.
    var first: [UInt32]
    /// A second list; `noList` for none.
    var second: [UInt32]

    static let noList = UInt32.max
}

extension IVFBuilder {
    func assign(_ placement: RowPlacement, _ centroids: Centroids) throws(Failure) -> ListAssignment {
        nonisolated(unsafe) let finders = (0..<build.threads).map { _ in CentroidFinder(centroids, kernels) }
        var assignment = ListAssignment(
            first: [UInt32](repeating: 0, count: count), second: [UInt32](repeating: ListAssignment.noList, count: count))
        let capacity = min(Self.batchRows, count)
        // SAFETY: every index writes its own place; they are read when all are written.
        nonisolated(unsafe) let found = UnsafeMutablePointer<(first: Int, second: Int?)>.allocate(capacity: max(1, capacity))
        defer { found.deallocate() }
        try forEachBatch(placement, from: 0.65, to: 0.8) { first, batch, rows in
            nonisolated(unsafe) let batch = batch
            parallelLoop(rows, threads: build.threads, grain: 64) { row, thread in
                (found + row).initialize(to: finders[thread].nearestTwo(batch.row(row), batch.extras[row]))
            }
            for row in 0..<rows {
                assignment.first[first + row] = UInt32(found[row].first)
                if let second = found[row].second { assignment.second[first + row] = UInt32(second) }
            }
        }
        return assignment
    }

    /// Lays out the image and encodes every row.
    func write(_ placement: RowPlacement, _ centroids: Centroids, _ assignment: ListAssignment) throws(Failure) -> IndexImage {
        let places = ListPlaces(assignment, lists: centroids.count)
        let layout = IVFLayout(dimension: source.dimension, rows: count, lists: centroids.count, blocks: places.blocks)
        let image = IndexImage(zeroed: layout.end)
        let writer = IVFWriter(layout, image.mutableBytes.baseAddress!)
        writer.write(placement.mean, centroids, places)
        let spread = try encode(placement, centroids, assignment, places, writer)
        IVFHeader(
            layout: layout, geometry: placement.space.geometry, dimension: source.dimension, seed: build.seed, spread: Float(spread)
        ).write(to: image.mutableBytes)
        return image
    }

    /// - Returns: the mean spread of the 1-bit codes.
    private func encode(
        _ placement: RowPlacement, _ centroids: Centroids, _ assignment: ListAssignment, _ places: ListPlaces, _ writer: IVFWriter
    ) throws(Failure) -> Double {
        let capacity = min(Self.batchRows, count)
        // SAFETY: every index writes its own places and its own row of the image; they are read when all are written.
        nonisolated(unsafe) let encoders = (0..<build.threads).map { _ in RowEncoder(centroids) }
        nonisolated(unsafe) let entries = ListEntries(rows: capacity, dimension: placement.dimension)
        nonisolated(unsafe) let writer = writer
        let ordinals = source.ordinals
        var free = places.firstEntries
        var (spread, measured) = (0.0, 0)
        try forEachBatch(placement, from: 0.8, to: 1) { first, batch, rows in
            nonisolated(unsafe) let batch = batch
            parallelLoop(rows, threads: build.threads, grain: 64) { row, thread in
                let encoder = encoders[thread]
                let list = Int(assignment.first[first + row])
                entries.set(2 * row, encoder.oneBit(batch.row(row), batch.extras[row], list), signs: encoder.residual)
                writer.writeRow(places.slots[first + row], list, ordinal: ordinals[first + row]) { codes in
                    encoder.fourBits(batch.row(row), batch.extras[row], list, into: codes)
                }
                let second = assignment.second[first + row]
                if second != ListAssignment.noList {
                    entries.set(2 * row + 1, encoder.oneBit(batch.row(row), batch.extras[row], Int(second)), signs: encoder.residual)
                }
            }
            for row in 0..<rows {
                for (entry, list) in [(2 * row, assignment.first[first + row]), (2 * row + 1, assignment.second[first + row])]
                where list != ListAssignment.noList {
                    writer.writeEntry(entries, entry, slot: places.slots[first + row], place: free[Int(list)])
                    free[Int(list)] += 1
                    spread += Double(entries.factors[entry].spread)
                    measured += 1
                }
            }
        }
        return spread / Double(max(measured, 1))
    }
}

/// Where the rows of each list lie: codes by row in the order of the first lists, entries in blocks of 32.
struct ListPlaces {
    /// The place of each row among the row codes.
    let slots: [UInt32]
    /// The first block of each list, and the one behind the last.
    let listStarts: [UInt32]
    /// The place of each list's first entry, 32 to a block.
    let firstEntries: [Int]
    var blocks: Int { Int(listStarts[listStarts.count - 1]) }

    init(_ assignment: ListAssignment, lists: Int) {
        var owned = [Int](repeating: 0, count: lists)
        var entries = owned
        for list in assignment.first {
            owned[Int(list)] += 1
            entries[Int(list)] += 1
        }
        for list in assignment.second where list != ListAssignment.noList { entries[Int(list)] += 1 }
        var starts: [UInt32] = [0]
        var next: [UInt32] = []
        var rows: UInt32 = 0
        for list in 0..<lists {
            starts.append(starts[list] + UInt32((entries[list] + FastScan.rows - 1) / FastScan.rows))
            next.append(rows)
            rows += UInt32(owned[list])
        }
        slots = assignment.first.map { list in
            defer { next[Int(list)] += 1 }
            return next[Int(list)]
        }
        listStarts = starts
        firstEntries = starts.dropLast().map { Int($0) * FastScan.rows }
    }
}
