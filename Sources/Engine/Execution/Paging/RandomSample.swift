import Segments
import VectorModel

/// A sample of records: those whose keys, mixed with the seed, are the smallest. So it does not depend on where the records lie.
///
/// Cost: O(rows), and O(size) memory.
struct RandomSample {
    private let size: Int
    private let seed: UInt64
    private var kept: [(rank: UInt64, address: RowAddress)] = []

    init(size: Int, seed: UInt64) {
        self.size = size
        self.seed = seed
    }

    mutating func offer(_ address: RowAddress, insertionKey: UInt64) {
        guard size > 0 else { return }
        // The seed first goes through the generator, so that neighbouring seeds give unrelated samples.
        var seeded = SplitMix64(seed: seed)
        var mixed = SplitMix64(seed: seeded.next() ^ insertionKey)
        kept.append((mixed.next(), address))
        if kept.count >= max(2 * size, 1_024) { cut() }
    }

    /// The sample, in the order of the mixed keys.
    mutating func chosen() -> [RowAddress] {
        cut()
        return kept.map(\.address)
    }

    private mutating func cut() {
        kept.sort { $0.rank < $1.rank }
        if kept.count > size { kept.removeLast(kept.count - size) }
    }
}
