import Durability
import Engine
import FileIO
import Segments
import Testing
import TestSupport
import VectorModel

@Suite struct SegmentRepairTests {
    /// Damages a disk of a world whose records are all in segments, repairs it, and compares row by row.
    ///
    /// What is lost must be what the report says, in the collection meant, and everything else as it was written.
    @discardableResult
    private func expectSaved(
        _ world: VerificationWorld, lostIn name: String, atMost: Int, _ comment: String, damaging: (SimulatedFileSystem) throws -> Void
    ) async throws -> RepairReport {
        let disk = world.disk.copy()
        try damaging(disk)
        #expect(!(try VerificationWorld.verify(disk).isSound), "\(comment)")
        let before = disk.image
        let report = try VerificationWorld.repair(disk)
        #expect(report.after?.findings == [], "\(comment): \(report)")
        #expect(!report.actions.isEmpty)
        let seen = try await VerificationWorld.open(disk)
        #expect(seen.keys == world.seen.keys, "\(comment)")
        var lost = 0
        for (collection, records) in world.seen {
            let found = seen[collection] ?? [:]
            for (identifier, record) in records {
                guard let saved = found[identifier] else {
                    lost += 1
                    #expect(collection == name, "\(comment): \(identifier) of \(collection) is lost")
                    continue
                }
                #expect(saved == record, "\(comment): \(identifier) of \(collection)")
            }
            #expect(Set(found.keys).subtracting(records.keys).isEmpty, "\(comment): records came back in \(collection)")
        }
        #expect(lost <= atMost, "\(comment): \(report)")
        #expect(lost == report.lostRowCount || report.lostRowCount == 0, "\(comment): \(report)")
        try expectKept(before, on: disk)
        #expect(try VerificationWorld.repair(disk).actions == [], "\(comment): a second repair finds something")
        return report
    }

    /// Every file that was there is there still, in its place or in quarantine.
    private func expectKept(_ before: [String: [UInt8]], on disk: SimulatedFileSystem) throws {
        let now = Set(disk.image.values)
        // Opening afterwards seals the log and writes the catalog: only what a repair is about counts.
        for (path, bytes) in before where path.contains("/collections/") { #expect(now.contains(bytes), "\(path) is gone") }
    }

    @Test func everySectionOfASegment() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let path = world.segments("finches")[0]
        let layout = try SegmentOutline(world.disk.contents(path))
        #expect(layout.places.count > 15)
        for (name, range) in layout.places.sorted(by: { $0.value.lowerBound < $1.value.lowerBound }) {
            let byte = range.lowerBound + range.count / 2
            try await expectSaved(world, lostIn: "finches", atMost: layout.rowsAtRisk(byte), "\(name), byte \(byte)") { disk in
                disk.flipBit(path, at: byte * 8 + 3)
            }
        }
    }

