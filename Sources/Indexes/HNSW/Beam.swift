/// The nodes that a walk may go to, by ascending estimate, at most `limit` of them.
struct Beam {
    // SAFETY: `entries` has room for `limit`, and `count` never exceeds it.
    private let entries: UnsafeMutablePointer<BeamEntry>
    private let limit: Int
    private var count = 1
    /// Every entry before it is visited.
    private var cursor = 0

    init(entries: UnsafeMutablePointer<BeamEntry>, limit: Int, entry: UInt32) {
        self.entries = entries
        self.limit = limit
        entries[0] = BeamEntry(distance: 0, node: entry)
    }

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
        guard let node = nextUnvisited else { return nil }
        entries[cursor].visit()
        return node
    }

    @inline(__always)
    var nextUnvisited: UInt32? {
        mutating get {
            while cursor < count, entries[cursor].isVisited { cursor += 1 }
            return cursor < count ? entries[cursor].node : nil
        }
    }
}

/// The nearest nodes of those that were measured, at most `limit` of them.
struct NearestNodes {
    // SAFETY: `entries` has room for `limit`, and `count` never exceeds it.
    private let entries: UnsafeMutablePointer<BeamEntry>
    private let limit: Int
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
