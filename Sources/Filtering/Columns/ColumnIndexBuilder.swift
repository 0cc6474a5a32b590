public import ByteCoding
public import ColumnStore

/// The values of one metadata key, gathered for a column index.
///
/// Memory: 16 bytes per scalar, and per element of an array.
public struct ColumnEntries {
    struct Element: BitwiseCopyable {
        let key: UInt64
        let row: UInt32
    }

    /// By the raw value of the kind.
    fileprivate var elements: [[Element]] = Array(repeating: [], count: ColumnIndexFormat.kindCount)
    /// Rows of each kind.
    fileprivate var rowCounts = [Int](repeating: 0, count: ColumnIndexFormat.kindCount)

    public init() {}

    /// Adds the value of a row. Rows come in ascending order, each at most once.
    public mutating func append(row: Int, _ entry: MetadataEntry) {
        let kind = Int(entry.kind.rawValue)
        rowCounts[kind] += 1
        // Of sparse vectors, which nothing compares, it is only known that they are there.
        guard entry.kind != .sparse else { return }
        if entry.kind.isArray {
            for bits in entry.elements {
                elements[kind].append(Element(key: ColumnKey.key(of: bits, kind: entry.kind), row: UInt32(row)))
            }
        } else {
            elements[kind].append(Element(key: ColumnKey.key(of: entry.bits, kind: entry.kind), row: UInt32(row)))
        }
    }
}

/// Makes the image of a column index, one key after the other, in the order of the keys' numbers.
///
/// A key has a lane for each kind of its values. What repeats gets postings; of what does not, only the order of the rows is kept, in as
/// many bits as a row number needs, and nothing at all where the values ascend with the rows, as those of ids and timestamps often do. The
/// shorter of the two is chosen. Arrays whose elements hardly repeat are only counted.
///
/// Cost: sorting each column; memory of one column besides the image.
public struct ColumnIndexBuilder: ~Copyable {
    private let rowCount: Int
    private var laneEnds: [UInt32] = []
    private var lanes: [ColumnLane] = []
    /// What lanes refer to, from byte 0 of itself.
    private var body = ByteWriter(capacity: 4_096)

    /// - Parameter rowCount: rows of the part, with or without metadata; below 2³².
    public init(rowCount: Int) {
        precondition(rowCount >= 0 && rowCount <= Int(UInt32.max))
        self.rowCount = rowCount
    }

    /// Adds the next key.
    public mutating func append(_ entries: consuming ColumnEntries) {
        for kind in 0..<ColumnIndexFormat.kindCount where entries.rowCounts[kind] > 0 {
            guard let known = MetadataKind(rawValue: UInt32(kind)) else { continue }
            var elements = entries.elements[kind]
            entries.elements[kind] = []
            elements.sort { ($0.key, $0.row) < ($1.key, $1.row) }
            if known.isArray { Self.removeRepeats(&elements) }
            appendLane(known, elements, entryCount: entries.rowCounts[kind])
        }
        laneEnds.append(UInt32(lanes.count))
    }

    /// An array may hold an element more than once.
    private static func removeRepeats(_ elements: inout [ColumnEntries.Element]) {
        var kept = 0
        for index in elements.indices {
            let element = elements[index]
            if kept > 0, elements[kept - 1].key == element.key, elements[kept - 1].row == element.row { continue }
            elements[kept] = element
            kept += 1
        }
        elements.removeLast(elements.count - kept)
    }

    // MARK: Lanes

    private mutating func appendLane(_ kind: MetadataKind, _ elements: [ColumnEntries.Element], entryCount: Int) {
        let lastNumber = elements.last { $0.key != ColumnKey.notANumber || kind.elementKind != .float }
        var lane = ColumnLane(
            kind: kind, entryCount: entryCount, elementCount: elements.count,
            minimum: elements.first?.key ?? ColumnKey.notANumber, maximum: lastNumber?.key ?? ColumnKey.notANumber)
        lane.distinctCount = elements.indices.count { $0 == 0 || elements[$0].key != elements[$0 - 1].key }
        let sorted = kind.isArray ? nil : SortedRows(elements, rowCount: rowCount)
        let bytesMax = sorted?.bytes ?? elements.count * ColumnLane.arrayElementBytesMax
        guard !elements.isEmpty || kind.isArray else { return lanes.append(lane) }
        if let postings = Postings(elements, distinctCount: lane.distinctCount, bytesMax: max(bytesMax, ColumnLane.smallBytes)) {
            append(postings, to: &lane)
        } else if let sorted {
            append(sorted, elements, to: &lane)
        }
        lanes.append(lane)
    }

    private mutating func append(_ postings: Postings, to lane: inout ColumnLane) {
        lane.layout = .postings
        lane.keys = append(postings.keys)
        lane.counts = append(postings.counts)
        lane.rows = append(postings.starts)
        lane.containers = append(postings.writer.containers)
        lane.containerCount = postings.writer.containers.count
        lane.data = append(postings.writer.units)
        lane.dataCount = postings.writer.units.count
    }

    private mutating func append(_ sorted: SortedRows, _ elements: [ColumnEntries.Element], to lane: inout ColumnLane) {
        lane.layout = .sorted
        lane.width = sorted.width
        lane.keys = append(sorted.landmarks)
        let heavy = SortedRows.heaviest(elements)
        lane.heavyCount = heavy.count
        lane.counts = append(heavy.flatMap { [$0.key, UInt64($0.count)] })
        lane.rows = append(sorted.packed(elements))
    }

