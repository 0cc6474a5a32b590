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

extension Memtable {
    func insert(_ identifier: String, _ record: ModelRecord, insertionKey: UInt64) {
        withParts(record) { insert(identifier, $0, insertionKey: insertionKey) }
    }

    func update(_ ordinal: VectorOrdinal, _ record: ModelRecord) { withParts(record) { update(ordinal, $0) } }

    private func withParts(_ record: ModelRecord, _ body: (RecordParts) -> Void) {
        guard let vector = record.vector else {
            return body(RecordParts(document: record.document, uri: record.uri, metadata: record.metadata))
        }
        fixDimension(vector.count)
        vector.withUnsafeBufferPointer {
            body(RecordParts(vector: $0, document: record.document, uri: record.uri, metadata: record.metadata))
        }
    }
}

extension MemtableSnapshot {
    /// Every living record in the order of insertion.
    var contents: [(String, ModelRecord)] {
        ordinalsInInsertionOrder(alive()).map { (record($0).identifier, record($0).model) }
    }
}

@Suite struct MemtableTests {
    @Test func anUpdateKeepsWhatItDoesNotMention() {
        let table = Memtable(metric: .l2)
        table.insert(
            "a", ModelRecord(vector: [1, 2], document: "d", uri: "u", metadata: Metadata(["x": .integer(1), "y": .integer(2)])), insertionKey: 1)
        table.update(
            table.find("a")!, ModelRecord(document: "e", metadata: Metadata(fields: [MetadataField(key: "x", value: nil), MetadataField(key: "z", value: .string("s"))])))
        let expected = ModelRecord(vector: [1, 2], document: "e", uri: "u", metadata: Metadata(["y": .integer(2), "z": .string("s")]))
        #expect(table.snapshot().contents.map(\.1) == [expected])
        table.update(table.find("a")!, ModelRecord(uri: ""))
        table.update(table.find("a")!, ModelRecord(vector: [3, 4]))
        #expect(table.snapshot().contents.map(\.1) == [ModelRecord(vector: [3, 4], document: "e", uri: "", metadata: expected.metadata)])
        #expect(table.liveCount == 1 && table.rowCount == 4)
    }

    @Test func removingTheLastKeyLeavesNoMetadata() {
        let table = Memtable(metric: .l2)
        table.insert("a", ModelRecord(metadata: Metadata(["x": .integer(1)])), insertionKey: 1)
        table.update(table.find("a")!, ModelRecord(metadata: Metadata(fields: [MetadataField(key: "x", value: nil)])))
        #expect(table.snapshot().record(1).metadata == nil)
    }

    @Test func recordsWithoutVectorsMayComeBeforeTheDimensionIsKnown() {
        let table = Memtable(metric: .cosine)
        for index in 0..<40 { table.insert("t\(index)", ModelRecord(document: "text"), insertionKey: UInt64(index)) }
        table.insert("v", ModelRecord(vector: [3, 4]), insertionKey: 100)
        table.update(table.find("t0")!, ModelRecord(vector: [1, 0]))
        let view = table.snapshot()
        var withVectors = view.alive()
        view.keepRowsWithVectors(&withVectors)
        #expect(view.ordinalsInInsertionOrder(withVectors).map { view.identifier(of: $0) } == ["t0", "v"])
        #expect(view.record(view.find("t1")!.index).model == ModelRecord(document: "text"))
    }

    @Test func snapshotsNeverChange() {
        let table = Memtable(metric: .l2)
        table.insert("a", ModelRecord(vector: [1]), insertionKey: 1)
        table.insert("b", ModelRecord(vector: [2]), insertionKey: 2)
        let before = table.snapshot()
        table.update(table.find("a")!, ModelRecord(vector: [9]))
        table.delete(table.find("b")!)
        table.insert("c", ModelRecord(vector: [3]), insertionKey: 3)
        let after = table.snapshot()
        #expect(before.contents.map(\.0) == ["a", "b"])
        #expect(before.record(before.find("a")!.index).model.vector == [1])
        #expect(before.find("b") != nil && before.find("c") == nil)
        #expect(after.contents.map(\.0) == ["a", "c"])
        #expect(after.find("b") == nil)
        table.insert("b", ModelRecord(vector: [4]), insertionKey: 4)
        #expect(table.snapshot().contents.map(\.0) == ["a", "c", "b"])
        #expect(after.find("b") == nil && before.record(before.find("b")!.index).model.vector == [2])
    }

    /// Random changes against a list of records; every snapshot taken on the way must still be what it was at the end.
    @Test(arguments: Seeds.some(25))
    func agreesWithAModel(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = Memtable(metric: Metric.allCases.randomElement(using: &generator)!)
        var model: [(String, ModelRecord)] = []
        var kept: [(MemtableSnapshot, [(String, ModelRecord)])] = []
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
            if generator.chance(0.02) { table = table.snapshot().rewritten() }
        }
        kept.append((table.snapshot(), model))
        for (snapshot, records) in kept {
            let contents = snapshot.contents
            #expect(contents.map(\.0) == records.map(\.0), "\(Seeds.replay(seed))")
            #expect(contents.map(\.1) == records.map(\.1), "\(Seeds.replay(seed))")
            #expect(snapshot.liveCount == records.count)
            for (identifier, record) in records {
                #expect(snapshot.record(snapshot.find(identifier)!.index).model == record, "\(Seeds.replay(seed))")
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
    func tombstonesAreValues(seed: UInt64) {
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
