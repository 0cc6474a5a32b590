/// An array that one writer appends to while readers read what was appended before: elements never move.
///
/// Rows lie in blocks that double in size, so an element is found by one bit count, a block is one contiguous run for the kernels,
/// and the untouched end of the last block costs address space only. A row is `stride` elements wide (1 for scalars, the dimension for vectors).
///
/// Isolation: a reader may read row `i` only after it learned of `i` through something that orders memory (a snapshot taken under a lock,
/// or an acquiring load that pairs with the writer's releasing store). Blocks are freed with the array.
///
/// Cost: `append` amortised O(stride); access O(1).
public final class StableArray<Element: BitwiseCopyable>: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable` holds because rows are written once, before they are published, and never moved (see Isolation).

    /// Rows of the first block. Small, since most collections are.
    @usableFromInline internal static var firstBlockShift: Int { 4 }
    @usableFromInline internal static var blockLimit: Int { 32 - firstBlockShift }
    /// Vectors start on cache lines where the stride allows.
    private static var alignment: Int { 64 }

    public let stride: Int
    @usableFromInline internal let blocks: UnsafeMutablePointer<UnsafeMutablePointer<Element>?>
    /// Rows appended so far. Only the writer reads it.
    public private(set) var count = 0

    public init(stride: Int = 1) {
        precondition(stride > 0)
        self.stride = stride
        blocks = .allocate(capacity: Self.blockLimit)
        blocks.initialize(repeating: nil, count: Self.blockLimit)
    }

    deinit {
        for index in 0..<Self.blockLimit {
            if let block = blocks[index] { UnsafeMutableRawPointer(block).deallocate() }
        }
        blocks.deallocate()
    }

    /// Block `b` holds rows `firstRow(b) ..< firstRow(b + 1)`.
    @inlinable @inline(__always)
    internal static func block(ofRow row: Int) -> Int {
        let shifted = row >> firstBlockShift &+ 1
        return Int.bitWidth &- 1 &- shifted.leadingZeroBitCount
    }

    @inlinable @inline(__always)
    internal static func firstRow(ofBlock block: Int) -> Int { ((1 << block) &- 1) << firstBlockShift }

    /// The first element of `row`, which must have been published to the caller.
    @inlinable @inline(__always)
    public func pointer(toRow row: Int) -> UnsafePointer<Element> {
        let block = Self.block(ofRow: row)
        // SAFETY: a published row's block exists; the offset is below the block's length by the definition of `block(ofRow:)`.
        return UnsafePointer(blocks[block].unsafelyUnwrapped + (row &- Self.firstRow(ofBlock: block)) &* stride)
    }

    @inlinable
    public subscript(row: Int) -> Element {
        @inline(__always) get { pointer(toRow: row).pointee }
    }

    /// Makes room for one more row and returns it, uninitialised (zero where the pages are fresh). Writer only.
    public func appendRow() -> UnsafeMutablePointer<Element> {
        let row = count
        let block = Self.block(ofRow: row)
        precondition(block < Self.blockLimit, "a memtable holds at most 2^32 rows")
        if blocks[block] == nil {
            let rows = 1 << (block + Self.firstBlockShift)
            let bytes = rows * stride * MemoryLayout<Element>.stride
            blocks[block] = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
                .bindMemory(to: Element.self, capacity: rows * stride)
        }
        count += 1
        return blocks[block].unsafelyUnwrapped + (row - Self.firstRow(ofBlock: block)) * stride
    }

    /// Appends a scalar row. Writer only; `stride` must be 1.
    public func append(_ element: Element) {
        precondition(stride == 1)
        appendRow().initialize(to: element)
    }

    /// Changes a scalar row in place. Writer only, and only for rows that no reader looks at, or through `Atomic` representations.
    @inlinable
    public func mutablePointer(toRow row: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutablePointer(mutating: pointer(toRow: row))
    }

    /// How many rows from `row` on lie one after the other (those not yet appended included).
    @inlinable
    public func rowsToEndOfBlock(from row: Int) -> Int {
        Self.firstRow(ofBlock: Self.block(ofRow: row) + 1) - row
    }
}