    @Test func damageToDerivedBytesLosesNoRow() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let path = world.segments("wrens")[0]
        let layout = try SegmentOutline(world.disk.contents(path))
        let codes = try #require(layout.places["codes"])
        let block = try #require((codes.lowerBound / 16_384...codes.upperBound / 16_384).first { layout.isOnly("codes", block: $0) })
        let report = try await expectSaved(world, lostIn: "wrens", atMost: 0, "codes") { $0.flipBit(path, at: block * 16_384 * 8) }
        #expect(report.savedRows > 0)
        #expect(report.lostRowCount == 0)
    }

    @Test func aBlockOfVectorsLosesOnlyItsRows() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let path = world.segments("wrens")[0]
        let layout = try SegmentOutline(world.disk.contents(path))
        let vectors = try #require(layout.places["vectors"])
        let block = try #require((vectors.lowerBound / 16_384...vectors.upperBound / 16_384).first { layout.isOnly("vectors", block: $0) })
        let report = try await expectSaved(world, lostIn: "wrens", atMost: 17, "vectors") { $0.flipBit(path, at: (block * 16_384 + 77) * 8) }
        #expect(report.lostRowCount > 0)
        #expect(report.lostRows.allSatisfy { $0.identifier == nil })
    }

    @Test func cutAndMissingSegmentsLoseWhatTheyHad() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        for path in world.segments("finches") {
            let bytes = world.disk.contents(path)
            try await expectSaved(world, lostIn: "finches", atMost: 150, "cut") { $0.replaceContents(path, with: Array(bytes[..<(bytes.count / 2)])) }
            try await expectSaved(world, lostIn: "finches", atMost: 150, "missing") { try $0.remove(path) }
            try await expectSaved(world, lostIn: "finches", atMost: 0, "longer") { $0.replaceContents(path, with: bytes + [0, 0, 0]) }
        }
    }

    @Test func filesInOneAnothersPlaceArePutBack() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let pairs = [
            (world.segments("finches")[0], world.segments("wrens")[0]), (world.segments("finches")[0], world.segments("finches")[1]),
            (world.manifest("finches"), world.manifest("wrens")),
        ]
        for (first, second) in pairs {
            try await expectSaved(world, lostIn: "", atMost: 0, "\(first) and \(second)") { $0.swap(first, second) }
        }
    }

    @Test func aLostManifestIsMadeOfTheSegments() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let manifest = world.manifest("finches")
        // The log still tells which ids were deleted, so that none comes back.
        try await expectSaved(world, lostIn: "", atMost: 0, "damaged") { $0.flipBit(manifest, at: 90 * 8) }
        let report = try await expectSaved(world, lostIn: "", atMost: 0, "missing") { try $0.remove(manifest) }
        #expect(report.warnings.contains { $0.contains("manifest is lost") })
    }

    @Test func idsOfLostRowsAreNamedWhenAskedFor() async throws {
        let world = try await VerificationWorld.make(isFlushed: true)
        let disk = world.disk.copy()
        let path = world.segments("wrens")[0]
        let vectors = try #require(try SegmentOutline(disk.contents(path)).places["vectors"])
        disk.flipBit(path, at: (vectors.lowerBound + vectors.count / 2) * 8)
        let report = try VerificationWorld.repair(disk) { $0.namesIdentifiers = true }
        #expect(report.lostRowCount > 0)
        let seen = try await VerificationWorld.open(disk)
        let lost = Set(world.seen["wrens", default: [:]].keys).subtracting(seen["wrens", default: [:]].keys)
        #expect(Set(report.lostRows.compactMap(\.identifier)) == lost)
    }
}

/// Where the sections of a segment file lie, read independently of the code under test.
private struct SegmentOutline {
    let places: [String: Range<Int>]
    let rowCount: Int

    init(_ bytes: [UInt8]) throws {
        func integer(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) } }
        let trailer = bytes.count - SegmentFormat.trailerBytes
        let table = integer(trailer + SegmentFormat.TrailerField.sectionTableOffset.rawValue)
        let checksums = integer(trailer + SegmentFormat.TrailerField.checksumTableOffset.rawValue)
        var places = [
            "header": 0..<SegmentFormat.headerBytes, "checksum table": checksums..<table, "section table": table..<trailer,
            "trailer": trailer..<bytes.count,
        ]
        for section in SegmentSection.allCases {
            let entry = table + Int(section.rawValue - 1) * SegmentFormat.sectionEntryBytes
            let (offset, length) = (integer(entry + 8), integer(entry + 16))
            if length > 0 { places["\(section)"] = offset..<offset + length }
        }
        self.places = places
        rowCount = integer(SegmentFormat.HeaderField.rowCount.rawValue)
    }

    /// Whether a block has bytes of this section only.
    func isOnly(_ name: String, block: Int) -> Bool {
        let range = block * SegmentFormat.blockBytes..<(block + 1) * SegmentFormat.blockBytes
        return places.filter { $0.value.overlaps(range) }.map(\.key) == [name]
    }

    /// How many rows at most can have something in the block of this byte.
    func rowsAtRisk(_ byte: Int) -> Int {
        guard let checksums = places["checksum table"] else { return 0 }
        // A wrong checksum stands for one block; the other tables are put right.
        let block = byte < checksums.lowerBound ? byte / SegmentFormat.blockBytes : (byte - checksums.lowerBound) / 4
        if byte >= checksums.upperBound { return 0 }
        let range = block * SegmentFormat.blockBytes..<(block + 1) * SegmentFormat.blockBytes
        let derived: Set = ["header", "inverseNorms", "codes", "codeParameters", "identifierIndex", "keyIndex", "stringIndex"]
        var rows = 0
        for (name, place) in places where place.overlaps(range) && !derived.contains(name) {
            // One row more where the block begins in the middle of one, and one where it ends so.
            rows = max(rows, name == "vectors" ? place.clamped(to: range).count / (place.count / rowCount) + 2 : rowCount)
        }
        return rows
    }
}
