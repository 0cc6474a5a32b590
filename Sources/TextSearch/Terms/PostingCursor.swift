/// Walks the rows of one term, upwards, a block of 128 decoded at a time. Blocks that are passed over are not decoded.
final class PostingCursor {
    private let index: TermIndex
    private let blocks: Range<Int>
    private let rowsOfTerm: Int
    // SAFETY: both have `blockRows` elements, of which the first `count` are the decoded block's; freed in `deinit`.
    private let rows: UnsafeMutablePointer<UInt32>
    private let frequencies: UnsafeMutablePointer<UInt32>
    private var block: Int
    private var count = 0
    private var position = 0

    /// The row that the cursor is at; `Int.max` behind the last.
    private(set) var row = Int.max
    /// The last row of the block that the cursor is in.
    private(set) var blockLastRow = Int.max

    /// At the term's first row.
    init(_ index: TermIndex, term: Int) {
        self.index = index
        blocks = index.blocks(of: term)
        rowsOfTerm = Int(index.frequencies[term])
        rows = .allocate(capacity: TermIndexFormat.blockRows)
        frequencies = .allocate(capacity: TermIndexFormat.blockRows)
        block = blocks.lowerBound
        enter(block)
    }

    deinit {
        rows.deallocate()
        frequencies.deallocate()
    }

    /// How often the term stands in the row's document. Not behind the last row.
    var frequency: UInt32 { frequencies[position] }

    /// The bounds of the block that the cursor is in.
    var bounds: TermIndexFormat.Block { index.block(block) }

    /// The bounds of every block.
    var allBounds: some Sequence<TermIndexFormat.Block> { blocks.lazy.map { [index] in index.block($0) } }

    /// Moves to the first row that is not below `target`. Cost: O(log blocks passed over), and at most one block decoded.
    func advance(to target: Int) {
        guard target > row else { return }
        if target > blockLastRow {
            let next = firstBlock(reaching: target)
            guard next < blocks.upperBound else {
                row = .max
                blockLastRow = .max
                return
            }
            enter(next)
        }
        while Int(rows[position]) < target { position += 1 }
        row = Int(rows[position])
    }

    /// By steps that double, then by halves.
    private func firstBlock(reaching target: Int) -> Int {
        var (low, step) = (block + 1, 1)
        var high = low
        while high < blocks.upperBound, Int(index.block(high).lastRow) < target {
            low = high + 1
            high = min(high + step, blocks.upperBound)
            step *= 2
        }
        while low < high {
            let middle = (low + high) / 2
            if Int(index.block(middle).lastRow) < target { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func enter(_ number: Int) {
        block = number
        let blocksBefore = number - blocks.lowerBound
        count = min(TermIndexFormat.blockRows, rowsOfTerm - blocksBefore * TermIndexFormat.blockRows)
        var after = blocksBefore == 0 ? 0 : Int(index.block(number - 1).lastRow) + 1
        var varints = TrustedVarints(index.image.bytes, at: index.postingStart(number))
        for place in 0..<count {
            let row = after + Int(varints.read())
            rows[place] = UInt32(row)
            frequencies[place] = varints.read() + 1
            after = row + 1
        }
        position = 0
        row = Int(rows[0])
        blockLastRow = after - 1
    }
}
