/// Nodes that a filtered walk may pass through, the nearest on top: a binary heap that grows.
struct BridgeHeap {
    // SAFETY: the scratch's memory has room for `capacity` entries; `count` never exceeds it.
    private let scratch: SearchScratch
    private var entries: UnsafeMutablePointer<BeamEntry>
    private var capacity: Int
    private var count = 0

    init(_ scratch: SearchScratch) {
        self.scratch = scratch
        entries = scratch.bridges
        capacity = scratch.bridgeCapacity
    }

    /// The nearest.
    @inline(__always)
    var first: BeamEntry? { count > 0 ? entries[0] : nil }

    @inline(__always)
    mutating func insert(_ entry: BeamEntry) {
        if count == capacity {
            scratch.growBridges()
            (entries, capacity) = (scratch.bridges, scratch.bridgeCapacity)
        }
        var place = count
        count += 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry < entries[parent] else { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    /// Takes the nearest away; there is one.
    @inline(__always)
    mutating func removeFirst() {
        count -= 1
        let entry = entries[count]
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < count else { break }
            if child + 1 < count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entry else { break }
            entries[place] = entries[child]
            place = child
        }
        entries[place] = entry
    }
}
