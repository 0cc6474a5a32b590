/// One answer of a search by scores: a row and how well it matches.
public struct ScoredRow: BitwiseCopyable, Sendable {
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

/// The `k` best rows seen so far: a bounded binary heap with the worst on top.
///
/// Unlike `TopK` it keeps scores in double precision and larger ones are better.
/// Invariants: at most `k` rows; no row that was offered and is not held precedes one that is held.
/// Cost: O(1) for a row that is not good enough, O(log k) for one that is kept; memory grows with what is kept, not with `k`.
public struct ScoredTopK: Sendable {
    public let k: Int
    private var heap: [ScoredRow] = []
    /// A score below this one cannot be kept. Minus infinity until `k` rows are held.
    public private(set) var threshold = -Double.infinity

    public init(k: Int) {
        self.k = k
        if k == 0 { threshold = .infinity }
        heap.reserveCapacity(min(k, 1_024))
    }

    public var count: Int { heap.count }

    /// Keeps `row` if it is among the `k` best. Its score must not be NaN.
    public mutating func offer(_ row: ScoredRow) {
        if heap.count < k {
            heap.append(row)
            siftUp(heap.count - 1)
            if heap.count == k { threshold = heap[0].score }
        } else if k > 0, ScoredRow.precedes(row, heap[0]) {
            heap[0] = row
            siftDown()
            threshold = heap[0].score
        }
    }

    /// What is held, best first.
    public func sorted() -> [ScoredRow] { heap.sorted(by: ScoredRow.precedes) }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard ScoredRow.precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if ScoredRow.precedes(heap[worst], heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
