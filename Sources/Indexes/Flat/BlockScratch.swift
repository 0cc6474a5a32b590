import VectorModel

/// What a search writes while it works on one block of rows: which are chosen, and what was computed of each.
struct BlockScratch {
    // SAFETY: every array holds `capacity` elements, and no more rows are collected at once. The owner deallocates once.
    let capacity: Int
    /// The chosen rows, ascending, counted from the first row of the run.
    let ordinals: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<Float>
    let coarseProducts: UnsafeMutablePointer<Int32>
    let fineProducts: UnsafeMutablePointer<Int32>
    let bounds: UnsafeMutablePointer<Float>

    init(capacity: Int) {
        self.capacity = capacity
        ordinals = .allocate(capacity: capacity)
        distances = .allocate(capacity: capacity)
        coarseProducts = .allocate(capacity: capacity)
        fineProducts = .allocate(capacity: capacity)
        bounds = .allocate(capacity: capacity)
    }

    func deallocate() {
        ordinals.deallocate()
        distances.deallocate()
        coarseProducts.deallocate()
        fineProducts.deallocate()
        bounds.deallocate()
    }

    /// Collects accepted rows from `first` on (ordinals of the part), counted from `base`: those of the next `capacity` rows, or, where they are
    /// few, of as many more as it takes to fill the scratch.
    ///
    /// - Parameter end: rows from here on are not looked at.
    /// - Returns: how many were collected, and how many rows were looked at: more than `capacity` only where at most half of them were collected.
    func choose(from first: Int, to end: Int, _ accepted: borrowing OrdinalSet, relativeTo base: Int) -> (chosen: Int, count: Int) {
        var chosen = 0
        var row = first
        let nearEnd = min(end, first + capacity)
        while row < nearEnd { chosen += append(&row, to: nearEnd, accepted, relativeTo: base, after: chosen) }
        guard 2 * chosen <= row - first else { return (chosen, row - first) }
        while row < end, chosen + 64 <= capacity {
            let word = accepted.word(row / 64)
            guard word != 0 else {
                row = min(row & ~63 + 64, end)
                continue
            }
            // Words of many accepted rows make blocks of their own. What is left of a word at either end of the rows counts as what it is: all
            // of a few rows may be accepted.
            let next = min(row & ~63 + 64, end)
            let more = Self.accepted(word, from: row, to: next)
            guard more <= 32, 2 * (chosen + more) <= next - first else { break }
            chosen += append(&row, to: end, accepted, relativeTo: base, after: chosen)
        }
        return (chosen, row - first)
    }

    /// How many rows of a word from `row` on, and before `end`, are accepted.
    private static func accepted(_ word: UInt64, from row: Int, to end: Int) -> Int {
        let bits = word >> UInt64(row & 63)
        return (end - row < 64 ? bits & (1 << UInt64(end - row) - 1) : bits).nonzeroBitCount
    }

    /// Collects the accepted rows of the 64 that `row` is one of, from `row` on, and moves `row` behind them.
    @inline(__always)
    private func append(_ row: inout Int, to end: Int, _ accepted: borrowing OrdinalSet, relativeTo base: Int, after chosen: Int) -> Int {
        let wordStart = row & ~63
        var word = accepted.word(row / 64)
        word &= ~0 << UInt64(row - wordStart)
        if end - wordStart < 64 { word &= (1 << UInt64(end - wordStart)) - 1 }
        row = min(wordStart + 64, end)
        var next = ordinals + chosen
        if word == .max {
            for lane in 0..<64 { next[lane] = UInt32(truncatingIfNeeded: wordStart + lane - base) }
            return 64
        }
        while word != 0 {
            next.pointee = UInt32(truncatingIfNeeded: wordStart + word.trailingZeroBitCount - base)
            next += 1
            word &= word &- 1
        }
        return next - (ordinals + chosen)
    }

    /// Moves what was computed of the chosen rows of a whole block to the front.
    func compact<Value: BitwiseCopyable>(_ values: UnsafeMutablePointer<Value>, _ chosen: Int, blockStart: Int) {
        for index in 0..<chosen { values[index] = values[Int(ordinals[index]) - blockStart] }
    }
}
