import ByteCoding
import FileIO
import VectorModel

/// The first bytes of a lookup file: of which segment it is, and where its sections are.
struct LookupFileHeader: Hashable, Sendable {
    /// By `LookupSection.allCases`, from the beginning of the file.
    let sections: [Range<Int>]
    /// All sections and the zeros between them.
    let sectionBytes: Int
    /// Of the table of the sections' checksums, which end the file.
    let tableChecksum: UInt32

    private typealias Field = LookupFileFormat.HeaderField
    private typealias Entry = LookupFileFormat.SectionField

    /// A header of sections of these lengths, one after the other.
    init(lengths: [Int], tableChecksum: UInt32) {
        var sections: [Range<Int>] = []
        var next = LookupFileFormat.sectionsOffset
        for length in lengths {
            sections.append(next..<next + length)
            next = SegmentFormat.aligned(next + length, to: LookupFileFormat.alignment)
        }
        (self.sections, self.tableChecksum) = (sections, tableChecksum)
        sectionBytes = next - LookupFileFormat.sectionsOffset
    }

    /// The `LookupFileFormat.headerBytes` bytes of the header; the last four are its checksum.
    func encoded(of segment: Segment) -> ByteWriter {
        var writer = ByteWriter(capacity: LookupFileFormat.sectionsOffset)
        LookupFileFormat.magic.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(LookupFileFormat.version)
        writer.append(UInt32(LookupFileFormat.headerBytes))
        writer.append(segment.collection)
        writer.append(segment.reference.number)
        writer.append(segment.reference.checksum)
        writer.append(UInt32(sections.count))
        writer.append(UInt64(segment.rowCount))
        writer.append(UInt64(sectionBytes))
        writer.append(tableChecksum)
        writer.appendZeros(Field.sections.rawValue - writer.count)
        for (section, place) in zip(LookupSection.allCases, sections) {
            writer.append(section.rawValue)
            writer.append(UInt32(0))
            writer.append(UInt64(place.lowerBound))
            writer.append(UInt64(place.count))
        }
        writer.appendZeros(Field.checksum.rawValue - writer.count)
        let checksum = writer.withUnsafeBytes { crc32c($0) }
        writer.append(checksum)
        return writer
    }

    /// Reads the header of `file`, which is to be of `segment`.
    /// - Parameter bytes: the file's first bytes, `LookupFileFormat.headerBytes` of them unless the file is shorter.
    init(decoding bytes: UnsafeRawBufferPointer, file: String, of segment: Segment) throws(SegmentError) {
        let fields = SegmentFields(bytes: bytes, file: file, fileOffset: 0, structure: "lookup file header")
        func require(_ holds: Bool, _ field: Field, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String) throws(SegmentError) {
            if !holds { throw .corruption(fields.corruption("\(field)", field.rawValue, expected: expected(), found: found())) }
        }
        let isWhole = bytes.count >= LookupFileFormat.headerBytes
        try require(isWhole, .magic, "at least \(LookupFileFormat.headerBytes) bytes", "\(bytes.count) bytes")
        try require(bytes.starts(with: LookupFileFormat.magic), .magic, "a lookup file's", "another")
        let (version, length): (UInt32, UInt32) = (fields[Field.formatVersion.rawValue], fields[Field.headerLength.rawValue])
        if version != LookupFileFormat.version, length != LookupFileFormat.headerBytes {
            throw .unsupportedVersion(file: file, found: version, newestKnown: LookupFileFormat.version)
        }
        try require(length == LookupFileFormat.headerBytes, .headerLength, "\(LookupFileFormat.headerBytes)", "\(length)")
        try fields.check(checksumAt: Field.checksum.rawValue)
        guard version == LookupFileFormat.version else {
            throw .unsupportedVersion(file: file, found: version, newestKnown: LookupFileFormat.version)
        }
        let found = SegmentReference(
            number: fields[Field.segmentNumber.rawValue], fileBytes: segment.fileBytes,
            rowCount: Int(clamping: fields[Field.segmentRowCount.rawValue] as UInt64), checksum: fields[Field.segmentChecksum.rawValue])
        let collection = fields.identifier(Field.collection.rawValue)
        try require(
            collection == segment.collection && found == segment.reference, .collection, "\(segment.reference)",
            "\(found) of collection \(collection)")
        try fields.checkZeros(Field.reserved.rawValue..<Field.sections.rawValue)
        let count = Int(fields[Field.sectionCount.rawValue] as UInt32)
        try require(count == LookupSection.allCases.count, .sectionCount, "\(LookupSection.allCases.count)", "\(count)")
        var lengths: [Int] = []
        for index in 0..<count {
            let entry = Field.sections.rawValue + index * LookupFileFormat.sectionEntryBytes
            lengths.append(Int(clamping: fields[entry + Entry.length.rawValue] as UInt64))
        }
        let bytesMax = Int.max / 2 / max(count, 1)
        try require(lengths.allSatisfy { $0 < bytesMax }, .sections, "lengths that a file can have", "\(lengths)")
        self.init(lengths: lengths, tableChecksum: fields[Field.tableChecksum.rawValue])
        for (index, section) in LookupSection.allCases.enumerated() {
            let entry = Field.sections.rawValue + index * LookupFileFormat.sectionEntryBytes
            let (kind, offset): (UInt32, UInt64) = (fields[entry + Entry.kind.rawValue], fields[entry + Entry.offset.rawValue])
            let isHere = kind == section.rawValue && offset == UInt64(sections[index].lowerBound)
            try require(isHere, .sections, "\(section) at \(sections[index].lowerBound)", "kind \(kind) at \(offset)")
        }
        let total: UInt64 = fields[Field.sectionsLength.rawValue]
        try require(total == UInt64(sectionBytes), .sectionsLength, "\(sectionBytes)", "\(total)")
    }

    /// Where a section is in the file.
    subscript(section: LookupSection) -> Range<Int> { sections[Int(section.rawValue) - 1] }
}
