public import VectorKernels
public import VectorModel

/// Rows that lie one after the other: a block of a memtable, a section of a segment.
public struct VectorRun {
    /// The ordinal of the first row.
    public let firstOrdinal: Int
    public let base: UnsafePointer<Float>
    public let count: Int
    /// 1/‖row‖ per row for `cosine` (0 for a zero vector); `nil` otherwise.
    public let inverseNorms: UnsafePointer<Float>?

    public init(firstOrdinal: Int, base: UnsafePointer<Float>, count: Int, inverseNorms: UnsafePointer<Float>?) {
        self.firstOrdinal = firstOrdinal
        self.base = base
        self.count = count
        self.inverseNorms = inverseNorms
    }
}

/// Exact search: every accepted row's distance to one query, the `k` smallest kept.
///
/// Sees no filter, file or collection: only borrowed rows, an accept set and a `TopK`.
/// Cost: O(accepted rows × dimension), bound by memory bandwidth when most rows are accepted.
public struct FlatSearch {
    private static let blockRows = 256
    /// Below this share of accepted rows in a block their vectors are gathered one by one instead of scanning the block.
    private static let gatherShareMax = 0.5

    private let query: UnsafeBufferPointer<Float>
    private let distance: DistanceFunction
    private let kernels: VectorKernels

    /// - Parameter query: borrowed; must outlive the search.
    public init(query: UnsafeBufferPointer<Float>, metric: Metric, kernels: VectorKernels = .active) {
        self.query = query
        self.kernels = kernels
        self.distance = DistanceFunction(metric: metric, query: query, kernels: kernels)
    }

    /// Offers every accepted row of `run` to `nearest`.
    /// - Parameters:
    ///   - accepted: the rows that may be returned.
    ///   - order: the tie-breaking order of a row, asked only for rows that are near enough.
    ///   - shouldContinue: asked once per block of rows.
    public func scan<Failure: Error>(
        _ run: VectorRun, accepted: borrowing OrdinalSet, into nearest: inout TopK, order: (Int) -> UInt64,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        let scratch = Scratch(capacity: Self.blockRows)
        defer { scratch.deallocate() }
        var start = 0
        while start < run.count {
            let count = min(Self.blockRows, run.count - start)
            let chosen = scratch.choose(run.firstOrdinal + start, count, accepted, relativeTo: run.firstOrdinal)
            if chosen > 0 {
                try shouldContinue()
                if Double(chosen) <= Double(count) * Self.gatherShareMax {
                    distance.gather(run, scratch.ordinals, chosen, query, kernels, into: scratch.distances)
                } else {
                    distance.block(run, start, count, query, kernels, into: scratch.distances)
                    scratch.compact(chosen, blockStart: start)
                }
                offer(run, scratch, chosen, into: &nearest, order)
            }
            start += count
        }
    }

    /// The candidates held, nearest first, with their distances computed anew in double precision.
    ///
    /// What clients see is then exact to the last digit of a float and the same on every instruction set. Cost: O(k × dimension).
    public func refined(_ nearest: TopK, row: (Int) -> UnsafeBufferPointer<Float>) -> [Candidate] {
        nearest.sorted().map { candidate in
            let exact = distance.recomputed(row(Int(candidate.ordinal)).baseAddress!, query)
            return Candidate(distance: exact, ordinal: candidate.ordinal, order: candidate.order)
        }.sorted(by: Candidate.precedes)
    }

    @inline(__always)
    private func offer(_ run: VectorRun, _ scratch: Scratch, _ count: Int, into nearest: inout TopK, _ order: (Int) -> UInt64) {
        for index in 0..<count {
            let row = Int(scratch.ordinals[index])
            var value = scratch.distances[index]
            if !value.isFinite { value = distance.recomputed(run.base + row * query.count, query) }
            guard value <= nearest.threshold else { continue }
            let ordinal = run.firstOrdinal + row
            nearest.offer(Candidate(distance: value, ordinal: UInt32(ordinal), order: order(ordinal)))
        }
    }

    /// Ordinals (relative to the run) and distances of one block.
    private struct Scratch {
        // SAFETY: both arrays hold `capacity` elements, and no block is larger.
        let ordinals: UnsafeMutablePointer<UInt32>
        let distances: UnsafeMutablePointer<Float>

        init(capacity: Int) {
            ordinals = .allocate(capacity: capacity)
            distances = .allocate(capacity: capacity)
        }

        func deallocate() {
            ordinals.deallocate()
            distances.deallocate()
        }

        /// Collects the accepted rows of `first ..< first + count`, relative to `base`, and returns how many there are.
        func choose(_ first: Int, _ count: Int, _ accepted: borrowing OrdinalSet, relativeTo base: Int) -> Int {
            var chosen = 0
            var row = first
            let end = first + count
            while row < end {
                let wordStart = row & ~63
                var word = accepted.word(row / 64)
                word &= ~0 << UInt64(row - wordStart)
                if end - wordStart < 64 { word &= (1 << UInt64(end - wordStart)) - 1 }
                while word != 0 {
                    ordinals[chosen] = UInt32(wordStart + word.trailingZeroBitCount - base)
                    chosen += 1
                    word &= word &- 1
                }
                row = wordStart + 64
            }
            return chosen
        }

        /// Moves the chosen rows' distances of a whole block to the front.
        func compact(_ chosen: Int, blockStart: Int) {
            for index in 0..<chosen { distances[index] = distances[Int(ordinals[index]) - blockStart] }
        }
    }
}