    /// Appends an array to the body; returns where it begins there.
    private mutating func append<Value: BitwiseCopyable>(_ values: [Value]) -> Int {
        let alignment = ColumnIndexFormat.arrayAlignment
        body.appendZeros(ColumnIndexFormat.aligned(body.count, to: alignment) - body.count)
        let start = body.count
        values.withUnsafeBytes { body.append(contentsOf: $0) }
        return start
    }

    // MARK: Image

    /// The image of the keys added, for `ColumnIndex`.
    public consuming func finish() -> ByteBlock {
        let laneStart = ColumnIndexFormat.aligned(ColumnIndexFormat.headerBytes + laneEnds.count * 4, to: ColumnIndexFormat.alignment)
        let bodyStart = ColumnIndexFormat.aligned(laneStart + lanes.count * ColumnIndexFormat.laneBytes, to: ColumnIndexFormat.alignment)
        body.appendZeros(ColumnIndexFormat.aligned(body.count, to: ColumnIndexFormat.arrayAlignment) - body.count)
        var image = ByteWriter(capacity: bodyStart + body.count)
        image.append(ColumnIndexFormat.version)
        image.append(UInt32(laneEnds.count))
        image.append(UInt64(rowCount))
        image.append(UInt64(lanes.count))
        image.append(UInt64(bodyStart + body.count))
        image.appendZeros(ColumnIndexFormat.headerBytes - image.count)
        laneEnds.withUnsafeBytes { image.append(contentsOf: $0) }
        image.appendZeros(laneStart - image.count)
        for lane in lanes { lane.encode(to: &image, bodyStart: bodyStart) }
        image.appendZeros(bodyStart - image.count)
        body.withUnsafeBytes { image.append(contentsOf: $0) }
        return image.finish()
    }
}

/// The sets of rows of a lane's distinct values.
private struct Postings {
    var keys: [UInt64] = []
    /// How many elements come before each value's, and all of them at the end.
    var counts: [UInt32] = [0]
    /// The first container of each value, and the end of the last.
    var starts: [UInt32] = [0]
    var writer = PostingWriter()

    /// - Returns: `nil` when they would take more than `bytesMax`.
    init?(_ elements: [ColumnEntries.Element], distinctCount: Int, bytesMax: Int) {
        // A container at least, and a row in it, for each value.
        guard distinctCount * 26 <= bytesMax, elements.count <= Int(UInt32.max) else { return nil }
        var rows: [UInt32] = []
        var start = 0
        while start < elements.count {
            var end = start + 1
            while end < elements.count, elements[end].key == elements[start].key { end += 1 }
            rows.removeAll(keepingCapacity: true)
            for index in start..<end { rows.append(elements[index].row) }
            rows.withUnsafeBufferPointer { writer.append($0) }
            keys.append(elements[start].key)
            counts.append(UInt32(end))
            starts.append(UInt32(writer.containers.count))
            guard keys.count * 16 + writer.containers.count * 8 + writer.units.count * 2 <= bytesMax,
                writer.units.count < PostingContainer.unitCountMax - PostingContainer.unitsOfBits
            else { return nil }
            start = end
        }
    }
}

/// The rows of a lane in the order of their values.
private struct SortedRows {
    /// Bits for each row; 0: the rows are all there are, in order.
    let width: Int
    /// The key of every so manieth row.
    let landmarks: [UInt64]
    let bytes: Int

    init(_ elements: [ColumnEntries.Element], rowCount: Int) {
        let isInOrder = elements.count == rowCount && elements.indices.allSatisfy { Int(elements[$0].row) == $0 }
        width = isInOrder ? 0 : ColumnIndexFormat.width(rowCount: rowCount)
        landmarks = stride(from: 0, to: elements.count, by: ColumnIndexFormat.rowsPerLandmark).map { elements[$0].key }
        bytes = landmarks.count * 8 + ColumnIndexFormat.heavyValues * 16 + ColumnIndexFormat.packedBytes(count: elements.count, width: width)
    }

    /// The row numbers, `width` bits each, lowest bit first.
    func packed(_ elements: [ColumnEntries.Element]) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: ColumnIndexFormat.packedBytes(count: elements.count, width: width) / 8)
        guard width > 0 else { return words }
        for index in elements.indices {
            let (bit, row) = (index * width, UInt64(elements[index].row))
            words[bit / 64] |= row << UInt64(bit % 64)
            if bit % 64 + width > 64 { words[bit / 64 + 1] |= row >> UInt64(64 - bit % 64) }
        }
        return words
    }

    /// The values that most rows have, the most frequent first, of equal ones the smaller key; those that repeat.
    static func heaviest(_ elements: [ColumnEntries.Element]) -> [(key: UInt64, count: Int)] {
        var heaviest: [(key: UInt64, count: Int)] = []
        var start = 0
        while start < elements.count {
            var end = start + 1
            while end < elements.count, elements[end].key == elements[start].key { end += 1 }
            heaviest.offer((elements[start].key, end - start))
            start = end
        }
        return heaviest
    }
}

extension [(key: UInt64, count: Int)] {
    /// Keeps the values that repeat most. Values are offered by ascending keys.
    mutating func offer(_ value: (key: UInt64, count: Int)) {
        guard value.count > 1, count < ColumnIndexFormat.heavyValues || value.count > self[count - 1].count else { return }
        let place = firstIndex { $0.count < value.count } ?? count
        insert(value, at: place)
        if count > ColumnIndexFormat.heavyValues { removeLast() }
    }
}
