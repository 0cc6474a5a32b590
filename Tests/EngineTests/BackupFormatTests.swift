import ByteCoding
import Durability
import Engine
import Testing
import TestSupport
import VectorModel

/// The file `BACKUP`, against the section on backups in `storage-format.md`.
@Suite struct BackupFormatTests {
    private let example = BackupContents(
        sequence: SequenceNumber(300), time: LogTimestamp(milliseconds: 1_760_000_000_000),
        base: .init(sequence: SequenceNumber(200), time: LogTimestamp(milliseconds: 1_750_000_000_000)),
        files: [
            .init(name: "CATALOG", bytes: 150, check: .whole(0x1122_3344)),
            .init(
                name: "collections/00010203-0405-0607-0809-0a0b0c0d0e0f/00000000000000000001.segment", bytes: 170_000, check: .segment(0x5566_7788)),
        ],
        damaged: [.init(collection: CollectionIdentifier("00010203-0405-0607-0809-0a0b0c0d0e0f")!, problem: "lost")])

    private func decode(_ bytes: [UInt8]) throws -> BackupContents { try bytes.withUnsafeBytes { try BackupContents(decoding: $0) } }

    @Test func theWorkedExampleIsWhatTheCodeWritesAndReads() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try example.write(to: ".", disk, createdWith: "1.0")
        let shown = dump(disk.contents("BACKUP"))
        let document = try Repository.text("storage-format.md")
        #expect(document.contains("\n```\n" + shown + "\n```\n"), "the document should show:\n\(shown)")
        #expect(try BackupContents.read(in: ".", disk) == example)
    }

    @Test func brokenBytesAreRefusedAndNeverTrapped() throws {
        let good = example.encoded().withUnsafeBytes { Array($0) }
        #expect(try decode(good) == example)
        for count in 0..<good.count { #expect(throws: DecodingFailure.self) { try decode(Array(good.prefix(count))) } }
        #expect(throws: DecodingFailure.self) { try decode(good + [0]) }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            var broken = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = try? decode(broken)
        }
    }

    /// What is restored stays in its directory.
    @Test func namesThatLeaveTheDirectoryAreRefused() throws {
        for name in ["../CATALOG", "/etc/passwd", "log/../../x", "", "log//x", "a\nb"] {
            var contents = example
            contents.files[0].name = name
            let bytes = contents.encoded().withUnsafeBytes { Array($0) }
            #expect(throws: DecodingFailure.self) { try decode(bytes) }
        }
    }

    private func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { offset in
            let line = bytes[offset..<min(bytes.count, offset + 16)]
            let digits = line.map { self.digits($0, 2) }.joined(separator: " ")
            let text = String(line.map { (0x20...0x7E).contains($0) ? Character(UnicodeScalar($0)) : "." })
            return "\(self.digits(offset, 4))  \(digits)\(String(repeating: " ", count: 47 - digits.count))  \(text)"
        }.joined(separator: "\n")
    }

    private func digits(_ value: some BinaryInteger, _ count: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
