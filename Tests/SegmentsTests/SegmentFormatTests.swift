import ByteCoding
import ColumnStore
import FileIO
import Indexes
import Segments
import Testing
import TestSupport
import TextSearch
import VectorModel

/// `storage-format.md` against the code, and files of released versions.
@Suite struct SegmentFormatTests {
    private static let example = [
        SampleRow(
            identifier: "a", vector: [1, -2], document: "hi", uri: nil, metadata: Metadata(["n": .integer(7)]), insertionKey: 3, sequence: 9)
    ]

    @Test func theWorkedExampleIsWhatTheCodeWrites() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.example, as: .sample(dimension: 2), in: directory)
            let dump = dump(try fileBytes(directory + "/" + reference.fileName))
            let document = try document()
            #expect(document.contains("\n```\n" + dump + "\n```\n"), "the document should show:\n\(dump)")
        }
    }

    @Test func theFieldTablesAreThoseOfTheCode() throws {
        try expectTable("### Segment file header", SegmentFormat.HeaderField.self, SegmentFormat.headerBytes)
        try expectTable("### Segment trailer", SegmentFormat.TrailerField.self, SegmentFormat.trailerBytes)
        try expectTable("### Segment section table", SegmentFormat.SectionField.self, SegmentFormat.sectionEntryBytes)
        try expectTable("### Segment text places", SegmentFormat.TextPlaceField.self, 16)
        try expectTable("### Segment text blocks", SegmentFormat.TextBlockField.self, 16)
        try expectTable("### Segment columns", SegmentFormat.ColumnField.self, SegmentFormat.columnEntryBytes)
    }

    @Test func theFieldTablesOfDerivedFilesAreThoseOfTheCode() throws {
        try expectTable("### Index file header", derived: IndexFileFormat.HeaderField.self, IndexFileFormat.headerBytes)
        try expectTable("### Lookup file header", derived: LookupFileFormat.HeaderField.self, LookupFileFormat.headerBytes)
        try expectTable("### Lookup file sections", LookupFileFormat.SectionField.self, LookupFileFormat.sectionEntryBytes)
        #expect(try rows(under: "#### Kinds of lookup file sections").map { $0[0] } == LookupSection.allCases.map { "\($0.rawValue)" })
    }

    /// Read by the offsets of the document, and not by those of the code.
    @Test func derivedFilesBeginAsTheDocumentSays() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.example, as: .sample(dimension: 2), in: directory)
            let segment = try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
            try segment.buildLookup {}
            #expect(try segment.buildIndex(.hnsw(M: 16, efConstruction: 100), threads: 1) { _ in })
            let index = try fileBytes(directory + "/" + reference.indexFileName(.hnsw))
            let number = (index: integers(index), lookup: integers(try fileBytes(directory + "/" + reference.lookupFileName)))
            for (integer, version, headerBytes) in [(number.index, 1, 128), (number.lookup, 2, 256)] {
                #expect(integer(8, 4) == version && integer(12, 4) == headerBytes && integer(32, 8) == Int(reference.number))
                #expect(integer(40, 4) == Int(reference.checksum) && integer(48, 8) == reference.rowCount)
            }
            #expect([0, 1, 2, 3, 4, 5, 6, 7].map { number.index($0, 1) } == [0x89, 0x4c, 0x59, 0x52, 0x49, 0x44, 0x58, 0x0a])
            #expect([0, 1, 2, 3, 4, 5, 6, 7].map { number.lookup($0, 1) } == [0x89, 0x4c, 0x59, 0x52, 0x4c, 0x4b, 0x50, 0x0a])
            #expect(number.index(44, 1) == 1 && number.index(45, 1) == Int(segment.metric.rawValue) && number.index(56, 8) == 1)
            #expect(number.index(64, 4) == 2 && number.index(68, 4) == 16 && number.index(72, 4) == 100 && number.index(76, 4) == 0)
            #expect(number.index(88, 8) == index.count - 4_096 - 4 && number.index(80, 8) == Int(reference.number))
            #expect(number.index(96, 4) == Int(index.suffix(4).withUnsafeBytes { crc32c($0) }))
            #expect(number.index(124, 4) == Int(index.prefix(124).withUnsafeBytes { crc32c($0) }))
            #expect(number.lookup(68, 4) == Int(TextAnalysis.plain.checksum))
            #expect(number.lookup(44, 4) == 4 && number.lookup(128, 4) == 1 && number.lookup(136, 8) == 4_096)
            #expect(number.lookup(128 + 3 * 24, 4) == 4 && (number.lookup(56, 8) - number.lookup(144, 8)) > 0)
        }
    }

    /// The little-endian integer at an offset, of so many bytes.
    private func integers(_ bytes: [UInt8]) -> (Int, Int) -> Int {
        { offset, count in bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) } }
    }

    @Test func theSectionsAreThoseOfTheCode() throws {
        let expected = SegmentSection.allCases.map { section in
            let bytes = section.elementBytes(dimension: 7, element: .float32, codeStride: 64)
            let element = section == .vectors ? "4 or 2 × dimension" : section == .codes ? "stride" : "\(bytes)"
            return ["\(section.rawValue)", element, "\(section)"]
        }
        #expect(try rows(under: "### Segment sections").map { Array($0.prefix(3)) } == expected)
    }

    @Test func kindsOfMetadataKeepTheirNumbers() {
        let kinds: [MetadataKind] = [.string, .integer, .float, .boolean, .strings, .integers, .floats, .booleans, .sparse]
        #expect(kinds.map(\.rawValue) == Array(0...8))
        #expect(Metric.allCases.map(\.rawValue) == [0, 1, 2])
        #expect(VectorElement.allCases.map(\.rawValue) == [0, 1])
    }

    /// Files that version 1 of the format wrote, kept for ever.
    @Test(arguments: [("segment-v1", VectorElement.float32), ("segment-v1-float16", .float16)])
    func version1StaysReadable(_ name: String, _ element: VectorElement) throws {
        let path = Repository.path("Tests/SegmentsTests/Fixtures/\(name).segment")
        let segment = try Segment.open(path, fileSystem: POSIXFileSystem())
        #expect(segment.checkEverything() == [])
        #expect(segment.reference.number == 1 && segment.dimension == 64 && segment.metric == .cosine && segment.hasCodes)
        #expect(segment.element == element)
        let cursor = try segment.cursor()
        let expected = element == .float32 ? Self.fixture : Self.fixture.map(\.rounded)
        #expect(try (0..<segment.rowCount).map { try cursor.sample($0) } == expected)
        for (row, sample) in expected.enumerated() { #expect(try cursor.find(sample.identifier) == row) }
        var candidates = OrdinalSet.all(below: segment.rowCount)
        try cursor.keep(in: &candidates, key: "tags", keepsMissing: false) { $0.elements.count == 2 }
        #expect(candidates.count == 1 && candidates.contains(0))
    }

    /// The rows of the fixture: one of each kind of metadata, a text that compresses, holes.
    static let fixture: [SampleRow] = [
        SampleRow(
            identifier: "first", vector: (0..<64).map { Float($0) - 20 }, document: String(repeating: "In the beginning ", count: 9),
            uri: "https://example.org/1",
            metadata: Metadata([
                "z": .string("last letter first"), "n": .integer(-7), "f": .float(0.5), "b": .boolean(true), "tags": .strings(["x", "y"]),
                "integers": .integers([1, -1]), "floats": .floats([]), "booleans": .booleans([true, false]),
            ]), insertionKey: 3, sequence: 9),
        SampleRow(
            identifier: "", vector: nil, document: nil, uri: "", metadata: Metadata(["n": .string("x")]), insertionKey: 4, sequence: 1 << 40),
        SampleRow(
            identifier: "dritte Zeile: ä", vector: [Float](repeating: 0, count: 64), document: "", uri: nil, metadata: Metadata([:]),
            insertionKey: 1 << 50, sequence: 8),
        SampleRow(
            identifier: "4", vector: [Float](repeating: 1e-3, count: 64), document: "short", uri: nil, metadata: nil, insertionKey: .max,
            sequence: 0),
    ]

    private func expectTable<Field: CaseIterable & RawRepresentable<Int>>(_ heading: String, _ fields: Field.Type, _ bytes: Int) throws {
        try expectTable(heading, places(fields), bytes)
    }

    /// The header of a derived file has the fields of all of them, its own, and a checksum at its end.
    private func expectTable<Field: CaseIterable & RawRepresentable<Int>>(_ heading: String, derived fields: Field.Type, _ bytes: Int) throws {
        let places = places(DerivedFileFormat.HeaderField.self) + places(fields) + [("checksum", bytes - 4)]
        try expectTable(heading, places.sorted { $0.offset < $1.offset }, bytes)
    }

    private func expectTable(_ heading: String, _ fields: [(name: String, offset: Int)], _ bytes: Int) throws {
        let ends = fields.dropFirst().map(\.offset) + [bytes]
        let expected = zip(fields, ends).map { ["\($0.offset)", "\($1 - $0.offset)", $0.name] }
        #expect(try rows(under: heading).map { Array($0.prefix(3)) } == expected, "\(heading)")
    }

    private func places<Field: CaseIterable & RawRepresentable<Int>>(_ fields: Field.Type) -> [(name: String, offset: Int)] {
        fields.allCases.map { ("\($0)", $0.rawValue) }
    }

    /// Sixteen bytes a line: offset, hexadecimal, and the printable ones as text; lines of zeros are left out.
    private func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).compactMap { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            guard line.contains(where: { $0 != 0 }) else { return nil }
            let hexadecimal = line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let text = line.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            let offset = String(start, radix: 16)
            let padding = String(repeating: " ", count: 47 - hexadecimal.count)
            return String(repeating: "0", count: 4 - offset.count) + offset + "  " + hexadecimal + padding + "  " + text
        }.joined(separator: "\n")
    }

    /// The cells of every row of the first table under a heading.
    private func rows(under heading: String) throws -> [[String]] {
        let lines = try document().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: Substring(heading)))
        return lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
                let text = cell.drop { $0 == " " }
                return String(text.reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    private func document() throws -> String { try Repository.text("storage-format.md") }
}
