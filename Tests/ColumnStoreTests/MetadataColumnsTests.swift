import ColumnStore
import Testing
import VectorModel

@Suite struct MetadataColumnsTests {
    @Test func everyKindComesBackAsItWent() throws {
        let metadata = Metadata([
            "string": .string("été"), "integer": .integer(.min), "float": .float(-0.0), "boolean": .boolean(true), "strings": .strings(["a", "", "a"]),
            "integers": .integers([.max, 0]), "floats": .floats([.infinity, 1e-300]), "booleans": .booleans([true, false]), "empty": .strings([]),
            "sparse": .sparse(try SparseVector(indices: [0, 7, .max], values: [-1.5, 0, 2], labels: ["été", "", "été"])),
            "unlabelled": .sparse(try SparseVector(indices: [3], values: [1])), "nothing": .sparse(try SparseVector(indices: [], values: [])),
        ])
        let columns = MetadataColumns()
        let entries = columns.encode(metadata)
        #expect(columns.decode(entries) == metadata)
        #expect(columns.value(of: entries[2]) == .float(-0.0))
    }

    @Test func fieldsWithoutAValueAreNotStored() {
        let columns = MetadataColumns()
        let entries = columns.encode(Metadata(fields: [MetadataField(key: "gone", value: nil), MetadataField(key: "kept", value: .integer(1))]))
        #expect(columns.decode(entries) == Metadata(["kept": .integer(1)]))
        #expect(columns.encode(Metadata(fields: [])).isEmpty)
    }
}
