import ByteCoding
import ColumnStore
import FileIO
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

/// Files that are not as they were written: damage is named, and nothing else than the right rows is ever read.
@Suite struct SegmentDamageTests {
    private static let rows: [SampleRow] = [
        SampleRow(
            identifier: "a", vector: (0..<64).map { Float($0) - 20 }, document: String(repeating: "hi ", count: 40), uri: "u",
            metadata: Metadata(["n": .integer(7), "s": .string("x"), "t": .strings(["x", "y"])]), insertionKey: 3, sequence: 9),
        SampleRow(
            identifier: "bb", vector: nil, document: nil, uri: nil, metadata: Metadata(["n": .float(1.5)]), insertionKey: 4, sequence: 10),
        SampleRow(identifier: "ccc", vector: [Float](repeating: 0.5, count: 64), document: "", uri: nil, metadata: nil, insertionKey: 9, sequence: 8),
    ]
    private static let description = SegmentDescription.sample(dimension: 64, metric: .cosine)
    /// The rows' numbers are such that float16 holds them exactly.
    private static let descriptions = VectorElement.allCases.map { SegmentDescription.sample(dimension: 64, metric: .cosine, element: $0) }

    @Test(arguments: descriptions)
    func everyFlippedByteIsNoticedAndNoneIsBelieved(_ description: SegmentDescription) throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: description, in: directory)
            let path = directory + "/" + reference.fileName
            let bytes = try fileBytes(path)
            var generator = SeededGenerator(seed: 31)
            for offset in bytes.indices {
                var damaged = bytes
                damaged[offset] ^= generator.chance(percent: 50) ? 0xFF : 1 << UInt8.random(in: 0..<8, using: &generator)
                try writeFile(path, damaged)
                try #require(try expectRightRowsOrDamage(path, reference) > 0, "byte \(offset) is covered by no checksum")
            }
        }
    }

    @Test func aFileCutAtAnyLengthIsRefused() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.description, in: directory)
            let path = directory + "/" + reference.fileName
            let bytes = try fileBytes(path)
            for length in bytes.indices {
                try writeFile(path, Array(bytes[..<length]))
                for expected in [reference, nil] { #expect(throws: SegmentError.self) { try open(path, expected) } }
            }
            try writeFile(path, bytes + [0])
            #expect(throws: SegmentError.self) { try open(path, nil) }
        }
    }

    /// Checksums that hold do not make contents true: whatever a hostile file says, nothing crashes.
    @Test(arguments: Seeds.some(3))
    func wrongContentsUnderRightChecksumsDoNotCrash(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.descriptions[Int(seed % 2)], in: directory)
            let path = directory + "/" + reference.fileName
            let bytes = try fileBytes(path)
            var damages = 0
            for offset in bytes.indices.dropLast(SegmentFormat.trailerBytes) where bytes[offset] != 0 || generator.chance(percent: 20) {
                var changed = bytes
                changed[offset] = generator.chance(percent: 30) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
                seal(&changed)
                try writeFile(path, changed)
                guard let segment = try? open(path, nil) else {
                    damages += 1
                    continue
                }
                damages += useEverything(segment) + segment.checkEverything().count
            }
            #expect(damages > 100)
        }
    }

    /// As above, with whole words of the tables and sections replaced by numbers at the edges of what fits.
    @Test(arguments: Seeds.some(3))
    func numbersAtTheEdgesUnderRightChecksumsDoNotCrash(_ seed: UInt64) throws {
        let edges: [UInt64] = [0, 1, 7, 8, 63, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 60, 1 << 61, 1 << 62, 1 << 63 - 1, 1 << 63, .max - 7, .max]
        var generator = SeededGenerator(seed: seed)
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.description, in: directory)
            let path = directory + "/" + reference.fileName
            let bytes = try fileBytes(path)
            let words = stride(from: 0, to: bytes.count - SegmentFormat.trailerBytes - 8, by: 4).filter { bytes[$0..<$0 + 8].contains { $0 != 0 } }
            var damages = 0
            for offset in words {
                var changed = bytes
                let edge = edges.randomElement(using: &generator) ?? 0
                changed.withUnsafeMutableBytes { $0.storeBytes(of: edge, toByteOffset: offset, as: UInt64.self) }
                seal(&changed)
                try writeFile(path, changed)
                guard let segment = try? open(path, nil) else {
                    damages += 1
                    continue
                }
                damages += useEverything(segment) + segment.checkEverything().count
            }
            #expect(damages > words.count / 2)
        }
    }

    @Test func damageIsFoundWhenItIsReadAndToldOnce() throws {
        var rows: [SampleRow] = []
        for number in 0..<2_000 {
            rows.append(SampleRow(
                identifier: "\(number)", vector: [Float](repeating: 1, count: 64), document: nil, uri: nil, metadata: nil,
                insertionKey: UInt64(number), sequence: 1))
        }
        try withSegmentDirectory { directory in
            let reference = try writeSample(rows, as: .sample(dimension: 64), in: directory)
            let path = directory + "/" + reference.fileName
            var bytes = try fileBytes(path)
            // The vector of row 1000, in a block of its own far from all tables.
            let offset = 4096 + 1000 * 256
            bytes[offset] ^= 1
            try writeFile(path, bytes)
            let told = Mutex<[Corruption]>([])
            let segment = try Segment.open(path, fileSystem: POSIXFileSystem(), expecting: reference) { corruption in
                told.withLock { $0.append(corruption) }
            }
            let cursor = try segment.cursor()
            #expect(try cursor.sample(0) == rows[0] && cursor.find("1000") == 1000 && told.withLock { $0.isEmpty })
            #expect(throws: Corruption.self) { try cursor.ensureVectors(rows: 900..<1100) }
            #expect(throws: Corruption.self) { try cursor.record(1000, fields: .vector) }
            #expect(try cursor.record(1000, fields: .document).identifier == "1000")
            #expect(told.withLock { $0.map(\.offset) } == [offset / SegmentFormat.blockBytes * SegmentFormat.blockBytes])
            #expect(told.withLock { $0.map(\.file) } == [path])
            #expect(segment.checkEverything().count == 1)
        }
    }

    @Test func anotherSegmentInItsPlaceIsNoticed() throws {
        try withSegmentDirectory { directory in
            let first = try writeSample(Self.rows, as: Self.description, in: directory)
            var other = Self.rows
            other[0].sequence += 1
            let second = try writeSample(other, as: .sample(2, dimension: 64, metric: .cosine), in: directory)
            #expect(first.fileBytes == second.fileBytes)
            let bytes = try fileBytes(directory + "/" + second.fileName)
            try writeFile(directory + "/" + first.fileName, bytes)
            #expect(throws: SegmentError.self) { try open(directory + "/" + first.fileName, first) }
        }
    }

    @Test func aMissingFileIsDamage() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.description, in: directory)
            let path = directory + "/" + reference.fileName
            let segment = try open(path, reference)
            try POSIXFileSystem().remove(path)
            #expect(throws: Corruption.self) { try segment.cursor() }
            let error = #expect(throws: SegmentError.self) { try open(path, reference) }
            #expect(error.map { if case .corruption(let corruption) = $0 { corruption.found == "none" } else { false } } == true)
        }
    }

    @Test func aNewerVersionIsRefusedByName() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.description, in: directory)
            let path = directory + "/" + reference.fileName
            var bytes = try fileBytes(path)
            bytes[SegmentFormat.HeaderField.formatVersion.rawValue] = 2
            seal(&bytes)
            try writeFile(path, bytes)
            #expect(throws: SegmentError.unsupportedVersion(file: path, found: 2, newestKnown: 1)) { try open(path, nil) }
        }
    }

    @Test func anUnknownElementIsDamage() throws {
        try withSegmentDirectory { directory in
            let reference = try writeSample(Self.rows, as: Self.description, in: directory)
            let path = directory + "/" + reference.fileName
            var bytes = try fileBytes(path)
            bytes[SegmentFormat.HeaderField.element.rawValue] = 2
            seal(&bytes)
            try writeFile(path, bytes)
            #expect(throws: SegmentError.self) { try open(path, nil) }
            // As float16 the vectors' section would be of another length.
            bytes[SegmentFormat.HeaderField.element.rawValue] = 1
            seal(&bytes)
            try writeFile(path, bytes)
            #expect(throws: SegmentError.self) { try open(path, nil) }
        }
    }

    private func open(_ path: String, _ reference: SegmentReference?) throws -> Segment {
        try Segment.open(path, fileSystem: POSIXFileSystem(), expecting: reference)
    }

    /// Reads everything; returns how many reads found damage. What is read without must be right.
    private func expectRightRowsOrDamage(_ path: String, _ reference: SegmentReference) throws -> Int {
        let segment: Segment
        do { segment = try open(path, reference) } catch { return 1 }
        let cursor: SegmentCursor
        do { cursor = try segment.cursor() } catch { return 1 }
        var damages = 0
        for (row, expected) in Self.rows.enumerated() {
            do { try #require(try cursor.sample(row) == expected) } catch is Corruption { damages += 1 }
            do { try #require(try cursor.sampleOfRecord(row) == expected) } catch is Corruption { damages += 1 }
            do { try #require(try cursor.find(expected.identifier) == row) } catch is Corruption { damages += 1 }
            do { try cursor.ensureCodes(rows: row..<row + 1) } catch { damages += 1 }
        }
        return damages + segment.checkEverything().count
    }

    /// Calls every method of a cursor; returns how many found damage.
    private func useEverything(_ segment: Segment) -> Int {
        var damages = 0
        func use(_ body: () throws -> Void) {
            do { try body() } catch { damages += 1 }
        }
        guard let cursor = try? segment.cursor() else { return 1 }
        for row in 0..<min(segment.rowCount, 10) {
            use { _ = try cursor.sample(row) }
            use { _ = try cursor.sampleOfRecord(row) }
            use { _ = try cursor.document(of: row) }
        }
        for identifier in ["a", "bb", "ccc", "", "nobody"] { use { _ = try cursor.find(identifier) } }
        for string in ["x", "y", "z"] { use { _ = try cursor.metadataStringNumber(string) } }
        for key in ["n", "s", "t"] {
            for members in [[], [0], [0, 1, 2]] {
                use {
                    var candidates = OrdinalSet(bound: segment.rowCount)
                    for member in members where member < segment.rowCount { candidates.insert(member) }
                    try cursor.keep(in: &candidates, key: key, keepsMissing: true) { $0.kind.isScalar || $0.elements.allSatisfy { $0 > 0 } }
                }
            }
        }
        use {
            var candidates = OrdinalSet.all(below: segment.rowCount)
            try cursor.keepRowsWithVectors(&candidates)
        }
        return damages
    }

    /// Makes every checksum of a changed file right again.
    private func seal(_ bytes: inout [UInt8]) {
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Value.Type) -> Value {
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
        }
        func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        }
        func checksum(_ range: Range<Int>) -> UInt32 { bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[range])) } }
        let trailer = bytes.count - SegmentFormat.trailerBytes
        func field(_ field: SegmentFormat.TrailerField) -> Int { Int(load(trailer + field.rawValue, UInt64.self)) }
        let (checksums, sections) = (field(.checksumTableOffset), field(.sectionTableOffset))
        let header = SegmentFormat.HeaderField.checksum.rawValue
        store(checksum(0..<header), header)
        for (block, start) in stride(from: 0, to: checksums, by: SegmentFormat.blockBytes).enumerated() {
            store(checksum(start..<min(start + SegmentFormat.blockBytes, checksums)), checksums + block * 4)
        }
        store(load(header, UInt32.self), trailer + SegmentFormat.TrailerField.headerChecksum.rawValue)
        store(checksum(checksums..<sections), trailer + SegmentFormat.TrailerField.checksumTableChecksum.rawValue)
        store(checksum(sections..<trailer), trailer + SegmentFormat.TrailerField.sectionTableChecksum.rawValue)
        let own = trailer + SegmentFormat.TrailerField.checksum.rawValue
        store(checksum(trailer..<own), own)
    }
}
