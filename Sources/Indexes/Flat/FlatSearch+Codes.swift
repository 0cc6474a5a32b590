import Quantization
import VectorKernels

/// The two-stage search of one run: bounds from codes, then the floats of the rows that no bound rules out, the most promising first.
///
/// Rows worth reading are collected over many blocks before any of them is read: in the order of their bounds the nearest come early, and the
/// threshold that they set rules out most of the others.
struct CodeStage {
    /// Fewer chosen rows in a block than this, and their floats are read without asking the codes: as fast, from memory.
    private static let chosenMin = 16
    /// Codes pay when the run has this many times the rows that are wanted.
    private static let rowsPerWantedMin = 4
    /// So many rows worth reading are collected for each row wanted, within limits, before they are read.
    private static let prospectsPerWanted = 8
    private static let prospectsRange = 256...8_192
    /// Rows whose floats are read together: enough to keep cache misses in flight, few enough to profit from the threshold that each group lowers.
    private static let groupRows = 16
    /// When more than this share of the rows whose codes were read had to be read as floats too, codes cost more than they save.
    private static let readShareMax = 0.5
    /// So many blocks are then searched by floats alone before codes are tried again.
    private static let pauseBlocks = 15

    private let search: FlatSearch
    private let run: VectorRun
    private let scratch: BlockScratch
    private let query: QueryCodes
    private let codes: CodeRun
    private var prospects: Prospects
    /// Rows whose codes were read since prospects were last read.
    private var rowsBounded = 0
    private var blocksToPause = 0

    /// `nil` when the query or the run has no codes.
    init?(search: FlatSearch, run: VectorRun, k: Int, scratch: BlockScratch) {
        guard let query = search.queryCodes, let codes = run.codes else { return nil }
        precondition(codes.stride == query.stride)
        self.search = search
        self.run = run
        self.scratch = scratch
        self.query = query
        self.codes = codes
        let wanted = min(k, Self.prospectsRange.upperBound) * Self.prospectsPerWanted
        let collected = min(max(wanted, Self.prospectsRange.lowerBound), Self.prospectsRange.upperBound)
        prospects = Prospects(capacity: collected + FlatSearch.blockRows)
    }

    func deallocate() { prospects.deallocate() }

    /// Whether to search a block by codes first, rather than by its floats alone.
    mutating func pay(for block: FlatSearch.Block, _ nearest: borrowing TopK) -> Bool {
        guard block.chosen >= Self.chosenMin else { return false }
        // While there is room for most rows, most rows are read.
        guard nearest.count == nearest.k || run.count / Self.rowsPerWantedMin >= nearest.k else { return false }
        guard blocksToPause == 0 else {
            blocksToPause -= 1
            return false
        }
        return true
    }

    /// Collects the chosen rows of a block that `nearest` might keep, and reads what is collected when it is enough.
    mutating func search<Access: RowAccess>(
        _ block: FlatSearch.Block, _ access: Access, into nearest: inout TopK, _ order: (Int) throws(Access.Failure) -> UInt64
    ) throws(Access.Failure) {
        try boundCoarsely(block, access)
        let kept = keepNearer(than: nearest.threshold, of: block.chosen)
        if kept > 0 { collect(kept, nearerThan: nearest.threshold) }
        rowsBounded += block.chosen
        if prospects.capacity - prospects.count < FlatSearch.blockRows { try readProspects(access, into: &nearest, order) }
    }

