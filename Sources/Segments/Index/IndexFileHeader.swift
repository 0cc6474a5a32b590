import ByteCoding
import Indexes
import VectorModel

/// What the header of an index file says of the index: which rows are in it, and what it was built with.
struct IndexFileHeader: DerivedFileHeader {
    let parameters: IndexParameters
    /// Rows in the index.
    let rowCount: Int
    let seed: UInt64
    /// The length of the image.
    let contentBytes: Int

    static let kind = IndexFileFormat.kind

    private typealias Field = IndexFileFormat.HeaderField

    var summary: IndexSummary { IndexSummary(parameters: parameters, rowCount: rowCount, bytes: contentBytes) }

    init(parameters: IndexParameters, rowCount: Int, seed: UInt64, contentBytes: Int) {
        (self.parameters, self.rowCount, self.seed, self.contentBytes) = (parameters, rowCount, seed, contentBytes)
    }

    func encode(into writer: inout ByteWriter, of segment: Segment) {
        writer.overwrite(parameters.kind.rawValue, at: Field.kind.rawValue)
        writer.overwrite(segment.metric.rawValue, at: Field.metric.rawValue)
        writer.overwrite(UInt64(rowCount), at: Field.rowCount.rawValue)
        writer.overwrite(UInt32(segment.dimension ?? 0), at: Field.dimension.rawValue)
        switch parameters {
        case .hnsw(let M, let efConstruction):
            writer.overwrite(UInt32(M), at: Field.M.rawValue)
            writer.overwrite(UInt32(efConstruction), at: Field.efConstruction.rawValue)
        case .ivf(let nlist): writer.overwrite(UInt32(nlist ?? 0), at: Field.nlist.rawValue)
        }
        writer.overwrite(seed, at: Field.seed.rawValue)
    }

    init(_ fields: SegmentFields, contentBytes: Int, of segment: Segment) throws(SegmentError) {
        try fields.checkZeros(Field.reserved.rawValue..<DerivedFileFormat.HeaderField.segmentRowCount.rawValue)
        try fields.checkZeros(Field.reserved2.rawValue..<Self.kind.checksumOffset)
        rowCount = fields.size(Field.rowCount)
        try fields.require(1...segment.rowCount ~= rowCount, Field.rowCount, expected: "1 to \(segment.rowCount)", found: "\(rowCount)")
        let dimension = Int(fields[Field.dimension] as UInt32)
        try fields.require(dimension == segment.dimension ?? 0, Field.dimension, expected: "\(segment.dimension ?? 0)", found: "\(dimension)")
        let metric: UInt8 = fields[Field.metric]
        try fields.require(metric == segment.metric.rawValue, Field.metric, expected: "\(segment.metric.rawValue)", found: "\(metric)")
        let kind: UInt8 = fields[Field.kind]
        guard let parameters = Self.parameters(kind, fields) else {
            throw .corruption(fields.corruption("\(Field.kind)", Field.kind.rawValue, expected: "a kind with its parameters", found: "\(kind)"))
        }
        self.parameters = parameters
        seed = fields[Field.seed]
        try fields.require(contentBytes > 0, Field.imageLength, expected: "a length", found: "\(contentBytes)")
        self.contentBytes = contentBytes
    }

    private static func parameters(_ kind: UInt8, _ fields: SegmentFields) -> IndexParameters? {
        func number(_ field: Field) -> Int { Int(fields[field] as UInt32) }
        let (M, efConstruction, nlist) = (number(.M), number(.efConstruction), number(.nlist))
        switch IndexKind(rawValue: kind) {
        case .hnsw where M > 0 && efConstruction > 0 && nlist == 0: return .hnsw(M: M, efConstruction: efConstruction)
        case .ivf where M == 0 && efConstruction == 0: return .ivf(nlist: nlist > 0 ? nlist : nil)
        case .hnsw, .ivf, nil: return nil
        }
    }
}
