import ByteCoding
import Durability
import FileIO
import FoundationEssentials
import TestSupport
import Testing
import VectorModel

/// The sections on checked files and manifests in `storage-format.md`, against the code.
@Suite struct ManifestDocumentTests {
    @Test func theFieldTableIsThatOfTheCode() throws {
        let fields = CheckedFileFormat.HeaderField.allCases
        let ends = fields.dropFirst().map(\.rawValue) + [CheckedFileFormat.headerBytes]
        #expect(try rows(under: "### Header of a checked file") == zip(fields, ends).map { ["\($0.rawValue)", "\($1 - $0.rawValue)", "\($0)"] })
    }

    @Test func theTableOfKindsIsThatOfTheCode() throws {
        let kinds = [CheckedFileKind.catalog, .manifest, .backup]
        #expect(try rows(under: "### Kinds") == kinds.map { ["\($0.code)", $0.name, "\($0.version)"] })
    }

    @Test func theWorkedExampleIsWhatTheCodeWritesAndReads() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try example.write(to: "MANIFEST", disk, createdWith: "1.0")
        let shown = dump(disk.contents("MANIFEST"))
        #expect(try document().contains("\n```\n" + shown + "\n```\n"), "the document should show:\n\(shown)")
        #expect(try CollectionManifest.read("MANIFEST", disk) == example)
    }

    /// The bytes that version 1 wrote, whatever later versions write.
    @Test func manifestsOfVersionOneStayReadable() throws {
        let text = """
            894c595243484b0a 0100000050000000 0200000000000000 4300000000000000 0300000000000000 487b9a23312e3000
            0000000000000000 0000000000000000 0000000000000000 00000000bedc1f04 0001020304050607 08090a0b0c0d0e0f
            028003ac02c90104 0204626f6f6b0105 7665727365060201 90b00a6444332211 030007005103 80e20914887766550501
            170008
            """
        let digits = text.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
        let disk = SimulatedFileSystem(seed: 1)
        try disk.create("MANIFEST").close()
        disk.replaceContents("MANIFEST", with: bytes)
        #expect(try CollectionManifest.read("MANIFEST", disk) == example)
    }

    private var example: CollectionManifest {
        CollectionManifest(
            collection: CollectionIdentifier(UUID(uuid: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))), edit: 3,
            flushedThrough: SequenceNumber(300), nextInsertionKey: 201, nextSegmentNumber: 4, dimension: 384, metric: .cosine,
            metadataKeys: [MetadataKey(name: "book", kinds: .string), MetadataKey(name: "verse", kinds: [.integer, .float])],
            segments: [
                .init(number: 1, fileBytes: 170_000, rowCount: 100, checksum: 0x1122_3344, deadRows: [7, 8, 90]),
                .init(number: 3, fileBytes: 160_000, rowCount: 20, checksum: 0x5566_7788, deadRows: [0, 1, 2, 4, 19]),
            ])
    }

    /// Sixteen bytes a line: offset, hexadecimal, and the printable ones as text.
    private func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let hexadecimal = line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let text = line.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            let offset = String(start, radix: 16)
            return String(repeating: "0", count: 4 - offset.count) + offset + "  " + hexadecimal
                + String(repeating: " ", count: 47 - hexadecimal.count) + "  " + text
        }.joined(separator: "\n")
    }

    /// The first word of the first three cells of every row of the first table under a heading.
    private func rows(under heading: String) throws -> [[String]] {
        let lines = try document().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: Substring(heading)))
        return lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.split(separator: "|").prefix(3).map { $0.split(separator: " ").first.map(String.init) ?? "" }
        }
    }

    private func document() throws -> String { try Repository.text("storage-format.md") }
}
