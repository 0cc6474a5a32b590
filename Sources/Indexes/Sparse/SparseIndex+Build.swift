public import VectorModel

extension SparseIndex {
    /// Indexes the sparse vectors of a part.
    ///
    /// Reads them twice, to count and to place them, so that nothing is held but the image: about 5 bytes per value, 12 or 16 per block, and some
    /// 50 per index. The image follows from the vectors alone. Cost: O(values), and O(indices × log indices).
    /// - Parameters:
    ///   - rowCount: of the part.
    ///   - forEachVector: calls its argument with each row that has a vector, rows ascending, and the vector; the same both times.
    public static func build<Failure: Error>(
        rowCount: Int, _ forEachVector: ((_ row: Int, SparseVector) -> Void) throws(Failure) -> Void
    ) throws(Failure) -> SparseIndex {
        let census = SparseCensus(rowCount: rowCount)
        try forEachVector { row, vector in census.count(vector, of: row) }
        let writer = SparseWriter(census)
        try forEachVector { row, vector in writer.place(vector, of: row) }
        return writer.finish()
    }
}

/// The first pass: which indices there are, with how many values in how many windows.
private final class SparseCensus {
    struct List {
        let index: UInt32
        var postings = 0
        var blocks = 0
        var lastWindow = -1
    }

    let rowCount: Int
    private(set) var lists: [List] = []
    /// By index: its place among `lists`.
    private(set) var places: [UInt32: Int] = [:]
    private(set) var hasNegativeWeights = false

    init(rowCount: Int) {
        self.rowCount = rowCount
    }

    func count(_ vector: SparseVector, of row: Int) {
        let window = row / SparseHeader.windowRows
        for (index, value) in zip(vector.indices, vector.values) {
            let place = places[index] ?? lists.count
            if place == lists.count {
                places[index] = place
                lists.append(List(index: index))
            }
            lists[place].postings += 1
            if lists[place].lastWindow != window { lists[place].blocks += 1 }
            lists[place].lastWindow = window
            if value < 0 { hasNegativeWeights = true }
        }
    }

    var header: SparseHeader {
        SparseHeader(
            rowCount: rowCount, dimensionCount: lists.count, blockCount: lists.reduce(0) { $0 + $1.blocks },
            postingCount: lists.reduce(0) { $0 + $1.postings }, hasNegativeWeights: hasNegativeWeights)
    }
}

/// The second pass: puts every value where it belongs.
private final class SparseWriter {
    /// Where the next value of an index goes.
    private struct Cursor {
        let firstPosting: Int
        let postingEnd: Int
        let blockEnd: Int
        var posting: Int
        /// The block being filled; one before the first to begin with.
        var block: Int
        var lastWindow = -1
    }

    private let header: SparseHeader
    private let image: IndexImage
    private let places: [UInt32: Int]
    /// By a list's place in the census.
    private var cursors: [Cursor] = []
    // SAFETY: sections of the image, which nobody else knows of before `finish`; cursors keep within the lists of the census.
    private let windows: UnsafeMutablePointer<UInt32>
    private let starts: UnsafeMutablePointer<UInt32>
    private let maxima: UnsafeMutablePointer<Float>
    private let minima: UnsafeMutablePointer<Float>?
    private let rows: UnsafeMutablePointer<UInt8>
    private let weights: UnsafeMutablePointer<Float>

    init(_ census: SparseCensus) {
        header = census.header
        let layout = SparseLayout(header)
        image = IndexImage(zeroed: layout.byteCount)
        places = census.places
        header.write(to: image.mutableBytes)
        let base = image.mutableBytes.baseAddress.unsafelyUnwrapped
        func section<Element>(_ offset: Int) -> UnsafeMutablePointer<Element> { (base + offset).assumingMemoryBound(to: Element.self) }
        windows = section(layout.windows)
        starts = section(layout.starts)
        maxima = section(layout.maxima)
        minima = header.hasNegativeWeights ? section(layout.minima) : nil
        rows = section(layout.rows)
        weights = section(layout.weights)
        let indices: UnsafeMutablePointer<UInt32> = section(layout.indices)
        let firstBlocks: UnsafeMutablePointer<UInt64> = section(layout.firstBlocks)
        let firstPostings: UnsafeMutablePointer<UInt64> = section(layout.firstPostings)
        var byPlace = [Cursor?](repeating: nil, count: census.lists.count)
        var (block, posting) = (0, 0)
        let ascending = census.lists.indices.sorted { census.lists[$0].index < census.lists[$1].index }
        for (number, place) in ascending.enumerated() {
            let list = census.lists[place]
            indices[number] = list.index
            byPlace[place] = Cursor(
                firstPosting: posting, postingEnd: posting + list.postings, blockEnd: block + list.blocks, posting: posting, block: block - 1)
            block += list.blocks
            posting += list.postings
            firstBlocks[number + 1] = UInt64(block)
            firstPostings[number + 1] = UInt64(posting)
        }
        cursors = byPlace.compactMap(\.self)
    }

    func place(_ vector: SparseVector, of row: Int) {
        let window = row / SparseHeader.windowRows
        for (index, value) in zip(vector.indices, vector.values) {
            guard let place = places[index] else { preconditionFailure("a source gave other vectors the second time") }
            put(value, of: UInt8(row % SparseHeader.windowRows), in: window, at: &cursors[place])
        }
    }

    private func put(_ value: Float, of row: UInt8, in window: Int, at cursor: inout Cursor) {
        if cursor.lastWindow != window {
            cursor.block += 1
            cursor.lastWindow = window
            precondition(cursor.block < cursor.blockEnd, "a source gave other vectors the second time")
            windows[cursor.block] = UInt32(window)
            starts[cursor.block] = UInt32(cursor.posting - cursor.firstPosting)
            maxima[cursor.block] = value
            minima?[cursor.block] = value
        }
        precondition(cursor.posting < cursor.postingEnd, "a source gave other vectors the second time")
        rows[cursor.posting] = row
        weights[cursor.posting] = value
        maxima[cursor.block] = max(maxima[cursor.block], value)
        if let minima { minima[cursor.block] = min(minima[cursor.block], value) }
        cursor.posting += 1
    }

    func finish() -> SparseIndex { SparseIndex(built: image, header) }
}
