/// One answer of a search by scores: a row and how well it matches.
public struct ScoredRow: BitwiseCopyable, Hashable, Ranked {
    /// Larger is better.
    public let score: Double
    /// Which part of what was searched the row belongs to.
    public let part: UInt32
    /// The row within its part.
    public let ordinal: UInt32
    /// Breaks ties between equal scores: the smaller, older one is better.
    public let order: UInt64

    @inlinable
    public init(score: Double, part: UInt32 = 0, ordinal: UInt32, order: UInt64) {
        self.score = score
        self.part = part
        self.ordinal = ordinal
        self.order = order
    }

    /// Better first; among equals the older first.
    @inlinable @inline(__always)
    public static func precedes(_ left: ScoredRow, _ right: ScoredRow) -> Bool {
        left.score > right.score || (left.score == right.score && left.order < right.order)
    }
}

/// The `k` rows of the largest scores seen so far. One may go through many parts.
///
/// Unlike distances, scores are doubles, and larger ones are better. Cost: see `BoundedHeap`.
public struct ScoredTopK: Sendable {
    private var heap: BoundedHeap<ScoredRow>
    /// A score below this one cannot be kept. Minus infinity until `k` rows are held.
    public private(set) var threshold: Double

    public init(k: Int) {
        heap = BoundedHeap(k: k)
        threshold = k == 0 ? .infinity : -.infinity
    }

    public var k: Int { heap.k }
    public var count: Int { heap.count }

    /// Keeps `row` if it is among the `k` best. Its score must not be NaN.
    public mutating func offer(_ row: ScoredRow) {
        heap.offer(row)
        if let worst = heap.worst { threshold = worst.score }
    }

    /// What is held, best first.
    public func sorted() -> [ScoredRow] { heap.sorted() }
}
