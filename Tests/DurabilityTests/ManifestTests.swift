import ByteCoding
import Durability
import FileIO
import FoundationEssentials
import TestSupport
import Testing
import VectorModel

/// Manifests of collections: what is written is read, and nothing that is not one is believed.
@Suite struct ManifestTests {
    @Test func randomManifestsComeBack() throws {
        for seed in Seeds.some(300) {
            var random = SeededGenerator(seed: seed)
            let manifest = randomManifest(&random)
            let disk = SimulatedFileSystem(seed: seed)
            try manifest.write(to: "MANIFEST", disk, createdWith: "1.0")
            #expect(try CollectionManifest.read("MANIFEST", disk) == manifest, Comment(rawValue: Seeds.replay(seed)))
        }
    }

    @Test func aMissingManifestIsNone() throws {
        #expect(try CollectionManifest.read("MANIFEST", SimulatedFileSystem(seed: 1)) == nil)
    }

    /// Few dead rows cost a byte or two each, many no more than a bit for each row.
    @Test(arguments: [0, 1, 100, 1_000, 30_000, 99_999, 100_000])
    func deadRowsAreStoredInTheShorterForm(_ count: Int) throws {
        let dead = (0..<100_000).filter { $0 * count / 100_000 != ($0 + 1) * count / 100_000 }
        #expect(dead.count == count)
        let manifest = sample(deadRows: dead, rowCount: 100_000)
        let disk = SimulatedFileSystem(seed: 1)
        try manifest.write(to: "MANIFEST", disk, createdWith: "1.0")
        #expect(try CollectionManifest.read("MANIFEST", disk) == manifest)
        #expect(disk.contents("MANIFEST").count <= 200 + min(2 * count, 12_500))
    }