    /// Fills `scratch.coarseProducts` and `scratch.bounds` for the chosen rows of a block.
    private func boundCoarsely<Access: RowAccess>(_ block: FlatSearch.Block, _ access: Access) throws(Access.Failure) {
        if block.isGathered {
            try forEachGroup(scratch.ordinals, block.chosen) { rows throws(Access.Failure) in
                try access.willReadCodes(rows: rows.lowerBound + run.firstOrdinal..<rows.upperBound + run.firstOrdinal)
            }
            // The kernel asks for the codes by itself, but not for what belongs to them.
            for index in 0..<block.chosen { prefetch(codes.parameters + Int(scratch.ordinals[index]), bytes: MemoryLayout<CodeParameters>.size) }
            query.coarseProducts(
                base: codes.codes, ordinals: scratch.ordinals, count: block.chosen, kernels: search.kernels, into: scratch.coarseProducts)
            query.coarseBounds(
                products: scratch.coarseProducts, parameters: codes.parameters, ordinals: scratch.ordinals, count: block.chosen,
                into: scratch.bounds)
        } else {
            try access.willReadCodes(rows: block.rows(of: run))
            query.coarseProducts(
                rows: codes.codes + block.start * codes.stride, count: block.count, kernels: search.kernels, into: scratch.coarseProducts)
            query.coarseBounds(
                products: scratch.coarseProducts, parameters: codes.parameters + block.start, count: block.count, into: scratch.bounds)
            if block.chosen < block.count {
                scratch.compact(scratch.coarseProducts, block.chosen, blockStart: block.start)
                scratch.compact(scratch.bounds, block.chosen, blockStart: block.start)
            }
        }
    }

    /// Moves the rows that `threshold` does not rule out to the front of the scratch and returns how many there are.
    private func keepNearer(than threshold: Float, of chosen: Int) -> Int {
        var kept = 0
        for index in 0..<chosen {
            scratch.ordinals[kept] = scratch.ordinals[index]
            scratch.coarseProducts[kept] = scratch.coarseProducts[index]
            kept += scratch.bounds[index] <= threshold ? 1 : 0
        }
        return kept
    }

    /// Adds those of the first `count` rows of the scratch to the prospects that a finer bound does not rule out either. Their codes are cached.
    private mutating func collect(_ count: Int, nearerThan threshold: Float) {
        query.fineProducts(
            base: codes.codes, ordinals: scratch.ordinals, count: count, kernels: search.kernels, into: scratch.fineProducts)
        query.fineBounds(
            coarseProducts: scratch.coarseProducts, fineProducts: scratch.fineProducts, parameters: codes.parameters,
            ordinals: scratch.ordinals, count: count, into: scratch.bounds)
        for index in 0..<count where scratch.bounds[index] <= threshold {
            prospects.append(bound: scratch.bounds[index], ordinal: scratch.ordinals[index])
        }
    }

    /// Reads the floats of the prospects, by ascending bound until the threshold rules out the rest, and offers them to `nearest`.
    mutating func readProspects<Access: RowAccess>(
        _ access: Access, into nearest: inout TopK, _ order: (Int) throws(Access.Failure) -> UInt64
    ) throws(Access.Failure) {
        let wasFull = nearest.count == nearest.k
        prospects.sort()
        var read = 0
        while read < prospects.count {
            let group = try readGroup(from: read, threshold: nearest.threshold, access)
            guard group > 0 else { break }
            try search.offer(run, scratch.ordinals, scratch.distances, group, into: &nearest, order)
            read += group
        }
        if wasFull, Double(read) > Double(rowsBounded) * Self.readShareMax { blocksToPause = Self.pauseBlocks }
        prospects.removeAll()
        rowsBounded = 0
    }

    /// Computes the distances of the next few prospects within `threshold`; returns how many there are.
    private func readGroup<Access: RowAccess>(
        from first: Int, threshold: Float, _ access: Access
    ) throws(Access.Failure) -> Int {
        let end = min(first + Self.groupRows, prospects.count)
        var count = 0
        while first + count < end, prospects.bound(first + count) <= threshold {
            let ordinal = prospects.ordinal(first + count)
            let row = run.firstOrdinal + Int(ordinal)
            try access.willReadVectors(rows: row..<row + 1)
            scratch.ordinals[count] = ordinal
            count += 1
        }
        search.distance.gather(run, scratch.ordinals, count, search.query, search.kernels, into: scratch.distances)
        return count
    }
}
