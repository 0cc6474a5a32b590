/// The nodes that a walk may go to, by ascending estimate, at most `limit` of them.
struct Beam {
    // SAFETY: `entries` has room for `limit`, and `count` never exceeds it.
    private let entries: UnsafeMutablePointer<BeamEntry>
    private var limit: Int
    private var count = 0
    /// Every entry before it is visited.
    private var cursor = 0

    init(entries: UnsafeMutablePointer<BeamEntry>, limit: Int) {
        self.entries = entries
        self.limit = limit
    }

    /// Makes room for more entries; what was left out before stays so. The memory has room for them.
    mutating func widen(to limit: Int) { self.limit = max(self.limit, limit) }

    /// Whether nothing was ever left out for want of room.
    var hasRoom: Bool { count < limit }

    /// Estimates from here on have no place.
    @inline(__always)
    var threshold: Float { count < limit ? .infinity : entries[count - 1].distance.nextUp }

    @inline(__always)
    func admits(_ entry: BeamEntry) -> Bool { count < limit || entry < entries[count - 1] }

    /// Puts an entry that is admitted in its place; the farthest may fall out.
    @inline(__always)
    mutating func insert(_ entry: BeamEntry) {
        var place = count
        if count < limit { count += 1 } else { place -= 1 }
        while place > 0, entry < entries[place - 1] {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = entry
        cursor = min(cursor, place)
    }

    /// The nearest unvisited entry, which is visited from now on.
    @inline(__always)
    mutating func take() -> UInt32? {
        guard let entry = nextUnvisited else { return nil }
        visitNext()
        return entry.node
    }

    /// Counts what `nextUnvisited` has just returned as visited.
    @inline(__always)
    mutating func visitNext() { entries[cursor].visit() }

    @inline(__always)
    var nextUnvisited: BeamEntry? {
        mutating get {
            while cursor < count, entries[cursor].isVisited { cursor += 1 }
            return cursor < count ? entries[cursor] : nil
        }
    }
}

/// The nearest nodes of those that were measured, at most `limit` of them.
struct NearestNodes {
    // SAFETY: `entries` has room for `limit`, and `count` never exceeds it.
    private let entries: UnsafeMutablePointer<BeamEntry>
    private var limit: Int
    private(set) var count = 0

    init(entries: UnsafeMutablePointer<BeamEntry>, limit: Int) {
        self.entries = entries
        self.limit = limit
    }

    /// Nearest first.
    subscript(place: Int) -> BeamEntry { entries[place] }

    @inline(__always)
    mutating func offer(_ entry: BeamEntry) {
        var place = count
        if count < limit {
            count += 1
        } else {
            guard entry < entries[place - 1] else { return }
            place -= 1
        }
        while place > 0, entry < entries[place - 1] {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = entry
    }
}
