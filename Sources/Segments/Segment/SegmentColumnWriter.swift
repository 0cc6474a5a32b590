import ColumnStore
import VectorModel

/// The values of one metadata key, gathered to be written.
struct SegmentColumnWriter {
    private let count: Int
    /// `nil`: each value has its own.
    private let kind: MetadataKind?
    private let layout: SegmentFormat.ColumnLayout
    private var values: [UInt64] = []
    private var rows: [UInt32] = []
    private var kinds: [UInt8] = []

    init(count: Int, kind: MetadataKind?, rowCount: Int) {
        self.count = count
        self.kind = kind
        layout = count == rowCount ? .dense : .sparse
        values.reserveCapacity(count)
        if layout == .sparse { rows.reserveCapacity(count) }
    }

    mutating func append(row: Int, kind: MetadataKind, bits: UInt64) {
        values.append(bits)
        if layout == .sparse { rows.append(UInt32(row)) }
        if self.kind == nil { kinds.append(UInt8(kind.rawValue)) }
    }

    /// What the table of columns says of a column whose values begin at `offset`.
    func entry(number: Int, at offset: Int) -> SegmentColumn {
        SegmentColumn(number: number, count: count, layout: layout, kind: kind, values: offset)
    }

    /// Writes the values, then rows and kinds where there are any, each filled up to a multiple of 8; returns how many bytes.
    func write(to output: SequentialFileWriter) throws(SegmentWriteError) -> Int {
        precondition(values.count == count, "a source gave other metadata the second time")
        try output.append(contentsOf: values)
        try output.append(contentsOf: rows)
        try output.appendZeros(SegmentFormat.aligned(rows.count * 4, to: 8) - rows.count * 4)
        try output.append(contentsOf: kinds)
        try output.appendZeros(SegmentFormat.aligned(kinds.count, to: 8) - kinds.count)
        return SegmentColumn.bytes(count: count, layout: layout, isMixed: kind == nil)
    }
}

extension MetadataValue {
    var kind: MetadataKind {
        switch self {
        case .string: .string
        case .integer: .integer
        case .float: .float
        case .boolean: .boolean
        case .strings: .strings
        case .integers: .integers
        case .floats: .floats
        case .booleans: .booleans
        case .sparse: .sparse
        }
    }

    /// How many words `words` gives: 1 for a scalar.
    var wordCount: Int {
        switch self {
        case .string, .integer, .float, .boolean: 1
        case .strings(let elements): elements.count
        case .integers(let elements): elements.count
        case .floats(let elements): elements.count
        case .booleans(let elements): elements.count
        case .sparse(let vector): 1 + vector.count * (vector.labels == nil ? 1 : 2)
        }
    }

    /// The bits of a scalar, of each element, or the words of a sparse vector. Strings are given by their numbers.
    func words(_ strings: SegmentStringsWriter) -> [UInt64] {
        switch self {
        case .string(let string): [UInt64(strings.number(of: string))]
        case .integer(let integer): [UInt64(bitPattern: integer)]
        case .float(let float): [float.bitPattern]
        case .boolean(let boolean): [boolean ? 1 : 0]
        case .strings(let elements): elements.map { UInt64(strings.number(of: $0)) }
        case .integers(let elements): elements.map { UInt64(bitPattern: $0) }
        case .floats(let elements): elements.map(\.bitPattern)
        case .booleans(let elements): elements.map { $0 ? 1 : 0 }
        case .sparse(let vector): SparseWords.words(of: vector) { UInt64(strings.number(of: $0)) }
        }
    }
}
