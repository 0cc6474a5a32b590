import Segments
import Testing
import VectorModel

@Suite struct MetadataKeysTests {
    private func record(_ metadata: Metadata) -> ModelRecord { ModelRecord(metadata: metadata) }

    @Test func everyKeyAndKindThatWasWrittenIsKnown() throws {
        var table = Table(metric: .l2)
        #expect(table.memtable.metadataKeys.isEmpty)
        table.insert("a", record(Metadata(["s": .string("x"), "i": .integer(1), "f": .float(1), "b": .boolean(false)])), insertionKey: 1)
        table.insert("c", record(Metadata(["i": .sparse(try SparseVector(indices: [1], values: [2]))])), insertionKey: 3)
        table.insert("b", record(Metadata(["ss": .strings(["x"]), "i": .floats([1])])), insertionKey: 2)
        let expected = [
            MetadataKey(name: "s", kinds: .string), MetadataKey(name: "i", kinds: [.integer, .float, .sparse]), MetadataKey(name: "f", kinds: .float),
            MetadataKey(name: "b", kinds: .boolean), MetadataKey(name: "ss", kinds: .string),
        ]
        #expect(table.memtable.metadataKeys == expected)
        // Removing a key or a record forgets nothing.
        table.update(table.find("a")!, record(Metadata(fields: [MetadataField(key: "s", value: nil), MetadataField(key: "never", value: nil)])))
        table.delete(table.find("b")!)
        #expect(table.memtable.metadataKeys == expected)
    }

    @Test func theListOfKeysIsBoundedAndRecordsAreNot() throws {
        var table = Table(metric: .l2)
        for number in 0..<10_050 { table.insert("\(number)", record(Metadata(["k\(number)": .integer(1)])), insertionKey: UInt64(number + 1)) }
        #expect(table.memtable.metadataKeys.map(\.name) == (0..<10_000).map { "k\($0)" })
        #expect(try table.snapshot().record(10_049).model.metadata == Metadata(["k10049": .integer(1)]))
        let keys = table.memtable.metadataKeys
        table.rewrite()
        #expect(table.memtable.metadataKeys == keys)
        #expect(try table.snapshot().record(10_049).model.metadata == Metadata(["k10049": .integer(1)]))
    }
}
