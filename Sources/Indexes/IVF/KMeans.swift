import VectorKernels
import VectorModel

/// Lloyd's algorithm over a sample of placed rows, from the best of several starts.
///
/// The result depends on rows and seed alone: rows are assigned one by one, whoever does it, and added up in their order.
struct KMeans {
    let rows: PlacedRows
    let kernels: VectorKernels
    let threads: Int

    /// Passes over the sample; the sum of squares falls by less than a hundredth of itself after these.
    static let iterations = 8
    private static let starts = 3
    private static let startIterations = 2
    /// How many rows per centre a start is judged by.
    private static let startRows = 6
    /// A list below this fraction of the mean is given up, and its centre goes where rows are far from theirs.
    private static let smallestFraction = 8

    /// Trains `count` centres, at most as many as there are rows.
    /// - Returns: the centres, ready for a `CentroidFinder`.
    func train<Failure: Error>(count: Int, seed: UInt64, progress: (Double) throws(Failure) -> Void) throws(Failure) -> Centroids {
        let judged = min(rows.count, count * Self.startRows)
        var best: (centroids: Centroids, residual: Double)?
        for start in 0..<Self.starts {
            var chance = SplitMix64(seed: seed ^ UInt64(start))
            let centroids = self.start(count, &chance)
            var residual = 0.0
            for _ in 0..<Self.startIterations { residual = improve(centroids, firstRows: judged, &chance) }
            if best.map({ residual < $0.residual }) ?? true { best = (centroids, residual) }
            try progress(Double(start + 1) / Double(Self.starts) * 0.2)
        }
        let centroids = best!.centroids
        var chance = SplitMix64(seed: ~seed)
        for iteration in 0..<Self.iterations {
            _ = improve(centroids, firstRows: rows.count, &chance, isLast: iteration == Self.iterations - 1)
            try progress(0.2 + 0.8 * Double(iteration + 1) / Double(Self.iterations))
        }
        return centroids
    }

    /// Distinct rows, all equally likely.
    private func start(_ count: Int, _ chance: inout SplitMix64) -> Centroids {
        let centroids = Centroids(count: count, dimension: rows.dimension)
        // Of each stretch of the sample, which is in no order of likeness, one row.
        for list in 0..<count {
            let first = list * rows.count / count, end = (list + 1) * rows.count / count
            copy(row: first + Int(chance.next() % UInt64(max(1, end - first))), to: list, centroids)
        }
        centroids.makeBlocks(kernels)
        return centroids
    }

    private func copy(row: Int, to list: Int, _ centroids: Centroids) {
        (centroids.values + list * rows.dimension).update(from: rows.row(row), count: rows.dimension)
        centroids.extras[list] = rows.extras[row]
    }

    /// One step; returns the mean squared distance before it.
    private func improve(_ centroids: Centroids, firstRows: Int, _ chance: inout SplitMix64, isLast: Bool = false) -> Double {
        let assignment = assign(centroids, firstRows: firstRows)
        let counts = moveToMeans(centroids, assignment.lists)
        if !isLast { replaceSmall(centroids, counts, assignment.distances, &chance) }
        centroids.makeBlocks(kernels)
        return assignment.meanSquaredDistance
    }

    private func assign(_ centroids: Centroids, firstRows: Int) -> SampleAssignment {
        // SAFETY: each row's places are written by the one thread that has the row, and read when all are done.
        nonisolated(unsafe) let assignment = SampleAssignment(rows: firstRows)
        nonisolated(unsafe) let finders = (0..<threads).map { _ in CentroidFinder(centroids, kernels) }
        nonisolated(unsafe) let rows = rows
        parallelLoop(firstRows, threads: threads, grain: 64) { row, thread in
            let nearest = finders[thread].nearest(rows.row(row), rows.extras[row])
            assignment.lists[row] = UInt32(nearest.list)
            assignment.distances[row] = nearest.squaredDistance
        }
        return assignment
    }

    private func moveToMeans(_ centroids: Centroids, _ lists: UnsafeMutableBufferPointer<UInt32>) -> [Int] {
        let dimension = rows.dimension
        var counts = [Int](repeating: 0, count: centroids.count)
        for list in lists { counts[Int(list)] += 1 }
        for list in 0..<centroids.count where counts[list] > 0 {
            (centroids.values + list * dimension).update(repeating: 0, count: dimension)
            centroids.extras[list] = 0
        }
        for (row, list) in lists.enumerated() {
            VectorArithmetic.add(rows.row(row), to: centroids.values + Int(list) * dimension, count: dimension)
            centroids.extras[Int(list)] += rows.extras[row]
        }
        for list in 0..<centroids.count where counts[list] > 0 {
            let part = 1 / Float(counts[list])
            let centre = centroids.values + list * dimension
            for index in 0..<dimension { centre[index] *= part }
            centroids.extras[list] *= part
        }
        return counts
    }

    /// Where rows are far from their centre there are too few centres: those of lists that hardly have rows go there, each to the farthest row of a few.
    private func replaceSmall(_ centroids: Centroids, _ counts: [Int], _ distances: UnsafeMutableBufferPointer<Float>, _ chance: inout SplitMix64) {
        let candidates = 32
        let smallest = distances.count / max(centroids.count, 1) / Self.smallestFraction
        for list in 0..<centroids.count where counts[list] <= smallest {
            var farthest = Int(chance.next() % UInt64(distances.count))
            for _ in 1..<candidates {
                let other = Int(chance.next() % UInt64(distances.count))
                if distances[other] > distances[farthest] { farthest = other }
            }
            if distances[farthest] > 0 { copy(row: farthest, to: list, centroids) }
        }
    }
}

/// The nearest centre of each row of a sample.
private final class SampleAssignment {
    // SAFETY: allocated in `init`, freed in `deinit`; all are written before any is read.
    let lists: UnsafeMutableBufferPointer<UInt32>
    let distances: UnsafeMutableBufferPointer<Float>

    init(rows: Int) {
        lists = .allocate(capacity: rows)
        distances = .allocate(capacity: rows)
    }

    deinit {
        lists.deallocate()
        distances.deallocate()
    }

    var meanSquaredDistance: Double { distances.reduce(0) { $0 + Double($1) } / Double(max(distances.count, 1)) }
}
