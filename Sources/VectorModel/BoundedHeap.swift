/// What a `BoundedHeap` keeps the best of.
public protocol Ranked: Sendable {
    /// Whether `left` is better than `right`: a strict weak order.
    static func precedes(_ left: Self, _ right: Self) -> Bool
}

/// The `k` best elements seen so far: a bounded binary heap with the worst on top.
///
/// Invariants: at most `k` elements; no element that was offered and is not held precedes one that is held.
/// Cost: O(1) for an element that is not good enough, O(log k) for one that is kept; memory grows with what is kept, not with `k`.
public struct BoundedHeap<Element: Ranked>: Sendable {
    public let k: Int
    @usableFromInline internal var heap: [Element] = []

    /// - Parameter k: at least 0.
    @inlinable
    public init(k: Int) {
        self.k = k
        heap.reserveCapacity(min(k, 1_024))
    }

    @inlinable public var count: Int { heap.count }

    /// The worst element held, once `k` are: what another one must precede to be kept.
    @inlinable public var worst: Element? { heap.count == k ? heap.first : nil }

    /// Keeps `element` if it is among the `k` best.
    @inlinable
    public mutating func offer(_ element: Element) {
        if heap.count < k {
            heap.append(element)
            siftUp(heap.count - 1)
        } else if k > 0, Element.precedes(element, heap[0]) {
            heap[0] = element
            siftDown()
        }
    }

    /// What is held, best first.
    @inlinable public func sorted() -> [Element] { heap.sorted(by: Element.precedes) }

    @inlinable
    internal mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard Element.precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    @inlinable
    internal mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Element.precedes(heap[worst], heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
