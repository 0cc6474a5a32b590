import ByteCoding
import VectorModel

/// The last bytes of a segment file: where its tables are, and the checksums from which all others follow.
struct SegmentTrailer: Hashable, Sendable {
    /// The end of the sections; what lies before it is checked by the checksum table.
    var checksumTableOffset: Int
    var checksumTableLength: Int
    var sectionTableOffset: Int
    var sectionTableLength: Int
    var fileLength: Int
    var collection: CollectionIdentifier
    var number: UInt64
    var rowCount: Int
    var headerChecksum: UInt32
    var checksumTableChecksum: UInt32
    var sectionTableChecksum: UInt32

    private typealias Field = SegmentFormat.TrailerField

    /// Appends the `SegmentFormat.trailerBytes` bytes of the trailer and returns its checksum.
    func encode(into writer: inout ByteWriter) -> UInt32 {
        let start = writer.count
        writer.append(SegmentFormat.version)
        writer.append(UInt32(SegmentFormat.blockBytes))
        for value in [checksumTableOffset, checksumTableLength, sectionTableOffset, sectionTableLength, fileLength] { writer.append(UInt64(value)) }
        writer.append(collection)
        writer.append(number)
        writer.append(UInt64(rowCount))
        writer.append(headerChecksum)
        writer.append(checksumTableChecksum)
        writer.append(sectionTableChecksum)
        writer.appendZeros(Field.checksum.rawValue - (writer.count - start))
        let checksum = writer.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        writer.append(checksum)
        SegmentFormat.endMagic.withUnsafeBytes { writer.append(contentsOf: $0) }
        return checksum
    }

    /// The checksum of a trailer and what it says.
    ///
    /// - Parameters:
    ///   - bytes: the last `SegmentFormat.trailerBytes` bytes of `file`.
    ///   - fileBytes: the length of the file.
    ///   - header: what the file began with; the trailer must be of the same file.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, file: String, fileBytes: Int, header: SegmentHeader, headerChecksum: UInt32
    ) throws(SegmentError) -> (trailer: SegmentTrailer, checksum: UInt32) {
        let fields = SegmentFields(
            bytes: bytes, file: file, fileOffset: fileBytes - SegmentFormat.trailerBytes, structure: "segment file trailer")
        guard bytes.suffix(SegmentFormat.endMagic.count).elementsEqual(SegmentFormat.endMagic) else {
            throw .corruption(fields.corruption("magic", Field.magic.rawValue, expected: "a segment file's end", found: "another"))
        }
        try fields.check(checksumAt: Field.checksum.rawValue)
        func offset(_ field: Field) -> Int { Int(clamping: fields[field.rawValue] as UInt64) }
        let trailer = SegmentTrailer(
            checksumTableOffset: offset(.checksumTableOffset), checksumTableLength: offset(.checksumTableLength),
            sectionTableOffset: offset(.sectionTableOffset), sectionTableLength: offset(.sectionTableLength), fileLength: offset(.fileLength),
            collection: fields.identifier(Field.collection.rawValue), number: fields[Field.segmentNumber.rawValue], rowCount: offset(.rowCount),
            headerChecksum: fields[Field.headerChecksum.rawValue], checksumTableChecksum: fields[Field.checksumTableChecksum.rawValue],
            sectionTableChecksum: fields[Field.sectionTableChecksum.rawValue])
        func require(_ holds: Bool, _ field: Field, expected: String, found: String) throws(SegmentError) {
            if !holds { throw .corruption(fields.corruption("\(field)", field.rawValue, expected: expected, found: found)) }
        }
        let (version, blockBytes): (UInt32, UInt32) = (fields[Field.formatVersion.rawValue], fields[Field.blockBytes.rawValue])
        try require(version == SegmentFormat.version, .formatVersion, expected: "\(SegmentFormat.version)", found: "\(version)")
        try require(blockBytes == SegmentFormat.blockBytes, .blockBytes, expected: "\(SegmentFormat.blockBytes)", found: "\(blockBytes)")
        try fields.checkZeros(Field.reserved.rawValue..<Field.checksum.rawValue)
        try require(trailer.fileLength == fileBytes, .fileLength, expected: "a file of \(trailer.fileLength) bytes", found: "\(fileBytes) bytes")
        try require(
            trailer.collection == header.collection, .collection, expected: "\(header.collection), as in the header", found: "\(trailer.collection)")
        try require(trailer.number == header.number, .segmentNumber, expected: "\(header.number), as in the header", found: "\(trailer.number)")
        try require(trailer.rowCount == header.rowCount, .rowCount, expected: "\(header.rowCount), as in the header", found: "\(trailer.rowCount)")
        try require(
            trailer.headerChecksum == headerChecksum, .headerChecksum, expected: hexadecimal(headerChecksum),
            found: hexadecimal(trailer.headerChecksum))
        // The two tables and the trailer lie one after the other and end the file, so no byte is without a checksum.
        let places = Places(fileBytes: fileBytes, checksumTableOffset: trailer.checksumTableOffset)
        guard let places else {
            throw .corruption(fields.corruption(
                "\(Field.checksumTableOffset)", Field.checksumTableOffset.rawValue, expected: "a multiple of \(SegmentFormat.alignment) in the file",
                found: "\(trailer.checksumTableOffset)"))
        }
        try require(
            trailer.checksumTableLength == places.checksumTableLength, .checksumTableLength, expected: "\(places.checksumTableLength)",
            found: "\(trailer.checksumTableLength)")
        try require(
            trailer.sectionTableOffset == places.sectionTableOffset, .sectionTableOffset, expected: "\(places.sectionTableOffset)",
            found: "\(trailer.sectionTableOffset)")
        try require(
            trailer.sectionTableLength == places.sectionTableLength, .sectionTableLength, expected: "\(places.sectionTableLength)",
            found: "\(trailer.sectionTableLength)")
        return (trailer, fields[Field.checksum.rawValue])
    }

    /// Where the tables have to be in a file of a given length.
    private struct Places {
        let checksumTableLength: Int
        let sectionTableOffset: Int
        let sectionTableLength: Int

        init?(fileBytes: Int, checksumTableOffset: Int) {
            guard checksumTableOffset >= SegmentFormat.headerBytes, checksumTableOffset < fileBytes,
                checksumTableOffset % SegmentFormat.alignment == 0
            else { return nil }
            checksumTableLength = SegmentTrailer.checksumTableLength(coveredBytes: checksumTableOffset)
            sectionTableOffset = checksumTableOffset + checksumTableLength
            sectionTableLength = SegmentSection.allCases.count * SegmentFormat.sectionEntryBytes
            guard sectionTableOffset + sectionTableLength + SegmentFormat.trailerBytes == fileBytes else { return nil }
        }
    }

    /// The bytes of the checksums of the file's first `coveredBytes` bytes.
    static func checksumTableLength(coveredBytes: Int) -> Int {
        (coveredBytes + SegmentFormat.blockBytes - 1) / SegmentFormat.blockBytes * 4
    }
}
