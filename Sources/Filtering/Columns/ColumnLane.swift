import ByteCoding
import ColumnStore

/// The values of one kind that one key has: how many, and where in the image what is known of them lies.
struct ColumnLane {
    let kind: MetadataKind
    var layout = ColumnIndexFormat.Layout.counted
    /// Rows that have such a value.
    let entryCount: Int
    /// Pairs of a row and a value; of arrays each distinct element counts.
    let elementCount: Int
    var distinctCount = 0
    /// The smallest and the largest key; NaNs apart. Both are `ColumnKey.notANumber` if there is none.
    let minimum: UInt64
    let maximum: UInt64
    /// Postings: each distinct key, ascending. Sorted: every so manieth.
    var keys = 0
    /// Postings: how many elements come before each value's. Sorted: keys and counts of the heaviest values.
    var counts = 0
    /// Postings: each value's first container. Sorted: the row numbers.
    var rows = 0
    /// Bits for each row number.
    var width = 0
    var heavyCount = 0
    var containers = 0
    var containerCount = 0
    /// The containers' contents, in units of 16 bits.
    var data = 0
    var dataCount = 0

    /// Postings of arrays may take so much for each element; what would take more is only counted.
    static let arrayElementBytesMax = 4
    /// A lane may always take so much: where values are few a set for each is quickest.
    static let smallBytes = 1 << 10

    init(kind: MetadataKind, entryCount: Int, elementCount: Int, minimum: UInt64, maximum: UInt64) {
        (self.kind, self.entryCount, self.elementCount, self.minimum, self.maximum) = (kind, entryCount, elementCount, minimum, maximum)
    }

    /// Places that can be told apart: distinct values of postings, rows of sorted lanes.
    var positionCount: Int {
        switch layout {
        case .counted: 0
        case .postings: distinctCount
        case .sorted: elementCount
        }
    }

    var landmarkCount: Int { (elementCount + ColumnIndexFormat.rowsPerLandmark - 1) / ColumnIndexFormat.rowsPerLandmark }

    // MARK: Encoding

    /// - Parameter bodyStart: what places are counted from.
    func encode(to writer: inout ByteWriter, bodyStart: Int) {
        let start = writer.count
        writer.append(UInt8(kind.rawValue))
        writer.append(layout.rawValue)
        writer.append(UInt8(width))
        writer.append(UInt8(0))
        writer.append(UInt32(heavyCount))
        for count in [entryCount, elementCount, distinctCount] { writer.append(UInt64(count)) }
        writer.append(minimum)
        writer.append(maximum)
        for place in [keys, counts, rows, containers] { writer.append(UInt64(bodyStart + place)) }
        writer.append(UInt64(containerCount))
        writer.append(UInt64(bodyStart + data))
        writer.append(UInt64(dataCount))
        writer.appendZeros(ColumnIndexFormat.laneBytes - (writer.count - start))
    }

    /// Reads a lane's entry, and sees to it that everything it refers to lies in the image.
    /// - Parameter offset: where the entry begins.
    init(decoding image: UnsafeRawBufferPointer, at offset: Int, rowCount: Int) throws(ColumnIndexDamage) {
        typealias Field = ColumnIndexFormat.LaneField
        func number(_ field: Field) -> Int { image.size(at: offset + field.rawValue) }
        func require(_ holds: Bool, _ field: Field, _ reason: @autoclosure () -> String) throws(ColumnIndexDamage) {
            if !holds { throw ColumnIndexDamage(offset: offset + field.rawValue, reason: reason()) }
        }
        guard let kind = MetadataKind(rawValue: UInt32(image[offset])) else { throw ColumnIndexDamage(offset: offset, reason: "no kind") }
        guard let layout = ColumnIndexFormat.Layout(rawValue: image[offset + Field.layout.rawValue]) else {
            throw ColumnIndexDamage(offset: offset + Field.layout.rawValue, reason: "no layout")
        }
        self.init(
            kind: kind, entryCount: number(.entryCount), elementCount: number(.elementCount),
            minimum: image.integer(at: offset + Field.minimum.rawValue),
            maximum: image.integer(at: offset + Field.maximum.rawValue))
        self.layout = layout
        width = Int(image[offset + Field.width.rawValue])
        heavyCount = Int(image.integer(at: offset + Field.heavyCount.rawValue) as UInt32)
        (distinctCount, containerCount, dataCount) = (number(.distinctCount), number(.containerCount), number(.dataCount))
        (keys, counts, rows, containers, data) = (number(.keys), number(.counts), number(.rows), number(.containers), number(.data))
        try require(1...max(rowCount, 1) ~= entryCount, .entryCount, "\(entryCount) of \(rowCount) rows")
        try require(elementCount <= Int(UInt32.max) * 64, .elementCount, "\(elementCount) elements")
        try require(!kind.isScalar || elementCount == entryCount, .elementCount, "\(elementCount) elements of \(entryCount) rows")
        try require(kind != .sparse || elementCount == 0 && layout == .counted, .layout, "elements of sparse vectors")
        try require(distinctCount <= elementCount && (distinctCount == 0) == (elementCount == 0), .distinctCount, "\(distinctCount) distinct")
        try requireArrays(in: image.count, rowCount: rowCount) { field, reason throws(ColumnIndexDamage) in try require(false, field, reason) }
    }

    private func requireArrays(
        in imageBytes: Int, rowCount: Int, _ refuse: (ColumnIndexFormat.LaneField, String) throws(ColumnIndexDamage) -> Void
    ) throws(ColumnIndexDamage) {
        func requireArray(_ place: Int, _ count: Int, _ size: Int, _ field: ColumnIndexFormat.LaneField) throws(ColumnIndexDamage) {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
            let isInside = !overflow && bytes >= 0 && bytes <= imageBytes && place <= imageBytes - bytes
            if !isInside || place % ColumnIndexFormat.arrayAlignment != 0 { try refuse(field, "\(count) times \(size) bytes at \(place)") }
        }
        switch layout {
        case .counted: break
        case .postings:
            if elementCount > Int(UInt32.max) { try refuse(.elementCount, "\(elementCount) elements in postings") }
            try requireArray(keys, distinctCount, 8, .keys)
            try requireArray(counts, distinctCount + 1, 4, .counts)
            try requireArray(rows, distinctCount + 1, 4, .rows)
            try requireArray(containers, containerCount, 8, .containers)
            try requireArray(data, dataCount, 2, .data)
        case .sorted:
            if kind.isArray { try refuse(.layout, "sorted arrays") }
            if width > 32 || (width == 0 && elementCount != rowCount) { try refuse(.width, "\(width) bits") }
            if heavyCount > ColumnIndexFormat.heavyValues { try refuse(.heavyCount, "\(heavyCount) heavy values") }
            try requireArray(keys, landmarkCount, 8, .keys)
            try requireArray(counts, heavyCount, 16, .counts)
            // The count is below 2³² and the width at most 32, so nothing overflows.
            try requireArray(rows, ColumnIndexFormat.packedBytes(count: elementCount, width: width), 1, .rows)
        }
    }
}
