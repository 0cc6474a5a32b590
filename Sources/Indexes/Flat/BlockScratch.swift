import VectorModel

/// What a search writes while it works on one block of rows: which are chosen, and what was computed of each.
struct BlockScratch {
    // SAFETY: every array holds `capacity` elements, and no block is larger. The owner deallocates once.
    /// The chosen rows, ascending, counted from the first row of the run.
    let ordinals: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<Float>
    let coarseProducts: UnsafeMutablePointer<Int32>
    let fineProducts: UnsafeMutablePointer<Int32>
    let bounds: UnsafeMutablePointer<Float>

    init(capacity: Int) {
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

    /// Collects the accepted rows of `first ..< first + count` (ordinals of the part), counted from `base`, and returns how many there are.
    func choose(_ first: Int, _ count: Int, _ accepted: borrowing OrdinalSet, relativeTo base: Int) -> Int {
        var chosen = 0
        var row = first
        let end = first + count
        while row < end {
            let wordStart = row & ~63
            var word = accepted.word(row / 64)
            word &= ~0 << UInt64(row - wordStart)
            if end - wordStart < 64 { word &= (1 << UInt64(end - wordStart)) - 1 }
            if word == .max {
                for lane in 0..<64 { ordinals[chosen + lane] = UInt32(truncatingIfNeeded: wordStart + lane - base) }
                chosen += 64
                word = 0
            }
            while word != 0 {
                ordinals[chosen] = UInt32(wordStart + word.trailingZeroBitCount - base)
                chosen += 1
                word &= word &- 1
            }
            row = wordStart + 64
        }
        return chosen
    }

    /// Moves what was computed of the chosen rows of a whole block to the front.
    func compact<Value: BitwiseCopyable>(_ values: UnsafeMutablePointer<Value>, _ chosen: Int, blockStart: Int) {
        for index in 0..<chosen { values[index] = values[Int(ordinals[index]) - blockStart] }
    }
}
