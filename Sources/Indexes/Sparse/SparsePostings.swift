/// The sections of an inverted index, in place.
///
/// Not to outlive the image.
struct SparsePostings {
    // SAFETY: the pointers lead into an image that has `SparseLayout`'s length; indices into them come from `SparseIndex.check`ed numbers.
    let header: SparseHeader
    let indices: UnsafePointer<UInt32>
    let firstBlocks: UnsafePointer<UInt64>
    let firstPostings: UnsafePointer<UInt64>
    let windows: UnsafePointer<UInt32>
    let starts: UnsafePointer<UInt32>
    let maxima: UnsafePointer<Float>
    /// `nil`: no weight is negative.
    let minima: UnsafePointer<Float>?
    let rows: UnsafePointer<UInt8>
    let weights: UnsafePointer<Float>

    init(_ header: SparseHeader, _ bytes: UnsafeRawBufferPointer) {
        let layout = SparseLayout(header)
        let base = bytes.baseAddress.unsafelyUnwrapped
        func section<Element>(_ offset: Int) -> UnsafePointer<Element> { (base + offset).assumingMemoryBound(to: Element.self) }
        self.header = header
        indices = section(layout.indices)
        firstBlocks = section(layout.firstBlocks)
        firstPostings = section(layout.firstPostings)
        windows = section(layout.windows)
        starts = section(layout.starts)
        maxima = section(layout.maxima)
        minima = header.hasNegativeWeights ? section(layout.minima) : nil
        rows = section(layout.rows)
        weights = section(layout.weights)
    }

    /// The blocks and postings of one index.
    struct List {
        let blocks: Range<Int>
        let postings: Range<Int>
    }

    /// The list at a place among the indices.
    func list(_ place: Int) -> List {
        List(
            blocks: Int(firstBlocks[place])..<Int(firstBlocks[place + 1]), postings: Int(firstPostings[place])..<Int(firstPostings[place + 1]))
    }

    /// The list of an index; `nil` if no vector has it. Cost: O(log indices).
    func list(of index: UInt32) -> List? {
        let place = Self.firstPlace(of: index, in: indices, 0..<header.dimensionCount)
        return place < header.dimensionCount && indices[place] == index ? list(place) : nil
    }

    /// The block of a list in a window. Cost: O(log blocks), O(1) where the list has a block in every window.
    @inline(__always)
    func block(of window: Int, in list: List) -> Int? {
        if list.blocks.count == header.windowCount { return list.blocks.lowerBound + window }
        let place = Self.firstPlace(of: UInt32(truncatingIfNeeded: window), in: windows, list.blocks)
        return place < list.blocks.upperBound && windows[place] == window ? place : nil
    }

    /// The postings of one of a list's blocks.
    @inline(__always)
    func postings(of block: Int, in list: List) -> Range<Int> {
        let start = list.postings.lowerBound + Int(starts[block])
        let isLast = block + 1 == list.blocks.upperBound
        return start..<(isLast ? list.postings.upperBound : list.postings.lowerBound + Int(starts[block + 1]))
    }

    /// The first place in `places` whose number is not below `number`.
    @inline(__always)
    private static func firstPlace(of number: UInt32, in numbers: UnsafePointer<UInt32>, _ places: Range<Int>) -> Int {
        var (low, high) = (places.lowerBound, places.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
