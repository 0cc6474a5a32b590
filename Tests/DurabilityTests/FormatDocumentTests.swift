import ByteCoding
import Durability
import TestSupport
import Testing
import VectorModel

/// `storage-format.md` against the code.
@Suite struct FormatDocumentTests {
    @Test func theWorkedExampleIsWhatTheCodeWrites() throws {
        #expect(try document().contains("\n```\n" + dump(example()) + "\n```\n"), "the document should show:\n\(dump(example()))")
    }

    @Test func theWorkedExampleIsReadBack() throws {
        let disk = SimulatedFileSystem(seed: 41)
        try disk.createDirectory("log")
        _ = try disk.create("log/00000000000000000001.wal")
        var bytes = example()
        bytes += [UInt8](repeating: 0, count: 4096 - bytes.count)
        disk.replaceContents("log/00000000000000000001.wal", with: bytes)
        #expect(try openStepped(disk).records == [Replayed(sequence: 1, bytes: Array("Psalm 119".utf8))])
    }

    @Test func theFieldTablesAreThoseOfTheCode() throws {
        let header = LogFormat.FileHeaderField.allCases
        let headerEnds = header.dropFirst().map(\.rawValue) + [LogFormat.fileHeaderBytes]
        #expect(try rows(under: "### File header") == zip(header, headerEnds).map { [$0.rawValue, $1 - $0.rawValue, "\($0)"] as [AnyHashable] })
        let frame = LogFormat.FrameField.allCases
        let frameEnds = frame.dropFirst().map(\.rawValue) + [LogFormat.frameHeaderBytes]
        #expect(try rows(under: "### Frame header") == zip(frame, frameEnds).map { [$0.rawValue, $1 - $0.rawValue, "\($0)"] as [AnyHashable] })
    }

    private func example() -> [UInt8] {
        let salt: UInt64 = 0x1122_3344_5566_7788
        let header = LogFileHeader(
            salt: salt, logIdentifier: 0x0102_0304_0506_0708, first: SequenceNumber(1), previous: .zero, fileBytes: 4096, createdWith: "1.0")
        let record = payload(Array("Psalm 119".utf8))
        var writer = ByteWriter()
        header.encode(into: &writer)
        let time = LogTimestamp(milliseconds: 0x0191_2233_4455)
        LogFrameHeader.record(record, sequence: SequenceNumber(1), previous: .zero, durableThrough: .zero, timestamp: time)
            .encode(into: &writer, key: header.frameKey, offset: LogFormat.fileHeaderBytes)
        record.stored.withUnsafePaddedBytes { writer.append(contentsOf: $0) }
        return writer.withUnsafeBytes { Array($0) }
    }

    /// Sixteen bytes a line: offset, hexadecimal, and the printable ones as text.
    private func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let hexadecimal = line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let text = line.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            let offset = String(start, radix: 16)
            let padding = String(repeating: " ", count: 47 - hexadecimal.count)
            return String(repeating: "0", count: 4 - offset.count) + offset + "  " + hexadecimal + padding + "  " + text
        }.joined(separator: "\n")
    }

    /// Offset, length and name of every row of the first table under a heading.
    private func rows(under heading: String) throws -> [[AnyHashable]] {
        let lines = try document().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: Substring(heading)))
        return lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2).compactMap { line in
            let cells = line.split(separator: "|").map { String($0.drop { $0 == " " }).split(separator: " ").first.map(String.init) ?? "" }
            guard cells.count >= 3, let offset = Int(cells[0]), let bytes = Int(cells[1]) else { return nil }
            return [offset, bytes, cells[2]]
        }
    }

    private func document() throws -> String { try Repository.text("storage-format.md") }
}
