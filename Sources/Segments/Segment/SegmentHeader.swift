import ByteCoding
import FoundationEssentials
import VectorModel

/// The first bytes of a segment file: what it is, before any section is known.
struct SegmentHeader: Hashable, Sendable {
    var collection: CollectionIdentifier
    var number: UInt64
    var rowCount: Int
    /// 0: no vectors.
    var dimension: Int
    var metric: Metric
    var codes: SegmentFormat.CodeKind
    var element: VectorElement
    var hashKey: HashKey
    var createdWith: String

    private typealias Field = SegmentFormat.HeaderField
    private static let createdWithBytes = Field.reserved2.rawValue - Field.createdWith.rawValue

    /// Appends the `SegmentFormat.headerBytes` bytes of the header; the last four are its checksum.
    func encode(into writer: inout ByteWriter) {
        let start = writer.count
        SegmentFormat.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(SegmentFormat.version)
        writer.append(UInt32(SegmentFormat.headerBytes))
        writer.append(collection)
        writer.append(number)
        writer.append(UInt64(rowCount))
        writer.append(UInt32(dimension))
        writer.append(metric.rawValue)
        writer.append(codes.rawValue)
        writer.append(element.rawValue)
        writer.append(UInt8(0))
        writer.append(hashKey.low)
        writer.append(hashKey.high)
        let text = Self.prefix(of: createdWith, bytesMax: Self.createdWithBytes)
        text.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.appendZeros(SegmentFormat.headerBytes - 4 - (writer.count - start))
        let checksum = writer.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        writer.append(checksum)
    }

    /// Reads the header of `file`.
    /// - Parameter bytes: the file's first bytes, `SegmentFormat.headerBytes` of them unless the file is shorter.
    init(decoding bytes: UnsafeRawBufferPointer, file: String) throws(SegmentError) {
        let fields = SegmentFields(bytes: bytes, file: file, fileOffset: 0, structure: "segment file header")
        guard bytes.count >= SegmentFormat.headerBytes else {
            throw .corruption(fields.corruption(
                "length", 0, expected: "at least \(SegmentFormat.headerBytes) bytes", found: "\(bytes.count) bytes"))
        }
        guard bytes.prefix(SegmentFormat.magic.count).elementsEqual(SegmentFormat.magic) else {
            throw .corruption(fields.corruption("magic", 0, expected: "a segment file's", found: "another"))
        }
        // Version and header length keep their places in every version, and the checksum is always the header's last four bytes: so a newer
        // version can be told from damage. A header of another length is another version's; its checksum cannot be among the bytes at hand.
        let version: UInt32 = fields[Field.formatVersion.rawValue]
        let length: UInt32 = fields[Field.headerLength.rawValue]
        guard length == SegmentFormat.headerBytes else {
            if version > SegmentFormat.version { throw .unsupportedVersion(file: file, found: version, newestKnown: SegmentFormat.version) }
            throw .corruption(fields.corruption(
                "\(Field.headerLength)", Field.headerLength.rawValue, expected: "\(SegmentFormat.headerBytes)", found: "\(length)"))
        }
        try fields.check(checksumAt: Field.checksum.rawValue)
        guard version == SegmentFormat.version else {
            throw .unsupportedVersion(file: file, found: version, newestKnown: SegmentFormat.version)
        }
        collection = fields.identifier(Field.collection.rawValue)
        number = fields[Field.segmentNumber.rawValue]
        rowCount = Int(clamping: fields[Field.rowCount.rawValue] as UInt64)
        guard 1...SegmentFormat.rowCountMax ~= rowCount else {
            throw .corruption(fields.corruption(
                "\(Field.rowCount)", Field.rowCount.rawValue, expected: "1 to \(SegmentFormat.rowCountMax)", found: "\(rowCount)"))
        }
        dimension = Int(fields[Field.dimension.rawValue] as UInt32)
        let (metricByte, codesByte): (UInt8, UInt8) = (fields[Field.metric.rawValue], fields[Field.codes.rawValue])
        guard let metric = Metric(rawValue: metricByte) else {
            throw .corruption(fields.corruption("\(Field.metric)", Field.metric.rawValue, expected: "0 to 2", found: "\(metricByte)"))
        }
        guard let codes = SegmentFormat.CodeKind(rawValue: codesByte), codes == .none || dimension > 0 else {
            throw .corruption(fields.corruption(
                "\(Field.codes)", Field.codes.rawValue, expected: dimension > 0 ? "0 or 1" : "0", found: "\(codesByte)"))
        }
        let elementByte: UInt8 = fields[Field.element.rawValue]
        guard let element = VectorElement(rawValue: elementByte) else {
            throw .corruption(fields.corruption("\(Field.element)", Field.element.rawValue, expected: "0 or 1", found: "\(elementByte)"))
        }
        (self.metric, self.codes, self.element) = (metric, codes, element)
        try fields.checkZeros(Field.reserved.rawValue..<Field.hashKey.rawValue)
        try fields.checkZeros(Field.reserved2.rawValue..<Field.checksum.rawValue)
        hashKey = HashKey(low: fields[Field.hashKey.rawValue], high: fields[Field.hashKey.rawValue + 8])
        let text = bytes[Field.createdWith.rawValue..<Field.reserved2.rawValue].prefix { $0 != 0 }
        createdWith = String(decoding: text, as: UTF8.self)
    }

    init(_ description: SegmentDescription, rowCount: Int, codes: SegmentFormat.CodeKind) {
        collection = description.collection
        number = description.number
        self.rowCount = rowCount
        dimension = description.dimension ?? 0
        metric = description.metric
        self.codes = codes
        element = description.element
        hashKey = description.hashKey
        createdWith = description.createdWith
    }

    /// The longest prefix of whole characters that fits.
    private static func prefix(of text: String, bytesMax: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text {
            let utf8 = Array(String(character).utf8)
            if bytes.count + utf8.count > bytesMax { break }
            bytes += utf8
        }
        return bytes
    }
}

extension ByteWriter {
    /// Appends the 16 bytes of a UUID in the order in which it is written.
    mutating func append(_ identifier: CollectionIdentifier) {
        Swift.withUnsafeBytes(of: identifier.uuid.uuid) { append(contentsOf: $0) }
    }
}
