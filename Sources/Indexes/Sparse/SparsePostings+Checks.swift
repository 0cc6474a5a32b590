/// What a search goes by, looked at once.
extension SparsePostings {
    func check() throws(IndexImageDamage) {
        let (dimensions, layout) = (header.dimensionCount, SparseLayout(header))
        guard Self.ascends(firstBlocks, dimensions, to: header.blockCount) else {
            throw IndexImageDamage(offset: layout.firstBlocks, reason: "blocks of indices do not follow one another")
        }
        guard Self.ascends(firstPostings, dimensions, to: header.postingCount) else {
            throw IndexImageDamage(offset: layout.firstPostings, reason: "postings of indices do not follow one another")
        }
        for place in 0..<dimensions {
            guard place == 0 || indices[place] > indices[place - 1] else {
                throw IndexImageDamage(offset: layout.indices + place * 4, reason: "indices do not ascend")
            }
            try check(list(place), layout)
        }
    }

    private func check(_ list: List, _ layout: SparseLayout) throws(IndexImageDamage) {
        for block in list.blocks {
            let isFirst = block == list.blocks.lowerBound
            guard windows[block] < header.windowCount, isFirst || windows[block] > windows[block - 1] else {
                throw IndexImageDamage(offset: layout.windows + block * 4, reason: "windows of an index do not ascend to the last one")
            }
            guard isFirst ? starts[block] == 0 : starts[block] > starts[block - 1], Int(starts[block]) < list.postings.count else {
                throw IndexImageDamage(offset: layout.starts + block * 4, reason: "blocks of an index do not share out its postings")
            }
        }
        for block in list.blocks { try check(block, postings(of: block, in: list), layout) }
    }

    /// Rows ascend within the part, and the bounds of the weights are what they are.
    private func check(_ block: Int, _ postings: Range<Int>, _ layout: SparseLayout) throws(IndexImageDamage) {
        let end = header.rowCount - Int(windows[block]) * SparseHeader.windowRows
        var (last, least, most) = (-1, Float.infinity, -Float.infinity)
        for posting in postings {
            let row = Int(rows[posting])
            guard row > last, row < end else {
                throw IndexImageDamage(offset: layout.rows + posting, reason: "rows of a block do not ascend to the part's last")
            }
            last = row
            let weight = weights[posting]
            guard weight.isFinite else { throw IndexImageDamage(offset: layout.weights + posting * 4, reason: "a weight is not finite") }
            least = min(least, weight)
            most = max(most, weight)
        }
        guard maxima[block] == most else {
            throw IndexImageDamage(offset: layout.maxima + block * 4, reason: "a block's largest weight is another")
        }
        guard minima.map({ $0[block] == least }) ?? (least >= 0) else {
            throw IndexImageDamage(offset: layout.minima + block * 4, reason: "a block's smallest weight is another")
        }
    }

    /// From 0, each above the one before, up to `end`: every list has something.
    private static func ascends(_ firsts: UnsafePointer<UInt64>, _ count: Int, to end: Int) -> Bool {
        guard firsts[0] == 0, firsts[count] == end else { return false }
        for place in 0..<count where firsts[place] >= firsts[place + 1] { return false }
        return true
    }
}
