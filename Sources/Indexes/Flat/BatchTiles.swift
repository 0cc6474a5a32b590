import Quantization
import VectorKernels

/// One scan of a run for a batch of queries: collects accepted rows until they fill a tile, screens it, and measures what is left.
struct BatchTiles {
    private static let rows = VectorKernels.screenRows
    /// A tile is screened when so many of the queries have as many candidates as they want; before, every row is kept.
    private static let readyShareMin = 0.5
    /// Encoding a row takes as long as measuring it for so many queries.
    private static let encodingQueriesMin = 48
    /// When more than this share of rows and queries is left by a tile, screening costs more than it saves.
    private static let keptShareMax = 0.5
    /// So many tiles are then measured without screening before it is tried again.
    private static let pauseTiles = 15

    private let searches: [FlatSearch]
    private let screen: BatchScreen
    private let run: VectorRun
    private let steps: Int

    // SAFETY: allocated in `init`, deallocated once by the owner. `rows` elements each, but as said.
    private let ordinals: UnsafeMutablePointer<UInt32>
    private let kept: UnsafeMutablePointer<UInt32>
    private let distances: UnsafeMutablePointer<Float>
    /// Three numbers per row.
    private let rowTerms: UnsafeMutablePointer<Float>
    private let tile: UnsafeMutablePointer<Int8>
    /// One per query.
    private let queryTerms: UnsafeMutablePointer<ScreenQuery>
    private let thresholds: UnsafeMutablePointer<Float>
    private let masks: UnsafeMutablePointer<UInt64>
    private let encoder: TileEncoder?

    private var count = 0
    private var tilesToPause = 0
    /// Rows of the tile that `access` was told of, by bit.
    private var announced: UInt64 = 0

