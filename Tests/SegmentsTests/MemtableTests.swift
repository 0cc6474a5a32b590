import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// A record as the model holds it.
struct ModelRecord: Equatable {
    var vector: [Float]?
    var document: String?
    var uri: String?
    var metadata: Metadata?
}

extension RecordView {
    var model: ModelRecord {
        ModelRecord(vector: withVector { $0.map(Array.init) }, document: document, uri: uri, metadata: metadata)
    }
}

/// A memtable with its tombstones: what a collection's working state has of it.
struct Table {
    private(set) var memtable: Memtable
    private(set) var tombstones = Tombstones()
    private var sequence: UInt64 = 0

    init(metric: Metric) { memtable = Memtable(metric: metric) }

    var rowCount: Int { memtable.rowCount }
    var liveCount: Int { snapshot().liveCount }

    func find(_ identifier: String) -> Int? { memtable.newestRow(of: identifier).flatMap { tombstones.contains($0) ? nil : $0 } }

    mutating func insert(_ identifier: String, _ record: ModelRecord, insertionKey: UInt64) {
        sequence += 1
        withParts(record) { memtable.append(identifier, $0, insertionKey: insertionKey, sequence: SequenceNumber(sequence)) }
    }

    mutating func update(_ row: Int, _ record: ModelRecord) {
        sequence += 1
        withParts(record) { memtable.appendVersion(of: row, $0, sequence: SequenceNumber(sequence)) }
        tombstones.insert(row)
    }

    mutating func delete(_ row: Int) { tombstones.insert(row) }

    func snapshot() -> CollectionPart { CollectionPart(.memtable(memtable.reader()), tombstones: tombstones) }

    mutating func rewrite() {
        memtable = memtable.reader().copy(without: tombstones)
        tombstones = Tombstones()
    }

    private func withParts(_ record: ModelRecord, _ body: (RecordParts) -> Void) {
        guard let vector = record.vector else {
            return body(RecordParts(document: record.document, uri: record.uri, metadata: record.metadata))
        }
        memtable.fixDimension(vector.count)
        vector.withUnsafeBufferPointer {
            body(RecordParts(vector: $0, document: record.document, uri: record.uri, metadata: record.metadata))
        }
    }
}

extension CollectionPart {
    /// Every living record in the order of insertion.
    var contents: [(String, ModelRecord)] {
        get throws {
            let records = CollectionReader([self])
            return try records.addressesInInsertionOrder([alive()]).map {
                let record = try records.record($0, .all)
                return (record.identifier, record.model)
            }
        }
    }

    func record(_ row: Int) throws -> RecordView { try CollectionReader([self]).record(RowAddress(part: 0, row: row), .all) }

    func find(_ identifier: String) throws -> Int? { try CollectionReader([self]).find(identifier)?.row }
}

@Suite struct MemtableTests {
    @Test func anUpdateKeepsWhatItDoesNotMention() throws {
        var table = Table(metric: .l2)
        table.insert(
            "a", ModelRecord(vector: [1, 2], document: "d", uri: "u", metadata: Metadata(["x": .integer(1), "y": .integer(2)])), insertionKey: 1)
        table.update(
            table.find("a")!, ModelRecord(document: "e", metadata: Metadata(fields: [MetadataField(key: "x", value: nil), MetadataField(key: "z", value: .string("s"))])))
        let expected = ModelRecord(vector: [1, 2], document: "e", uri: "u", metadata: Metadata(["y": .integer(2), "z": .string("s")]))
        #expect(try table.snapshot().contents.map(\.1) == [expected])
        table.update(table.find("a")!, ModelRecord(uri: ""))
        table.update(table.find("a")!, ModelRecord(vector: [3, 4]))
        #expect(try table.snapshot().contents.map(\.1) == [ModelRecord(vector: [3, 4], document: "e", uri: "", metadata: expected.metadata)])
        #expect(table.liveCount == 1 && table.rowCount == 4)
    }

    @Test func removingTheLastKeyLeavesNoMetadata() throws {
        var table = Table(metric: .l2)
        table.insert("a", ModelRecord(metadata: Metadata(["x": .integer(1)])), insertionKey: 1)
        table.update(table.find("a")!, ModelRecord(metadata: Metadata(fields: [MetadataField(key: "x", value: nil)])))
        #expect(try table.snapshot().record(1).metadata == nil)
    }

    @Test func recordsWithoutVectorsMayComeBeforeTheDimensionIsKnown() throws {
        var table = Table(metric: .cosine)
        for index in 0..<40 { table.insert("t\(index)", ModelRecord(document: "text"), insertionKey: UInt64(index)) }
        table.insert("v", ModelRecord(vector: [3, 4]), insertionKey: 100)
        table.update(table.find("t0")!, ModelRecord(vector: [1, 0]))
        let view = table.snapshot()
        var withVectors = view.alive()
        let records = CollectionReader([view])
        try records.reader(0).keepRowsWithVectors(&withVectors)
        #expect(try records.addressesInInsertionOrder([withVectors]).map { try records.identifier(of: $0) } == ["t0", "v"])
        #expect(try view.record(view.find("t1")!).model == ModelRecord(document: "text"))
    }

