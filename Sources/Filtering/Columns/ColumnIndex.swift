public import ByteCoding
import ColumnStore
import VectorModel

/// An image of a column index, opened: for every metadata key of a part, which rows have which values.
///
/// Answers what `ScalarTest` would say of each row, without looking at each row. Only the values of keys that hardly repeat are not in it:
/// those are read from the part's own columns, through `ColumnValues`, a few for each range.
///
/// Every number by which a reader finds its way is checked once, here: no bytes make a reader read elsewhere or name a row that does not exist.
///
/// Cost of opening: one pass over the image.
/// Isolation: any number of threads.
public final class ColumnIndex: @unchecked Sendable {
    // SAFETY: unchecked because of the pointer. `owner` keeps the bytes in place, and nobody writes them.
    let image: UnsafeRawBufferPointer
    private let owner: any Sendable
    private let laneEnds: [Int]
    private let lanes: [ColumnLane]
    /// Rows of the part.
    public let rowCount: Int

    /// Bytes of its image.
    public var byteCount: Int { image.count }

    /// Keys of the part; their numbers are below.
    public var columnCount: Int { laneEnds.count }

    /// - Parameters:
    ///   - image: begins at a multiple of 8, and stays as it is.
    ///   - owner: keeps the bytes in place.
    ///   - rowCount: rows of the part that it should be of.
    ///   - columnCount: keys of that part.
    public init(
        _ image: UnsafeRawBufferPointer, owner: any Sendable, rowCount: Int, columnCount: Int
    ) throws(ColumnIndexDamage) {
        typealias Field = ColumnIndexFormat.HeaderField
        precondition(Int(bitPattern: image.baseAddress) % ColumnIndexFormat.arrayAlignment == 0)
        func require(_ holds: Bool, _ offset: Int, _ reason: @autoclosure () -> String) throws(ColumnIndexDamage) {
            if !holds { throw ColumnIndexDamage(offset: offset, reason: reason()) }
        }
        func number(_ field: Field) -> Int { image.size(at: field.rawValue) }
        try require(image.count >= ColumnIndexFormat.headerBytes, 0, "\(image.count) bytes")
        let version: UInt32 = image.integer(at: Field.version.rawValue)
        try require(version == ColumnIndexFormat.version, Field.version.rawValue, "version \(version)")
        let columns = Int(image.integer(at: Field.columnCount.rawValue) as UInt32)
        try require(columns == columnCount, Field.columnCount.rawValue, "\(columns) columns, not \(columnCount)")
        try require(number(.rowCount) == rowCount, Field.rowCount.rawValue, "\(number(.rowCount)) rows, not \(rowCount)")
        try require(number(.imageBytes) == image.count, Field.imageBytes.rawValue, "\(number(.imageBytes)) bytes, not \(image.count)")
        let laneCount = number(.laneCount)
        let laneStart = ColumnIndexFormat.aligned(ColumnIndexFormat.headerBytes + columns * 4, to: ColumnIndexFormat.alignment)
        try require(
            laneStart <= image.count && laneCount <= (image.count - laneStart) / ColumnIndexFormat.laneBytes, Field.laneCount.rawValue,
            "\(laneCount) lanes")
        var laneEnds: [Int] = []
        for column in 0..<columns {
            let place = ColumnIndexFormat.headerBytes + column * 4
            let end = Int(image.integer(at: place) as UInt32)
            try require(end >= laneEnds.last ?? 0 && end <= laneCount, place, "lanes up to \(end)")
            laneEnds.append(end)
        }
        var lanes: [ColumnLane] = []
        for lane in 0..<laneCount {
            lanes.append(try ColumnLane(decoding: image, at: laneStart + lane * ColumnIndexFormat.laneBytes, rowCount: rowCount))
        }
        (self.image, self.owner, self.laneEnds, self.lanes, self.rowCount) = (image, owner, laneEnds, lanes, rowCount)
        for lane in lanes { try check(lane) }
    }

    /// Opens what a builder returned.
    public convenience init(_ block: ByteBlock, rowCount: Int, columnCount: Int) throws(ColumnIndexDamage) {
        try self.init(
            UnsafeRawBufferPointer(rebasing: block.unsafePaddedBytes[..<block.count]), owner: block, rowCount: rowCount, columnCount: columnCount)
    }

    /// The lanes of a key, at most one of each kind.
    func lanes(ofColumn column: Int) -> ArraySlice<ColumnLane> { lanes[(column == 0 ? 0 : laneEnds[column - 1])..<laneEnds[column]] }

    /// Finds out what a key's values are, as a part's reader.
    /// - Parameters:
    ///   - column: the key's number; `nil`: no row has the key.
    ///   - values: the part's own values of that key.
    public func lookup(column: Int?, values: any ColumnValues) -> ColumnLookup {
        ColumnLookup(index: self, lanes: column.map { lanes(ofColumn: $0) } ?? [], values: values)
    }

    // MARK: Arrays

    // SAFETY: of all of these: the lane's entry was checked when it was read, so its arrays lie in the image, at multiples of 8.
    func keys(_ lane: ColumnLane) -> UnsafePointer<UInt64> { pointer(lane.keys) }
    func counts(_ lane: ColumnLane) -> UnsafePointer<UInt32> { pointer(lane.counts) }
    func heavyValues(_ lane: ColumnLane) -> UnsafePointer<UInt64> { pointer(lane.counts) }
    func starts(_ lane: ColumnLane) -> UnsafePointer<UInt32> { pointer(lane.rows) }
    func containers(_ lane: ColumnLane) -> UnsafePointer<PostingContainer> { pointer(lane.containers) }
    func units(_ lane: ColumnLane) -> UnsafePointer<UInt16> { pointer(lane.data) }

    private func pointer<Value>(_ place: Int) -> UnsafePointer<Value> {
        (image.baseAddress.unsafelyUnwrapped + place).assumingMemoryBound(to: Value.self)
    }

    /// The row at a position of a sorted lane.
    @inline(__always)
    func row(_ lane: ColumnLane, _ position: Int) -> Int {
        guard lane.width > 0 else { return position }
        let bit = position &* lane.width
        // SAFETY: the rows are followed by padding, so the 8 bytes are in the image.
        let word = (image.baseAddress.unsafelyUnwrapped + lane.rows).loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self)
        return Int(word >> UInt64(bit & 7) & ((1 << UInt64(lane.width)) - 1))
    }
}
