import ByteCoding
import FileIO
import Indexes
import VectorModel

/// The first bytes of an index file: which rows of which segment it is of, and what it was built with.
struct IndexFileHeader: Hashable, Sendable {
    var collection: CollectionIdentifier
    var segment: SegmentReference
    var metric: Metric
    var dimension: Int
    /// Rows in the index.
    var rowCount: Int
    var parameters: IndexParameters
    var seed: UInt64
    var imageBytes: Int
    /// Of the table of the image's checksums, which end the file.
    var tableChecksum: UInt32

    private typealias Field = IndexFileFormat.HeaderField

    var summary: IndexSummary { IndexSummary(parameters: parameters, rowCount: rowCount, bytes: imageBytes) }

    /// The `IndexFileFormat.headerBytes` bytes of the header; the last four are its checksum.
    func encoded() -> ByteWriter {
        var writer = ByteWriter(capacity: IndexFileFormat.imageOffset)
        IndexFileFormat.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(IndexFileFormat.version)
        writer.append(UInt32(IndexFileFormat.headerBytes))
        writer.append(collection)
        writer.append(segment.number)
        writer.append(segment.checksum)
        writer.append(parameters.kind.rawValue)
        writer.append(metric.rawValue)
        writer.append(UInt16(0))
        writer.append(UInt64(segment.rowCount))
        writer.append(UInt64(rowCount))
        writer.append(UInt32(dimension))
        let (M, efConstruction, nlist): (Int, Int, Int) = switch parameters {
        case .hnsw(let M, let efConstruction): (M, efConstruction, 0)
        case .ivf(let nlist): (0, 0, nlist ?? 0)
        }
        for value in [M, efConstruction, nlist] { writer.append(UInt32(value)) }
        writer.append(seed)
        writer.append(UInt64(imageBytes))
        writer.append(tableChecksum)
        writer.appendZeros(Field.checksum.rawValue - writer.count)
        let checksum = writer.withUnsafeBytes { crc32c($0) }
        writer.append(checksum)
        return writer
    }

    /// Reads the header of `file`, which is to be of an index of `segment`.
    /// - Parameter bytes: the file's first bytes, `IndexFileFormat.headerBytes` of them unless the file is shorter.
    init(decoding bytes: UnsafeRawBufferPointer, file: String, of segment: Segment) throws(SegmentError) {
        let fields = SegmentFields(bytes: bytes, file: file, fileOffset: 0, structure: "index file header")
        func require(_ holds: Bool, _ field: Field, expected: String, found: String) throws(SegmentError) {
            if !holds { throw .corruption(fields.corruption("\(field)", field.rawValue, expected: expected, found: found)) }
        }
        try require(
            bytes.count >= IndexFileFormat.headerBytes, .magic, expected: "at least \(IndexFileFormat.headerBytes) bytes",
            found: "\(bytes.count) bytes")
        try require(
            bytes.prefix(IndexFileFormat.magic.count).elementsEqual(IndexFileFormat.magic), .magic, expected: "an index file's", found: "another")
        let (version, length): (UInt32, UInt32) = (fields[Field.formatVersion.rawValue], fields[Field.headerLength.rawValue])
        if version != IndexFileFormat.version, length != IndexFileFormat.headerBytes {
            throw .unsupportedVersion(file: file, found: version, newestKnown: IndexFileFormat.version)
        }
        try require(length == IndexFileFormat.headerBytes, .headerLength, expected: "\(IndexFileFormat.headerBytes)", found: "\(length)")
        try fields.check(checksumAt: Field.checksum.rawValue)
        guard version == IndexFileFormat.version else {
            throw .unsupportedVersion(file: file, found: version, newestKnown: IndexFileFormat.version)
        }
        try fields.checkZeros(Field.reserved.rawValue..<Field.segmentRowCount.rawValue)
        try fields.checkZeros(Field.reserved2.rawValue..<Field.checksum.rawValue)
        collection = fields.identifier(Field.collection.rawValue)
        self.segment = SegmentReference(
            number: fields[Field.segmentNumber.rawValue], fileBytes: segment.fileBytes,
            rowCount: Int(clamping: fields[Field.segmentRowCount.rawValue] as UInt64), checksum: fields[Field.segmentChecksum.rawValue])
        try require(
            collection == segment.collection && self.segment == segment.reference, .collection, expected: "\(segment.reference)",
            found: "\(self.segment) of collection \(collection)")
        rowCount = Int(clamping: fields[Field.rowCount.rawValue] as UInt64)
        try require(1...segment.rowCount ~= rowCount, .rowCount, expected: "1 to \(segment.rowCount)", found: "\(rowCount)")
        dimension = Int(fields[Field.dimension.rawValue] as UInt32)
        try require(dimension == segment.dimension ?? 0, .dimension, expected: "\(segment.dimension ?? 0)", found: "\(dimension)")
        let metricByte: UInt8 = fields[Field.metric.rawValue]
        metric = segment.metric
        try require(metricByte == metric.rawValue, .metric, expected: "\(metric.rawValue)", found: "\(metricByte)")
        guard let parameters = Self.parameters(fields) else {
            throw .corruption(fields.corruption(
                "\(Field.kind)", Field.kind.rawValue, expected: "a kind with its parameters", found: "\(bytes[Field.kind.rawValue])"))
        }
        self.parameters = parameters
        seed = fields[Field.seed.rawValue]
        imageBytes = Int(clamping: fields[Field.imageLength.rawValue] as UInt64)
        try require(imageBytes > 0 && imageBytes < 1 << 48, .imageLength, expected: "a length", found: "\(imageBytes)")
        tableChecksum = fields[Field.tableChecksum.rawValue]
    }

    private static func parameters(_ fields: SegmentFields) -> IndexParameters? {
        let kind: UInt8 = fields[Field.kind.rawValue]
        func number(_ field: Field) -> Int { Int(fields[field.rawValue] as UInt32) }
        let (M, efConstruction, nlist) = (number(.M), number(.efConstruction), number(.nlist))
        switch IndexKind(rawValue: kind) {
        case .hnsw where M > 0 && efConstruction > 0 && nlist == 0: return .hnsw(M: M, efConstruction: efConstruction)
        case .ivf where M == 0 && efConstruction == 0: return .ivf(nlist: nlist > 0 ? nlist : nil)
        case .hnsw, .ivf, nil: return nil
        }
    }

    init(
        _ segment: Segment, dimension: Int, rowCount: Int, parameters: IndexParameters, seed: UInt64, imageBytes: Int, tableChecksum: UInt32
    ) {
        collection = segment.collection
        self.segment = segment.reference
        metric = segment.metric
        self.dimension = dimension
        self.rowCount = rowCount
        self.parameters = parameters
        self.seed = seed
        self.imageBytes = imageBytes
        self.tableChecksum = tableChecksum
    }
}
