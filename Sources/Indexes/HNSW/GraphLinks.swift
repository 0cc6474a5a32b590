/// The links of a graph while it is built: for each node a short list of others, with room for some more than it ends up with.
final class GraphLinks: @unchecked Sendable {
    // SAFETY: unchecked because of the pointers. In every phase of a build a list is written by one thread only, or none.
    let count: Int
    /// Links that a node ends up with at most.
    let degree: Int
    /// Links that a node has room for: those that are added back to it are pruned together, when the room is used up.
    let capacity: Int
    private let links: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<UInt16>

    init(count: Int, degree: Int) {
        self.count = count
        self.degree = degree
        capacity = degree + degree / 2
        links = .allocate(capacity: max(count * capacity, 1))
        links.initialize(repeating: 0, count: count * capacity)
        counts = .allocate(capacity: max(count, 1))
        counts.initialize(repeating: 0, count: count)
    }

    deinit {
        links.deallocate()
        counts.deallocate()
    }

    subscript(node: Int) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: links + node * capacity, count: Int(counts[node]))
    }

    func replace(_ node: Int, with others: some Sequence<UInt32>) {
        var count = 0
        for other in others {
            links[node * capacity + count] = other
            count += 1
        }
        counts[node] = UInt16(count)
    }

    /// False when there is no room.
    func append(_ other: UInt32, to node: Int) -> Bool {
        let count = Int(counts[node])
        guard count < capacity else { return false }
        links[node * capacity + count] = other
        counts[node] = UInt16(count + 1)
        return true
    }

    func set(_ link: Int, of node: Int, to other: UInt32) { links[node * capacity + link] = other }
}
