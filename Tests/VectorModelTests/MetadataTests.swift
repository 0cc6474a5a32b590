import Testing
import VectorModel

@Suite struct MetadataTests {
    @Test func theLastOfRepeatedKeysCounts() {
        let metadata = Metadata(fields: [
            MetadataField(key: "a", value: .integer(1)), MetadataField(key: "b", value: .integer(2)), MetadataField(key: "a", value: .integer(3)),
        ])
        #expect(metadata.fields.map(\.key) == ["b", "a"])
        #expect(metadata["a"] == .integer(3))
    }

    @Test func manyRepeatedKeysAreFoundToo() {
        let metadata = Metadata(fields: (0..<100).map { MetadataField(key: "k\($0 % 50)", value: .integer(Int64($0))) })
        #expect(metadata.fields.count == 50)
        #expect(metadata["k7"] == .integer(57))
    }

    @Test func mergingSetsReplacesAndRemoves() {
        let before = Metadata(["keep": .string("x"), "change": .integer(1), "drop": .boolean(true)])
        let patch = Metadata(fields: [
            MetadataField(key: "change", value: .float(2.5)), MetadataField(key: "drop", value: nil), MetadataField(key: "new", value: .integers([1])),
            MetadataField(key: "absent", value: nil),
        ])
        #expect(before.merged(with: patch) == Metadata(["keep": .string("x"), "change": .float(2.5), "new": .integers([1])]))
    }

    @Test func identifiersAreReadInEitherCaseAndWrittenInLower() {
        let text = "0F8FAD5B-D9CB-469F-A165-70867728950E"
        #expect(CollectionIdentifier(text)?.description == text.lowercased())
        #expect(CollectionIdentifier("not-a-uuid") == nil)
        #expect(CollectionIdentifier(text + "0") == nil)
        #expect(CollectionIdentifier.zero.description == "00000000-0000-0000-0000-000000000000")
    }

    @Test func metricsHaveTheNamesClientsUse() {
        #expect(Metric.allCases.map(\.name) == ["l2", "ip", "cosine"])
        #expect(Metric(name: "ip") == .innerProduct)
        #expect(Metric(name: "L2") == nil)
    }
}
