/// The nearest rows of a search so far, each once: a bounded heap with the farthest on top.
///
/// A row and its distance are one number, whose upper half sorts as the distance does; equal distances sort by row. A row that is offered again
/// comes with the same distance, so while it is kept the same number is there, and once it was pushed out it is not near enough any more.
struct NearestSlots: ~Copyable {
    struct Neighbor {
        let slot: UInt32
        let squaredDistance: Float
    }

    let capacity: Int
    private(set) var count = 0
    var isFull: Bool { count == capacity }
    /// Distances that are not below this one need not be offered.
    private(set) var threshold = Float.infinity

    // SAFETY: `capacity` numbers, the first `count` of them in use; and a power of two of places for rows, of which less than half are in use.
    private let heap: UnsafeMutablePointer<UInt64>
    private var seen: UnsafeMutableBufferPointer<UInt32>
    private var seenCount = 0

    /// Marks a place where no row is: rows have smaller numbers.
    private static let empty = UInt32.max

    init(capacity: Int) {
        self.capacity = capacity
        heap = .allocate(capacity: capacity)
        var places = 256
        while places < 8 * capacity { places *= 2 }
        seen = .allocate(capacity: places)
        seen.initialize(repeating: Self.empty)
    }

    deinit {
        heap.deallocate()
        seen.deallocate()
    }

    /// Keeps a row if it is near enough. The distance is below the threshold and not NaN.
    mutating func offer(_ slot: UInt32, _ squaredDistance: Float) {
        let key = Self.key(slot, squaredDistance)
        if count == capacity && key >= heap[0] { return }
        guard insertSeen(slot) else { return }
        if count < capacity {
            heap[count] = key
            count += 1
            siftUp()
        } else {
            heap[0] = key
            siftDown()
        }
        if count == capacity { threshold = Self.distance(heap[0]) }
    }

    /// Nearest first.
    borrowing func sorted() -> [Neighbor] {
        UnsafeBufferPointer(start: heap, count: count).sorted().map {
            Neighbor(slot: UInt32(truncatingIfNeeded: $0), squaredDistance: Self.distance($0))
        }
    }

    /// Bit patterns of floats sort like the floats once the sign is turned over, and those of negative ones altogether.
    private static func key(_ slot: UInt32, _ distance: Float) -> UInt64 {
        let bits = distance.bitPattern
        let sortable = bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
        return UInt64(sortable) << 32 | UInt64(slot)
    }

    private static func distance(_ key: UInt64) -> Float {
        let sortable = UInt32(key >> 32)
        return Float(bitPattern: sortable & 0x8000_0000 != 0 ? sortable & 0x7FFF_FFFF : ~sortable)
    }

    /// False where the row was offered before.
    private mutating func insertSeen(_ slot: UInt32) -> Bool {
        if 2 * seenCount >= seen.count { growSeen() }
        let place = self.place(of: slot)
        if seen[place] == slot { return false }
        seen[place] = slot
        seenCount += 1
        return true
    }

    private func place(of slot: UInt32) -> Int {
        let mask = seen.count - 1
        var place = Int(truncatingIfNeeded: (UInt64(slot) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while seen[place] != slot && seen[place] != Self.empty { place = (place + 1) & mask }
        return place
    }

    private mutating func growSeen() {
        let old = seen
        seen = .allocate(capacity: 2 * old.count)
        seen.initialize(repeating: Self.empty)
        for slot in old where slot != Self.empty { seen[place(of: slot)] = slot }
        old.deallocate()
    }

    private mutating func siftUp() {
        var child = count - 1
        let key = heap[child]
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent] < key else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = key
    }

    private mutating func siftDown() {
        let key = heap[0]
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < count else { break }
            if child + 1 < count && heap[child + 1] > heap[child] { child += 1 }
            guard heap[child] > key else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = key
    }
}
