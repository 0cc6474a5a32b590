public import VectorModel

/// Which rows of a memtable or segment are dead. A value: a snapshot keeps its own version, and a change copies only the chunks it touches.
///
/// Cost: `insert` O(1) amortised, or one chunk (512 bytes) copied when a snapshot shares it.
public struct Tombstones: Sendable {
    private static let chunkRows = 4_096
    private static let chunkWords = chunkRows / 64

    /// `nil` for a chunk without tombstones.
    private var chunks: [[UInt64]?] = []
    /// How many rows are dead.
    public private(set) var count = 0

    public init() {}

    /// - Parameter rows: the dead rows, each once.
    public init(_ rows: some Sequence<Int>) {
        for row in rows { insert(row) }
    }

    public func contains(_ row: Int) -> Bool {
        let chunk = row / Self.chunkRows
        guard chunk < chunks.count, let words = chunks[chunk] else { return false }
        let bit = row % Self.chunkRows
        return words[bit / 64] & (1 << UInt64(bit % 64)) != 0
    }

    /// Marks `row` dead. Returns false if it was dead already. A row once dead stays dead, so later tombstones of a part hold all earlier ones.
    @discardableResult
    public mutating func insert(_ row: Int) -> Bool {
        guard !contains(row) else { return false }
        let chunk = row / Self.chunkRows
        while chunks.count <= chunk { chunks.append(nil) }
        let bit = row % Self.chunkRows
        if chunks[chunk] == nil { chunks[chunk] = [UInt64](repeating: 0, count: Self.chunkWords) }
        chunks[chunk]![bit / 64] |= 1 << UInt64(bit % 64)
        count += 1
        return true
    }

    /// The rows below `bound` that are alive.
    public func alive(below bound: Int) -> OrdinalSet {
        var alive = OrdinalSet.all(below: bound)
        for (chunk, words) in chunks.enumerated() {
            guard let words else { continue }
            for (index, dead) in words.enumerated() where dead != 0 {
                let word = chunk * Self.chunkWords + index
                guard word < alive.wordCount else { break }
                alive.setWord(word, alive.word(word) & ~dead)
            }
        }
        return alive
    }

    /// Calls `body` with each row that is dead here and not in `earlier`, ascending. Chunks that both share are passed over.
    public func forEach<Failure: Error>(
        notIn earlier: Tombstones = Tombstones(), _ body: (Int) throws(Failure) -> Void
    ) throws(Failure) {
        guard count > earlier.count else { return }
        for (index, words) in chunks.enumerated() {
            guard let words else { continue }
            let before = index < earlier.chunks.count ? earlier.chunks[index] : nil
            for (position, word) in words.enumerated() {
                var rest = word & ~(before?[position] ?? 0)
                while rest != 0 {
                    try body(index * Self.chunkRows + position * 64 + rest.trailingZeroBitCount)
                    rest &= rest &- 1
                }
            }
        }
    }

    /// The dead rows, ascending.
    public var rows: [Int] {
        var rows: [Int] = []
        rows.reserveCapacity(count)
        forEach { (row) throws(Never) in rows.append(row) }
        return rows
    }
}