    @Test func snapshotsNeverChange() throws {
        var table = Table(metric: .l2)
        table.insert("a", ModelRecord(vector: [1]), insertionKey: 1)
        table.insert("b", ModelRecord(vector: [2]), insertionKey: 2)
        let before = table.snapshot()
        table.update(table.find("a")!, ModelRecord(vector: [9]))
        table.delete(table.find("b")!)
        table.insert("c", ModelRecord(vector: [3]), insertionKey: 3)
        let after = table.snapshot()
        #expect(try before.contents.map(\.0) == ["a", "b"])
        #expect(try before.record(before.find("a")!).model.vector == [1])
        #expect(try before.find("b") != nil && before.find("c") == nil)
        #expect(try after.contents.map(\.0) == ["a", "c"])
        #expect(try after.find("b") == nil)
        table.insert("b", ModelRecord(vector: [4]), insertionKey: 4)
        #expect(try table.snapshot().contents.map(\.0) == ["a", "c", "b"])
        #expect(try after.find("b") == nil && before.record(before.find("b")!).model.vector == [2])
    }

    /// Random changes against a list of records; every snapshot taken on the way must still be what it was at the end.
    @Test(arguments: Seeds.some(25))
    func agreesWithAModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var table = Table(metric: Metric.allCases.randomElement(using: &generator)!)
        var model: [(String, ModelRecord)] = []
        var kept: [(CollectionPart, [(String, ModelRecord)])] = []
        for step in 0..<600 {
            let identifier = "id\(Int.random(in: 0..<40, using: &generator))"
            let place = model.firstIndex { $0.0 == identifier }
            #expect((table.find(identifier) != nil) == (place != nil), "\(Seeds.replay(seed)) step \(step)")
            if let place, generator.chance(0.4) {
                table.delete(table.find(identifier)!)
                model.remove(at: place)
            } else if let place {
                let change = randomRecord(&generator)
                table.update(table.find(identifier)!, change)
                model[place].1 = merged(model[place].1, change)
            } else {
                let record = randomRecord(&generator)
                table.insert(identifier, record, insertionKey: UInt64(step + 1))
                model.append((identifier, record))
            }
            if generator.chance(0.05) { kept.append((table.snapshot(), model)) }
            if generator.chance(0.02) { table.rewrite() }
        }
        kept.append((table.snapshot(), model))
        for (snapshot, records) in kept {
            let contents = try snapshot.contents
            #expect(contents.map(\.0) == records.map(\.0), "\(Seeds.replay(seed))")
            #expect(contents.map(\.1) == records.map(\.1), "\(Seeds.replay(seed))")
            #expect(snapshot.liveCount == records.count)
            for (identifier, record) in records {
                #expect(try snapshot.record(snapshot.find(identifier)!).model == record, "\(Seeds.replay(seed))")
            }
        }
    }

    private func randomRecord(_ generator: inout SeededGenerator) -> ModelRecord {
        ModelRecord(
            vector: generator.chance(0.6) ? generator.vector(5) : nil,
            document: generator.chance(0.5) ? String(repeating: "é", count: Int.random(in: 0...30, using: &generator)) : nil,
            uri: generator.chance(0.2) ? "file://\(generator.next() % 100)" : nil,
            metadata: generator.chance(0.5) ? Metadata(["n": .integer(Int64(generator.next() % 5)), "s": .strings(["x"])]) : nil)
    }

    private func merged(_ record: ModelRecord, _ change: ModelRecord) -> ModelRecord {
        ModelRecord(
            vector: change.vector ?? record.vector, document: change.document ?? record.document, uri: change.uri ?? record.uri,
            metadata: change.metadata.map { (record.metadata ?? Metadata([:])).merged(with: $0) } ?? record.metadata)
    }

    @Test(arguments: Seeds.some(10))
    func tombstonesAreValues(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var tombstones = Tombstones()
        var model = Set<Int>()
        var versions: [(Tombstones, Set<Int>)] = []
        for _ in 0..<300 {
            let row = Int.random(in: 0..<20_000, using: &generator)
            #expect(tombstones.insert(row) == model.insert(row).inserted)
            if generator.chance(0.1) { versions.append((tombstones, model)) }
        }
        for (version, dead) in versions {
            #expect(version.count == dead.count)
            let alive = version.alive(below: 15_000)
            #expect((0..<15_000).allSatisfy { alive.contains($0) != dead.contains($0) }, "\(Seeds.replay(seed))")
        }
    }
}
