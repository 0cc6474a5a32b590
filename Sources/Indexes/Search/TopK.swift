public import VectorModel

/// One answer of a search: a row and its distance.
public struct Candidate: BitwiseCopyable, Ranked {
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

/// The `k` nearest candidates seen so far.
///
/// Cost: see `BoundedHeap`.
public struct TopK: Sendable {
    private var heap: BoundedHeap<Candidate>
    /// A distance beyond this one cannot be kept. Infinite until `k` candidates are held.
    public private(set) var threshold: Float

    public init(k: Int) {
        heap = BoundedHeap(k: k)
        threshold = k == 0 ? -.infinity : .infinity
    }

    public var k: Int { heap.k }
    public var count: Int { heap.count }

    /// Keeps `candidate` if it is among the `k` nearest. Its distance must not be NaN.
    public mutating func offer(_ candidate: Candidate) {
        heap.offer(candidate)
        if let worst = heap.worst { threshold = worst.distance }
    }

    /// What is held, nearest first.
    public func sorted() -> [Candidate] { heap.sorted() }
}
