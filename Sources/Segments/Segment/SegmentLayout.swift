import ByteCoding
import VectorModel

/// Where the sections of one segment file are. Made once, when the file is opened, and checked there against the file's length:
/// afterwards only what sections hold is still to be doubted.
struct SegmentLayout: Sendable {
    /// A section's bytes in the file.
    struct Place: BitwiseCopyable, Sendable {
        let offset: Int
        let length: Int
        let elementBytes: Int

        var count: Int { length / elementBytes }
        var end: Int { offset + length }
    }

    /// By `SegmentSection.index`.
    private let places: [Place]

    subscript(section: SegmentSection) -> Place { places[section.index] }

    /// Reads the section table.
    ///
    /// - Parameters:
    ///   - bytes: the whole table, whose checksum has been compared.
    ///   - coveredBytes: where the sections end.
    init(
        decoding bytes: UnsafeRawBufferPointer, file: String, fileOffset: Int, header: SegmentHeader, codeStride: Int, coveredBytes: Int
    ) throws(SegmentError) {
        let fields = SegmentFields(bytes: bytes, file: file, fileOffset: fileOffset, structure: "segment section table")
        var places: [Place] = []
        places.reserveCapacity(SegmentSection.allCases.count)
        for section in SegmentSection.allCases {
            places.append(try Self.place(section, fields, header, codeStride, coveredBytes))
        }
        self.places = places
        try checkOverlaps(fields)
        try checkCounts(fields, header)
    }

    private static func place(
        _ section: SegmentSection, _ fields: SegmentFields, _ header: SegmentHeader, _ codeStride: Int, _ coveredBytes: Int
    ) throws(SegmentError) -> Place {
        typealias Field = SegmentFormat.SectionField
        let entry = section.index * SegmentFormat.sectionEntryBytes
        func require(_ holds: Bool, _ field: Field, expected: String, found: String) throws(SegmentError) {
            guard !holds else { return }
            throw .corruption(fields.corruption("\(section) \(field)", entry + field.rawValue, expected: expected, found: found))
        }
        let kind: UInt32 = fields[entry + Field.kind.rawValue]
        try require(kind == section.rawValue, .kind, expected: "\(section.rawValue)", found: "\(kind)")
        let elementBytes = Int(fields[entry + Field.elementBytes.rawValue] as UInt32)
        let expectedBytes = section.elementBytes(dimension: header.dimension, element: header.element, codeStride: codeStride)
        try require(elementBytes == expectedBytes, .elementBytes, expected: "\(expectedBytes)", found: "\(elementBytes)")
        let offset = Int(clamping: fields[entry + Field.offset.rawValue] as UInt64)
        let length = Int(clamping: fields[entry + Field.length.rawValue] as UInt64)
        let isLength = length <= coveredBytes && length % elementBytes == 0
        try require(isLength, .length, expected: "a multiple of \(elementBytes) in the file", found: "\(length)")
        let isInFile = length == 0 ? offset == 0 : offset >= SegmentFormat.headerBytes && offset <= coveredBytes - length
        let isPlace = isInFile && offset % section.alignment == 0
        try require(isPlace, .offset, expected: "a multiple of \(section.alignment) in the file", found: "\(offset)")
        return Place(offset: offset, length: length, elementBytes: elementBytes)
    }

    private func checkOverlaps(_ fields: SegmentFields) throws(SegmentError) {
        let inOrder = SegmentSection.allCases.filter { self[$0].length > 0 }.sorted { self[$0].offset < self[$1].offset }
        for (before, after) in zip(inOrder, inOrder.dropFirst()) where self[before].end > self[after].offset {
            throw .corruption(fields.corruption(
                "\(after) offset", after.index * SegmentFormat.sectionEntryBytes + SegmentFormat.SectionField.offset.rawValue,
                expected: "at least \(self[before].end), the end of \(before)", found: "\(self[after].offset)"))
        }
    }

    private func checkCounts(_ fields: SegmentFields, _ header: SegmentHeader) throws(SegmentError) {
        func require(_ section: SegmentSection, _ holds: Bool, _ expected: @autoclosure () -> String) throws(SegmentError) {
            guard !holds else { return }
            throw .corruption(fields.corruption(
                "\(section) length", section.index * SegmentFormat.sectionEntryBytes + SegmentFormat.SectionField.length.rawValue,
                expected: expected(), found: "\(self[section].count) elements"))
        }
        for section in SegmentSection.allCases {
            if let count = section.fixedCount(header) { try require(section, self[section].count == count, "\(count) elements") }
        }
        for table in SegmentStrings.all {
            // One offset for each string and one for the end.
            let strings = self[table.offsets].count - 1
            try require(table.offsets, strings >= 0 && strings <= SegmentFormat.rowCountMax, "1 to \(SegmentFormat.rowCountMax) elements")
            let slots = self[table.index].count
            let isIndex = slots == 0 ? strings == 0 : slots & (slots - 1) == 0 && slots > strings
            try require(table.index, isIndex, "a power of two above \(strings) elements")
        }
        let keys = self[.keyOffsets].count - 1
        try require(.columns, self[.columns].count == keys, "\(keys) elements")
        try require(.keyListOffsets, self[.keyListOffsets].count >= 1, "at least 1 element")
    }
}

extension SegmentSection {
    /// How many elements the header makes certain; `nil` where it does not.
    fileprivate func fixedCount(_ header: SegmentHeader) -> Int? {
        switch self {
        case .vectors: header.dimension > 0 ? header.rowCount : 0
        case .inverseNorms: header.dimension > 0 && header.metric == .cosine ? header.rowCount : 0
        case .codes, .codeParameters: header.codes == .scalar8 ? header.rowCount : 0
        case .rowFlags, .insertionKeys, .sequences, .textPlaces, .rowKeyLists: header.rowCount
        case .identifierOffsets: header.rowCount + 1
        case .identifierBytes, .identifierIndex, .textBlocks, .textBytes, .keyOffsets, .keyBytes, .keyIndex, .stringOffsets, .stringBytes,
            .stringIndex, .columns, .columnData, .arrays, .keyListOffsets, .keyLists:
            nil
        }
    }
}

/// The three sections of a table of strings: numbers from 0 on, found by their bytes.
struct SegmentStrings: Sendable {
    let offsets: SegmentSection
    let bytes: SegmentSection
    let index: SegmentSection

    /// A record id's number is its row.
    static let identifiers = SegmentStrings(offsets: .identifierOffsets, bytes: .identifierBytes, index: .identifierIndex)
    /// A metadata key's number is its column.
    static let keys = SegmentStrings(offsets: .keyOffsets, bytes: .keyBytes, index: .keyIndex)
    static let strings = SegmentStrings(offsets: .stringOffsets, bytes: .stringBytes, index: .stringIndex)
    static let all = [identifiers, keys, strings]
}
