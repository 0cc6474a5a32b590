import ByteCoding
import Durability
import FileIO
import FoundationEssentials
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Archives: what goes in comes out, `tar` understands them, and damage is named.
@Suite struct TarArchiveTests {
    private static let members: [(name: String, bytes: [UInt8])] = [
        ("BACKUP", Array("what this is".utf8)),
        ("empty", []),
        ("collections/00010203-0405-0607-0809-0a0b0c0d0e0f/00000000000000000001.segment", (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }),
        (String(repeating: "long/", count: 30) + String(repeating: "n", count: 100), [1, 2, 3]),
        ("with blanks and ümlauts", [UInt8](repeating: 9, count: 512)),
    ]

    private func write(
        _ members: [(name: String, bytes: [UInt8])] = members, to path: String, _ fileSystem: any FileSystem
    ) throws {
        let writer = try TarWriter(creating: path, fileSystem, modified: 1_767_225_600)
        for (name, bytes) in members { try writer.append(name, block(bytes)) }
        #expect(try writer.finish() == fileSystem.status(path)?.bytes)
    }

    private func contents(_ reader: TarReader) throws(TarError) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for member in reader.members {
            var bytes: [UInt8] = []
            try reader.read(member) { piece, offset in
                #expect(offset == bytes.count)
                bytes += piece
            }
            all.append(bytes)
        }
        return all
    }

    @Test func whatGoesInComesOut() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try write(to: "a.tar", disk)
        let reader = try TarReader("a.tar", disk)
        #expect(reader.members.map(\.name) == Self.members.map(\.name) && reader.modified == 1_767_225_600)
        #expect(try contents(reader) == Self.members.map(\.bytes))
        try reader.extract(reader.members[2], to: "out", disk)
        try disk.syncDirectory(".")
        #expect(disk.afterPowerLoss().contents("out") == Self.members[2].bytes)
        try write([], to: "none.tar", disk)
        #expect(try TarReader("none.tar", disk).members.isEmpty)
    }

    /// Longer than the pieces in which it is copied, and only as much of it as was asked for.
    @Test func filesAreCopiedInPieces() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let bytes = (0..<(1 << 20) + 77).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let source = try disk.create("source")
        try bytes.withUnsafeBytes { try source.write($0, at: 0) }
        var pieces: [Int] = []
        let writer = try TarWriter(creating: "a.tar", disk, modified: 0)
        try writer.append("all", copying: source, bytes: bytes.count) { pieces.append($0) }
        try writer.append("part", copying: source, bytes: 1000)
        #expect(pieces == [1 << 20, 77])
        #expect(throws: TarError.sourceTooShort(path: "source", bytes: bytes.count + 1)) {
            try writer.append("more", copying: source, bytes: bytes.count + 1)
        }
        #expect(throws: TarError.cancelled) {
            try writer.append("stopped", copying: source, bytes: 10) { _ throws(TarError) in throw .cancelled }
        }
        let good = try TarWriter(creating: "b.tar", disk, modified: 0)
        try good.append("all", copying: source, bytes: bytes.count)
        try good.append("part", copying: source, bytes: 1000)
        _ = try good.finish()
        #expect(try contents(TarReader("b.tar", disk)) == [bytes, Array(bytes[..<1000])])
    }

    @Test(arguments: [
        "", "/absolute", "a//b", "a/", "./a", "a/../b", "..", "line\nbreak", "nul\0", "back\\slash", "CHECKSUMS", "twice",
        String(repeating: "x", count: 101), String(repeating: "x/", count: 200),
    ])
    func unsafeNamesAreRefused(_ name: String) throws {
        let disk = SimulatedFileSystem(seed: 1)
        let writer = try TarWriter(creating: "a.tar", disk, modified: 0)
        try writer.append("twice", block([]))
        #expect(throws: TarError.unusableName(name)) { try writer.append(name, block([1])) }
    }

    /// Past 8 GiB the size does not fit in the digits. The header is that of GNU tar; there is no room here to try the contents.
    @Test func sizesPastEightGibibytesAreWritten() throws {
        for bytes in [(1 << 33) - 1, 1 << 33, 1 << 40] {
            let disk = SimulatedFileSystem(seed: 1)
            let writer = try TarWriter(creating: "a.tar", disk, modified: 0)
            #expect(throws: TarError.self) { try writer.append("big", copying: disk.create("source"), bytes: bytes) }
            let field = disk.contents("a.tar")[124..<136]
            let inDigits = Int(String(decoding: field.dropLast(), as: UTF8.self), radix: 8)
            let inBase256 = field.dropFirst().reduce(0) { $0 << 8 | Int($1) }
            #expect(bytes < 1 << 33 ? inDigits == bytes : field.first == 0x80 && inBase256 == bytes)
            // A reader believes the header, and finds the file too short.
            let error = #expect(throws: TarError.self) { _ = try TarReader("a.tar", disk) }
            #expect(error?.description.contains("size of a member") == true)
        }
    }

    @Test func everyFlippedByteAndEveryCutIsNoticed() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try write(to: "a.tar", disk)
        let intact = disk.contents("a.tar")
        for byte in intact.indices {
            disk.flipBit("a.tar", at: byte * 8 + byte % 8)
            let outcome = attempt { () throws(TarError) in try contents(TarReader("a.tar", disk)) }
            guard case .failure(.corruption(let corruption)) = outcome, corruption.file == "a.tar" else {
                return #expect(Bool(false), "byte \(byte): \(outcome)")
            }
            disk.flipBit("a.tar", at: byte * 8 + byte % 8)
        }
        for count in stride(from: 0, to: intact.count, by: 61) {
            disk.replaceContents("a.tar", with: Array(intact[..<count]))
            #expect(throws: TarError.self) { _ = try TarReader("a.tar", disk) }
        }
        disk.replaceContents("a.tar", with: intact + [UInt8](repeating: 0, count: 512))
        #expect(throws: TarError.self) { _ = try TarReader("a.tar", disk) }
    }

    /// A damaged member leaves no file behind, and the others can be had.
    @Test func damageToOneMemberIsItsOwn() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try write(to: "a.tar", disk)
        let reader = try TarReader("a.tar", disk)
        disk.flipBit("a.tar", at: (reader.members[2].offset + 500) * 8)
        let error = #expect(throws: TarError.self) { try reader.extract(reader.members[2], to: "out", disk) }
        #expect(error?.description.contains("checksum of collections/") == true)
        #expect(disk.paths == ["a.tar"])
        for index in [0, 1, 3, 4] { try reader.check(reader.members[index]) }
    }

    @Test func failingCallsAreTold() throws {
        for operation in [FileError.Operation.create, .write, .sync] {
            let disk = SimulatedFileSystem(seed: 1)
            disk.configure { $0.faults = [SimulatedFault(operation, .outOfSpace, after: operation == .write ? 3 : 0)] }
            let error = #expect(throws: TarError.self) { try write(to: "a.tar", disk) }
            guard case .file(let file)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(file.operation == operation && file.isOutOfSpace)
        }
    }

    #if os(Linux)
    /// The system's own `tar` lists the members and unpacks the same bytes.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/tar")))
    func otherProgramsReadIt() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lyrica-tar-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try write(to: directory + "/a.tar", POSIXFileSystem())
        let listing = output(of: "tar --quoting-style=literal -tf \(directory)/a.tar")
        #expect(listing.split(separator: "\n").map(String.init) == Self.members.map(\.name) + ["CHECKSUMS"])
        #expect(output(of: "tar -xf \(directory)/a.tar -C \(directory) 2>&1") == "")
        for (name, bytes) in Self.members {
            let mapping = try POSIXFileSystem().open(directory + "/" + name, .readOnly).map()
            defer { withExtendedLifetime(mapping) {} }
            #expect(mapping.bytes.elementsEqual(bytes), "\(name)")
        }
    }

    private func output(of command: String) -> String {
        guard let stream = popen(command, "r") else { return "cannot run it" }
        var bytes: [UInt8] = []
        while case let byte = fgetc(stream), byte != EOF { bytes.append(UInt8(byte)) }
        return pclose(stream) == 0 ? String(decoding: bytes, as: UTF8.self) : "failed"
    }
    #endif
}