    /// A file whose checksums hold and whose payload is anything: it is refused with a place, or it is a manifest that keeps the invariants.
    @Test func anyPayloadIsRefusedOrSound() throws {
        var (refused, accepted) = (0, 0)
        for seed in Seeds.some(1500) {
            var random = SeededGenerator(seed: seed)
            let disk = SimulatedFileSystem(seed: seed)
            let manifest = randomManifest(&random)
            var payload = try self.payload(of: manifest)
            for _ in 0..<Int.random(in: 1...3, using: &random) { spoil(&payload, &random) }
            let version: UInt32 = manifest.segments.contains { $0.owner != nil } ? 2 : 1
            try CheckedFile.write(block(payload), .manifest.written(asVersion: version), generation: 7, createdWith: "1.0", to: "MANIFEST", disk)
            do throws(CheckedFileError) {
                let manifest = try CollectionManifest.read("MANIFEST", disk)
                #expect(manifest.map(isSound) == true, Comment(rawValue: Seeds.replay(seed)))
                accepted += 1
            } catch {
                guard case .corruption(let corruption) = error else { return #expect(Bool(false), "\(error): \(Seeds.replay(seed))") }
                #expect(corruption.offset >= CheckedFile.payloadOffset && corruption.file == "MANIFEST")
                refused += 1
            }
        }
        #expect(refused > accepted)
    }

    /// Counts and lengths that would need more memory than there is are refused before anything is allocated.
    @Test(arguments: ["list of keys", "list of segments", "gaps", "bitmap"])
    func aLyingCountAllocatesNothing(_ place: String) throws {
        var writer = ByteWriter()
        writer.appendZeros(16 + 1)
        for value in [3, 10, 11, 12] as [UInt64] { writer.appendVarint(value) }
        let huge: UInt64 = 1 << 39
        writer.appendVarint(place == "list of keys" ? huge : 0)
        writer.appendVarint(place == "list of segments" ? huge : 1)
        for value in [1, 1000, 1 << 40] as [UInt64] { writer.appendVarint(value) }
        writer.append(UInt32(0))
        writer.appendVarint(huge)
        writer.append(place == "bitmap" ? UInt8(1) : 0)
        writer.appendZeros(40)
        let disk = SimulatedFileSystem(seed: 1)
        try CheckedFile.write(writer.finish(), .manifest.written(asVersion: 1), generation: 1, createdWith: "1.0", to: "MANIFEST", disk)
        let error = #expect(throws: CheckedFileError.self) { _ = try CollectionManifest.read("MANIFEST", disk) }
        guard case .corruption? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    /// A manifest of own segments only is one of version 1; one with a fork's shared segments lists these after the rest.
    @Test func sharedSegmentsAreToldInVersionTwo() throws {
        var manifest = sample(deadRows: [1], rowCount: 3)
        let disk = SimulatedFileSystem(seed: 1)
        try manifest.write(to: "OWN", disk, createdWith: "1.0")
        let owner = try #require(CollectionIdentifier("00010203-0405-0607-0809-0a0b0c0d0e0f"))
        manifest.segments[0].owner = owner
        try manifest.write(to: "SHARED", disk, createdWith: "1.0")
        let (own, shared) = (try CheckedFile.read("OWN", .manifest, disk), try CheckedFile.read("SHARED", .manifest, disk))
        #expect(own.version == 1 && shared.version == 2)
        #expect(shared.payload == own.payload + [1, 0] + (0...15))
        #expect(try CollectionManifest.read("SHARED", disk) == manifest)
        for bad in [own.payload + [0], own.payload + [1, 1] + (0...15), own.payload + [1, 0] + [UInt8](repeating: 0, count: 16)] {
            try CheckedFile.write(block(bad), .manifest, generation: 1, createdWith: "1.0", to: "BAD", disk)
            #expect(throws: CheckedFileError.self) { _ = try CollectionManifest.read("BAD", disk) }
        }
    }

    private func payload(of manifest: CollectionManifest) throws -> [UInt8] {
        let disk = SimulatedFileSystem(seed: 1)
        try manifest.write(to: "MANIFEST", disk, createdWith: "1.0")
        return try CheckedFile.read("MANIFEST", .manifest, disk).payload
    }

    private func sample(deadRows: [Int], rowCount: Int) -> CollectionManifest {
        CollectionManifest(
            collection: .zero, edit: 1, flushedThrough: SequenceNumber(1), nextInsertionKey: 1, nextSegmentNumber: 2, dimension: 3, metric: .l2,
            segments: [.init(number: 1, fileBytes: 4096, rowCount: rowCount, checksum: 7, deadRows: deadRows)])
    }

    private func spoil(_ payload: inout [UInt8], _ random: inout SeededGenerator) {
        let index = Int.random(in: payload.indices, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: payload[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: payload[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case 2: payload.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
        case 3: if payload.count > 1 { payload.removeSubrange(index..<min(payload.count - 1, index + 3)) }
        default: if index > 0 { payload.removeLast(payload.count - index) }
        }
    }

    private func isSound(_ manifest: CollectionManifest) -> Bool {
        Set(manifest.segments.map(\.number)).count == manifest.segments.count
            && Set(manifest.metadataKeys.map(\.name)).count == manifest.metadataKeys.count
            && manifest.segments.allSatisfy { segment in
                segment.number > 0 && segment.number < manifest.nextSegmentNumber && segment.rowCount > 0 && segment.fileBytes > 0
                    && segment.deadRows.allSatisfy { 0..<segment.rowCount ~= $0 }
                    && zip(segment.deadRows, segment.deadRows.dropFirst()).allSatisfy { $0 < $1 }
            }
    }

    private func randomManifest(_ random: inout SeededGenerator) -> CollectionManifest {
        let numbers = Set((0..<Int.random(in: 0...8, using: &random)).map { _ in UInt64.random(in: 1...1 << 40, using: &random) })
        let names = Set((0..<Int.random(in: 0...5, using: &random)).map { _ in
            ["", "a", "Schlüssel", "k\(random.next())"].randomElement(using: &random) ?? ""
        })
        return CollectionManifest(
            collection: CollectionIdentifier(UUID(uuid: unsafeBitCast((random.next(), random.next()), to: uuid_t.self))),
            edit: random.next(), flushedThrough: SequenceNumber(random.next()), nextInsertionKey: random.next(),
            nextSegmentNumber: UInt64.random(in: 1 << 41...UInt64.max, using: &random),
            dimension: Bool.random(using: &random) ? nil : Int.random(in: 1...65_535, using: &random),
            metric: Metric.allCases.randomElement(using: &random) ?? .l2,
            metadataKeys: names.sorted().map { MetadataKey(name: $0, kinds: MetadataKinds(rawValue: UInt8.random(in: 1...31, using: &random))) },
            segments: numbers.sorted().shuffled(using: &random).map { number in
                let rowCount = Int.random(in: 1...500, using: &random)
                let share = Double.random(in: 0...1, using: &random)
                return CollectionManifest.SegmentEntry(
                    number: number, fileBytes: Int.random(in: 1...1 << 40, using: &random), rowCount: rowCount,
                    checksum: UInt32.random(in: .min ... .max, using: &random),
                    deadRows: (0..<rowCount).filter { _ in random.chance(share * share) },
                    owner: random.chance(0.2) ? CollectionIdentifier(UUID(uuid: unsafeBitCast((random.next(), random.next()), to: uuid_t.self))) : nil)
            })
    }
}
