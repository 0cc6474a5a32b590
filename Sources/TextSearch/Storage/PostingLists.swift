/// Many lists of ascending rows, with what is said of each, that grow in any order: bytes in one arena.
///
/// A list is a chain of chunks, each twice as long as the one before up to 4 KiB, so a list of n bytes costs less than 2n + 16 bytes and appending
/// costs O(1), without an allocation for each list. A row is written as the varint of its distance to the row before less 1; the first as it is.
struct PostingLists: ~Copyable {
    private struct List {
        let head: Int
        /// Where the next byte goes.
        var write: Int
        /// Where the chunk ends and the place of the next one is written.
        var end: Int
        var level = 0
        var byteCount = 0
        var rowAfterLast: UInt32 = 0
        var rowCount: UInt32 = 0
    }

    private static let linkBytes = 8
    private static let levelMax = 9

    // SAFETY: the arena has `arenaCapacity` bytes, of which `arenaCount` are in chunks; `lists` has `listCapacity` elements, of which `count` are
    // initialized. A list's `write` lies in its last chunk or at its `end`, behind which `linkBytes` belong to the chunk too.
    private var arena: UnsafeMutablePointer<UInt8>
    private var arenaCount = 0
    private var arenaCapacity = 1 << 12
    private var lists: UnsafeMutablePointer<List>
    private var listCapacity = 64

    /// The number of lists.
    private(set) var count = 0

    init() {
        arena = .allocate(capacity: arenaCapacity)
        lists = .allocate(capacity: listCapacity)
    }

    deinit {
        arena.deallocate()
        lists.deallocate()
    }

    private static func payload(_ level: Int) -> Int { 8 << level }

    /// Adds an empty list; its number is the count before.
    mutating func add() {
        if count == listCapacity { lists = Self.grown(lists, count, &listCapacity, toHold: count + 1) }
        let start = addChunk(level: 0)
        (lists + count).initialize(to: List(head: start, write: start, end: start + Self.payload(0)))
        count += 1
    }

    /// How many rows a list has.
    func rowCount(_ list: Int) -> UInt32 { self[list].rowCount }

    /// How many bytes a list has.
    func byteCount(_ list: Int) -> Int { self[list].byteCount }

    private subscript(list: Int) -> List {
        precondition(list >= 0 && list < count)
        return lists[list]
    }

    /// Appends a row, unless it is the list's last already.
    /// - Returns: whether it was new.
    @discardableResult
    mutating func append(row: UInt32, to list: Int) -> Bool {
        precondition(list >= 0 && list < count)
        let after = lists[list].rowAfterLast
        guard after <= row else { return false }
        lists[list].rowAfterLast = row + 1
        lists[list].rowCount += 1
        append(row - after, to: list)
        return true
    }

    /// Appends a number that belongs to the last row.
    mutating func append(_ value: UInt32, to list: Int) {
        precondition(list >= 0 && list < count)
        var rest = value
        while rest >= 0x80 {
            append(byte: UInt8(truncatingIfNeeded: rest) | 0x80, lists + list)
            rest >>= 7
        }
        append(byte: UInt8(truncatingIfNeeded: rest), lists + list)
    }

    @inline(__always)
    private mutating func append(byte: UInt8, _ list: UnsafeMutablePointer<List>) {
        if list.pointee.write == list.pointee.end { extend(list) }
        arena[list.pointee.write] = byte
        list.pointee.write += 1
        list.pointee.byteCount += 1
    }

    @inline(never)
    private mutating func extend(_ list: UnsafeMutablePointer<List>) {
        let level = min(list.pointee.level + 1, Self.levelMax)
        let start = addChunk(level: level)
        UnsafeMutableRawPointer(arena + list.pointee.end).storeBytes(of: start, as: Int.self)
        list.pointee.level = level
        list.pointee.write = start
        list.pointee.end = start + Self.payload(level)
    }

    private mutating func addChunk(level: Int) -> Int {
        let start = arenaCount
        let bytes = Self.payload(level) + Self.linkBytes
        if start + bytes > arenaCapacity { arena = Self.grown(arena, arenaCount, &arenaCapacity, toHold: start + bytes) }
        (arena + start).initialize(repeating: 0, count: bytes)
        arenaCount = start + bytes
        return start
    }

    /// Moves to a buffer of twice the size at least.
    private static func grown<Element: BitwiseCopyable>(
        _ old: UnsafeMutablePointer<Element>, _ count: Int, _ capacity: inout Int, toHold needed: Int
    ) -> UnsafeMutablePointer<Element> {
        capacity = max(capacity * 2, needed)
        let new = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        new.moveInitialize(from: old, count: count)
        old.deallocate()
        return new
    }

    /// Puts the bytes of a list into `bytes`, instead of what was there.
    func read(_ list: Int, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        var (start, level, rest) = (self[list].head, 0, self[list].byteCount)
        while rest > 0 {
            let payload = Self.payload(level)
            let taken = min(payload, rest)
            bytes.append(contentsOf: UnsafeBufferPointer(start: arena + start, count: taken))
            rest -= taken
            if rest > 0 { start = UnsafeRawPointer(arena + start + payload).load(as: Int.self) }
            level = min(level + 1, Self.levelMax)
        }
    }
}
