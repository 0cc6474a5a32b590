import ByteCoding
import VectorModel

/// What the header of a lookup file says: where its sections are.
struct LookupFileHeader: DerivedFileHeader {
    /// By `LookupSection.allCases`, from the beginning of the content.
    let sections: [Range<Int>]
    /// All sections and the zeros between them and after the last.
    let contentBytes: Int
    /// Of the analysis that the index of words was made with (`TextAnalysis.checksum`); 0 when there is none.
    let analysis: UInt32

    static let kind = LookupFileFormat.kind

    private typealias Field = LookupFileFormat.HeaderField
    private typealias Entry = LookupFileFormat.SectionField

    /// A header of sections of these lengths, one after the other.
    init(lengths: [Int], analysis: UInt32) {
        var sections: [Range<Int>] = []
        var next = 0
        for length in lengths {
            sections.append(next..<next + length)
            next = SegmentFormat.aligned(next + length, to: LookupFileFormat.alignment)
        }
        (self.sections, contentBytes, self.analysis) = (sections, next, analysis)
    }

    func encode(into writer: inout ByteWriter, of segment: Segment) {
        writer.overwrite(UInt32(sections.count), at: Field.sectionCount.rawValue)
        writer.overwrite(analysis, at: Field.analysis.rawValue)
        for (section, place) in zip(LookupSection.allCases, sections) {
            let entry = Self.entryOffset(section)
            writer.overwrite(section.rawValue, at: entry + Entry.kind.rawValue)
            writer.overwrite(UInt64(DerivedFileFormat.contentOffset + place.lowerBound), at: entry + Entry.offset.rawValue)
            writer.overwrite(UInt64(place.count), at: entry + Entry.length.rawValue)
        }
    }

    init(_ fields: SegmentFields, contentBytes: Int, of segment: Segment) throws(SegmentError) {
        try fields.checkZeros(Field.reserved.rawValue..<Field.sections.rawValue)
        let count = Int(fields[Field.sectionCount] as UInt32)
        let expected = LookupSection.allCases.count
        try fields.require(count == expected, Field.sectionCount, expected: "\(expected)", found: "\(count)")
        try fields.checkZeros(Field.sections.rawValue + count * LookupFileFormat.sectionEntryBytes..<Self.kind.checksumOffset)
        let lengths = LookupSection.allCases.map { fields.bytes.size(at: Self.entryOffset($0) + Entry.length.rawValue) }
        try fields.require(lengths.allSatisfy { $0 <= contentBytes }, Field.sections, expected: "lengths up to \(contentBytes)", found: "\(lengths)")
        self.init(lengths: lengths, analysis: fields[Field.analysis])
        for (section, place) in zip(LookupSection.allCases, sections) {
            let entry = Self.entryOffset(section)
            try fields.checkZeros(entry + Entry.reserved.rawValue..<entry + Entry.offset.rawValue)
            let kind: UInt32 = fields[entry + Entry.kind.rawValue]
            let (offset, start) = (fields.bytes.size(at: entry + Entry.offset.rawValue), DerivedFileFormat.contentOffset + place.lowerBound)
            try fields.require(
                kind == section.rawValue && offset == start, Field.sections, expected: "\(section) at \(start)", found: "kind \(kind) at \(offset)")
        }
        try fields.require(contentBytes == self.contentBytes, Field.sectionsLength, expected: "\(self.contentBytes)", found: "\(contentBytes)")
    }

    /// Where a section is in the content.
    subscript(section: LookupSection) -> Range<Int> { sections[Int(section.rawValue) - 1] }

    /// Where the header has a section's entry.
    private static func entryOffset(_ section: LookupSection) -> Int {
        Field.sections.rawValue + (Int(section.rawValue) - 1) * LookupFileFormat.sectionEntryBytes
    }
}
