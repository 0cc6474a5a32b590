/// One answer of a search: a row and its distance.
public struct Candidate: BitwiseCopyable, Sendable {
    public let distance: Float
    /// Which part of what was searched the row belongs to.
    public let part: UInt32
    /// The row within its part.
    public let ordinal: UInt32
    /// Breaks ties between equal distances: the smaller, older one is nearer.
    public let order: UInt64

    @inlinable
    public init(distance: Float, part: UInt32 = 0, ordinal: UInt32, order: UInt64) {
        self.distance = distance
        self.part = part
        self.ordinal = ordinal
        self.order = order
    }

    /// Nearer first; among equals the older first.
    @inlinable @inline(__always)
    public static func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
        left.distance < right.distance || (left.distance == right.distance && left.order < right.order)
    }
}

/// The `k` nearest candidates seen so far: a bounded binary heap with the farthest on top.
///
/// Invariants: at most `k` candidates; no candidate that was offered and is not held precedes one that is held.
/// Cost: O(1) for a candidate that is too far, O(log k) for one that is kept; memory grows with what is kept, not with `k`.
public struct TopK: Sendable {
    public let k: Int
    @usableFromInline internal var heap: [Candidate] = []
    /// A distance beyond this one cannot be kept. Infinite until `k` candidates are held.
    public private(set) var threshold = Float.infinity

    public init(k: Int) {
        self.k = k
        if k == 0 { threshold = -.infinity }
        heap.reserveCapacity(min(k, 1_024))
    }

    public var count: Int { heap.count }

    /// Keeps `candidate` if it is among the `k` nearest. Its distance must not be NaN.
    public mutating func offer(_ candidate: Candidate) {
        if heap.count < k {
            heap.append(candidate)
            siftUp(heap.count - 1)
            if heap.count == k { threshold = heap[0].distance }
        } else if k > 0, Candidate.precedes(candidate, heap[0]) {
            heap[0] = candidate
            siftDown()
            threshold = heap[0].distance
        }
    }

    /// What is held, nearest first.
    public func sorted() -> [Candidate] { heap.sorted(by: Candidate.precedes) }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard Candidate.precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var farthest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Candidate.precedes(heap[farthest], heap[child]) { farthest = child }
            }
            guard farthest != parent else { return }
            heap.swapAt(parent, farthest)
            parent = farthest
        }
    }
}
