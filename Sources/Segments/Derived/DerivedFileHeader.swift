import ByteCoding
import VectorModel

/// What the header of one kind of derived files says beyond what all of them say.
protocol DerivedFileHeader: Hashable, Sendable {
    static var kind: DerivedFileKind { get }

    /// The length of the content, as the header says it.
    var contentBytes: Int { get }

    /// Writes the kind's own fields over zeros. Length and checksums are not among them.
    func encode(into writer: inout ByteWriter, of segment: Segment)

    /// Reads the kind's own fields, of a header whose checksum is right.
    /// - Parameters:
    ///   - fields: the whole header.
    ///   - contentBytes: the length of the content.
    ///   - segment: the one that the header names.
    init(_ fields: SegmentFields, contentBytes: Int, of segment: Segment) throws(SegmentError)
}

extension DerivedFileHeader {
    private typealias Field = DerivedFileFormat.HeaderField

    /// The bytes of the file before the content: header and zeros.
    func encoded(of segment: Segment, tableChecksum: UInt32) -> ByteBlock {
        let kind = Self.kind
        var writer = ByteWriter(capacity: DerivedFileFormat.contentOffset)
        kind.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(kind.version)
        writer.append(UInt32(kind.headerBytes))
        writer.append(segment.collection)
        writer.append(segment.reference.number)
        writer.append(segment.reference.checksum)
        writer.appendZeros(DerivedFileFormat.contentOffset - writer.count)
        writer.overwrite(UInt64(segment.rowCount), at: Field.segmentRowCount.rawValue)
        writer.overwrite(UInt64(contentBytes), at: kind.contentLengthOffset)
        writer.overwrite(tableChecksum, at: kind.tableChecksumOffset)
        encode(into: &writer, of: segment)
        let checksum = writer.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[..<kind.checksumOffset])) }
        writer.overwrite(checksum, at: kind.checksumOffset)
        return writer.finish()
    }

    /// Reads the header of `file`, which is to be of `segment`.
    /// - Parameter bytes: the file's first bytes, as many as the header has unless the file is shorter.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, file: String, of segment: Segment
    ) throws(SegmentError) -> (header: Self, tableChecksum: UInt32) {
        let kind = Self.kind
        let fields = SegmentFields(bytes: bytes, file: file, fileOffset: 0, structure: "\(kind.name) header")
        try fields.require(
            bytes.count >= kind.headerBytes, Field.magic, expected: "at least \(kind.headerBytes) bytes", found: "\(bytes.count) bytes")
        try fields.require(bytes.starts(with: kind.magic), Field.magic, expected: "that of \(kind.name)s", found: "another")
        // Version and header length keep their places in every version: a header of another length has its checksum elsewhere.
        let (version, length): (UInt32, UInt32) = (fields[Field.formatVersion], fields[Field.headerLength])
        let otherVersion = SegmentError.unsupportedVersion(file: file, found: version, newestKnown: kind.version)
        if version != kind.version, length != kind.headerBytes { throw otherVersion }
        try fields.require(length == kind.headerBytes, Field.headerLength, expected: "\(kind.headerBytes)", found: "\(length)")
        try fields.check(checksumAt: kind.checksumOffset)
        guard version == kind.version else { throw otherVersion }
        try checkSegment(fields, segment)
        let contentBytes = fields.bytes.size(at: kind.contentLengthOffset)
        guard contentBytes <= DerivedFileFormat.contentBytesMax else {
            throw .corruption(fields.corruption("content", kind.contentLengthOffset, expected: "a length", found: "\(contentBytes)"))
        }
        return (try Self(fields, contentBytes: contentBytes, of: segment), fields[kind.tableChecksumOffset])
    }

    /// The header names the segment that the file lies beside.
    private static func checkSegment(_ fields: SegmentFields, _ segment: Segment) throws(SegmentError) {
        let found = SegmentReference(
            number: fields[Field.segmentNumber], fileBytes: segment.fileBytes, rowCount: fields.size(Field.segmentRowCount),
            checksum: fields[Field.segmentChecksum])
        let collection = fields.identifier(Field.collection.rawValue)
        try fields.require(
            collection == segment.collection && found == segment.reference, Field.collection, expected: "\(segment.reference)",
            found: "\(found) of collection \(collection)")
    }
}