    init(_ searches: [FlatSearch], _ screen: BatchScreen, _ run: VectorRun) {
        (self.searches, self.screen, self.run) = (searches, screen, run)
        steps = VectorKernels.screenSteps(dimension: screen.dimension)
        ordinals = .allocate(capacity: Self.rows)
        kept = .allocate(capacity: Self.rows)
        distances = .allocate(capacity: Self.rows)
        rowTerms = .allocate(capacity: 3 * Self.rows)
        rowTerms.initialize(repeating: 0, count: 3 * Self.rows)
        let bytes = VectorKernels.screenTileBytes(steps: steps)
        tile = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).initializeMemory(as: Int8.self, repeating: 0, count: bytes)
        queryTerms = .allocate(capacity: searches.count)
        queryTerms.initialize(repeating: CodeScreen.everything, count: searches.count)
        thresholds = .allocate(capacity: searches.count)
        thresholds.initialize(repeating: .infinity, count: searches.count)
        masks = .allocate(capacity: searches.count)
        encoder = run.codes == nil && searches.count >= Self.encodingQueriesMin ? TileEncoder(screen, rows: Self.rows) : nil
    }

    func deallocate() {
        ordinals.deallocate()
        kept.deallocate()
        distances.deallocate()
        rowTerms.deallocate()
        tile.deallocate()
        queryTerms.deallocate()
        thresholds.deallocate()
        masks.deallocate()
        encoder?.deallocate()
    }

    var isFull: Bool { count == Self.rows }
    var isEmpty: Bool { count == 0 }

    /// Adds rows of the run to the tile, as many of the `available` as it has room for, and returns how many.
    mutating func take(_ rows: UnsafePointer<UInt32>, _ available: Int) -> Int {
        let taken = min(available, Self.rows - count)
        (ordinals + count).update(from: rows, count: taken)
        count += taken
        return taken
    }

    /// Offers the rows of the tile to every query's nearest, and empties it.
    mutating func search<Access: RowAccess>(
        _ access: Access, into nearest: inout [TopK], _ order: (Int) throws(Access.Failure) -> UInt64
    ) throws(Access.Failure) {
        defer { count = 0 }
        announced = 0
        let all: UInt64 = count == Self.rows ? .max : 1 << UInt64(count) - 1
        let isScreened = try screenTile(access, all, nearest)
        var left = 0
        for query in searches.indices {
            let mask = isScreened ? masks[query] & all : all
            guard mask != 0 else { continue }
            left += mask.nonzeroBitCount
            try measure(query, mask, access, into: &nearest[query], order)
        }
        if isScreened, Double(left) > Double(count * searches.count) * Self.keptShareMax { tilesToPause = Self.pauseTiles }
    }

    /// Fills `masks`; false when it does not pay to.
    private mutating func screenTile<Access: RowAccess>(
        _ access: Access, _ all: UInt64, _ nearest: borrowing [TopK]
    ) throws(Access.Failure) -> Bool {
        guard tilesToPause == 0 else {
            tilesToPause -= 1
            return false
        }
        guard run.codes != nil || encoder != nil, updateTerms(nearest) else { return false }
        let kernels = screen.kernels
        if let codes = run.codes {
            precondition(codes.stride == screen.stride)
            try forEachGroup(ordinals, count) { rows throws(Access.Failure) in
                try access.willReadCodes(rows: rows.lowerBound + run.firstOrdinal..<rows.upperBound + run.firstOrdinal)
            }
            kernels.packScreen(base: codes.codes, stride: codes.stride, ordinals: ordinals, count: count, steps: steps, tile: tile)
            for row in 0..<count { setTerms(of: row, codes.parameters[Int(ordinals[row])]) }
        } else if let encoder {
            try announce(all, access)
            for row in 0..<count { setTerms(of: row, encoder.encode(run, Int(ordinals[row]), into: row)) }
            kernels.packScreen(base: encoder.codes, stride: screen.stride, ordinals: encoder.places, count: count, steps: steps, tile: tile)
        }
        kernels.screen(
            queries: screen.codes, stride: screen.stride, terms: queryTerms, count: searches.count, tile: tile, rows: rowTerms, steps: steps,
            isSquared: CodeScreen.isSquared(screen.metric), into: masks)
        return true
    }

    /// Brings the queries' terms up to their thresholds; false when too many of them are ready to drop nothing.
    private func updateTerms(_ nearest: borrowing [TopK]) -> Bool {
        var ready = 0
        for query in searches.indices {
            let threshold = nearest[query].threshold
            guard threshold < .infinity, let terms = screen.terms[query] else { continue }
            ready += 1
            if threshold != thresholds[query] {
                thresholds[query] = threshold
                queryTerms[query] = terms.terms(threshold: threshold)
            }
        }
        return Double(ready) >= Double(searches.count) * Self.readyShareMin
    }

    private func setTerms(of row: Int, _ parameters: CodeParameters) {
        let terms = CodeScreen.row(parameters, screen.metric)
        rowTerms[row] = terms.scale
        rowTerms[Self.rows + row] = terms.norm
        rowTerms[2 * Self.rows + row] = terms.error
    }

    /// Computes a query's distances to the rows of `mask` and offers them.
    private mutating func measure<Access: RowAccess>(
        _ query: Int, _ mask: UInt64, _ access: Access, into nearest: inout TopK, _ order: (Int) throws(Access.Failure) -> UInt64
    ) throws(Access.Failure) {
        if mask & ~announced != 0 { try announce(mask & ~announced, access) }
        var (rest, found) = (mask, 0)
        while rest != 0 {
            kept[found] = ordinals[rest.trailingZeroBitCount]
            found += 1
            rest &= rest &- 1
        }
        let search = searches[query]
        search.distance.gather(run, kept, found, search.query, screen.kernels, into: distances)
        try search.offer(run, kept, distances, found, into: &nearest, order)
    }

    /// Tells `access` of rows of the tile whose numbers are read next.
    private mutating func announce<Access: RowAccess>(_ mask: UInt64, _ access: Access) throws(Access.Failure) {
        var (rest, found) = (mask, 0)
        while rest != 0 {
            kept[found] = ordinals[rest.trailingZeroBitCount]
            found += 1
            rest &= rest &- 1
        }
        try forEachGroup(kept, found) { rows throws(Access.Failure) in
            try access.willReadVectors(rows: rows.lowerBound + run.firstOrdinal..<rows.upperBound + run.firstOrdinal)
        }
        announced |= mask
    }
}

/// Makes the codes of a tile's rows where none are stored.
struct TileEncoder {
    // SAFETY: `rows` rows of `stride` codes, as many places, and one vector. The owner deallocates once.
    let codes: UnsafeMutablePointer<Int8>
    /// 0, 1, 2 …: where each row's codes are.
    let places: UnsafeMutablePointer<UInt32>
    private let floats: UnsafeMutablePointer<Float>
    private let screen: BatchScreen

    init(_ screen: BatchScreen, rows: Int) {
        self.screen = screen
        codes = .allocate(capacity: rows * screen.stride)
        places = .allocate(capacity: rows)
        for row in 0..<rows { places[row] = UInt32(row) }
        floats = .allocate(capacity: screen.dimension)
    }

    func deallocate() {
        codes.deallocate()
        places.deallocate()
        floats.deallocate()
    }

    /// Encodes a row of `run`.
    func encode(_ run: VectorRun, _ row: Int, into place: Int) -> CodeParameters {
        let target = codes + place * screen.stride
        switch run.numbers {
        case .float32(let base):
            return ScalarQuantizer8.encode(base + row * screen.dimension, dimension: screen.dimension, into: target)
        case .float16(let base):
            screen.kernels.widen(base + row * screen.dimension, count: screen.dimension, into: floats)
            return ScalarQuantizer8.encode(floats, dimension: screen.dimension, into: target)
        }
    }
}
