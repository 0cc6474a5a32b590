import Segments
import Testing
import VectorModel

@Suite struct MetadataKeysTests {
    private func record(_ metadata: Metadata) -> ModelRecord { ModelRecord(metadata: metadata) }

    @Test func everyKeyAndKindThatWasWrittenIsKnown() {
        let table = Memtable(metric: .l2)
        #expect(table.snapshot().metadataKeys.isEmpty)
        table.insert("a", record(Metadata(["s": .string("x"), "i": .integer(1), "f": .float(1), "b": .boolean(false)])), insertionKey: 1)
        table.insert("b", record(Metadata(["ss": .strings(["x"]), "i": .floats([1])])), insertionKey: 2)
        let expected = [
            MetadataKey(name: "s", kinds: .string), MetadataKey(name: "i", kinds: [.integer, .float]), MetadataKey(name: "f", kinds: .float),
            MetadataKey(name: "b", kinds: .boolean), MetadataKey(name: "ss", kinds: .string),
        ]
        #expect(table.snapshot().metadataKeys == expected)
        // Removing a key or a record forgets nothing.
        table.update(table.find("a")!, record(Metadata(fields: [MetadataField(key: "s", value: nil), MetadataField(key: "never", value: nil)])))
        table.delete(table.find("b")!)
        #expect(table.snapshot().metadataKeys == expected)
    }

    @Test func aSnapshotKnowsTheKeysOfItsMoment() {
        let table = Memtable(metric: .l2)
        table.insert("a", record(Metadata(["k": .integer(1)])), insertionKey: 1)
        let before = table.snapshot()
        table.insert("b", record(Metadata(["k": .string("x"), "later": .integer(1)])), insertionKey: 2)
        #expect(before.metadataKeys == [MetadataKey(name: "k", kinds: .integer)])
        #expect(table.snapshot().metadataKeys.map(\.name) == ["k", "later"])
    }

    @Test func aRewrittenTableKeepsTheKeysOfDeadRecordsAndTheirOrder() {
        let table = Memtable(metric: .l2)
        table.insert("dead", record(Metadata(["x": .integer(1), "y": .integer(1)])), insertionKey: 1)
        table.insert("b", record(Metadata(["y": .string("s"), "z": .float(1)])), insertionKey: 2)
        table.delete(table.find("dead")!)
        let copy = table.snapshot().rewritten()
        copy.insert("c", record(Metadata(["new": .boolean(true), "x": .boolean(true)])), insertionKey: 3)
        #expect(
            copy.snapshot().metadataKeys == [
                MetadataKey(name: "x", kinds: [.integer, .boolean]), MetadataKey(name: "y", kinds: [.integer, .string]),
                MetadataKey(name: "z", kinds: .float), MetadataKey(name: "new", kinds: .boolean),
            ])
        #expect(copy.snapshot().contents.map(\.1.metadata) == [Metadata(["y": .string("s"), "z": .float(1)]), Metadata(["new": .boolean(true), "x": .boolean(true)])])
    }

    @Test func theListOfKeysIsBoundedAndRecordsAreNot() {
        let table = Memtable(metric: .l2)
        for number in 0..<10_050 { table.insert("\(number)", record(Metadata(["k\(number)": .integer(1)])), insertionKey: UInt64(number + 1)) }
        let snapshot = table.snapshot()
        #expect(snapshot.metadataKeys.map(\.name) == (0..<10_000).map { "k\($0)" })
        #expect(snapshot.record(10_049).model.metadata == Metadata(["k10049": .integer(1)]))
        let copy = snapshot.rewritten().snapshot()
        #expect(copy.metadataKeys == snapshot.metadataKeys && copy.record(10_049).model.metadata == Metadata(["k10049": .integer(1)]))
    }
}
