import Testing
import VectorModel

@Suite struct SparseVectorTests {
    @Test func partsAreKept() throws {
        let vector = try SparseVector(indices: [0, 5, .max], values: [1, -2, 0], labels: ["a", "b", "a"])
        #expect(vector.indices == [0, 5, .max] && vector.values == [1, -2, 0] && vector.labels == ["a", "b", "a"] && vector.count == 3)
        let nothing = try SparseVector(indices: [], values: [], labels: [])
        #expect(nothing == (try SparseVector(indices: [], values: [])) && nothing.labels == nil)
    }

    static let flawed: [([UInt32], [Float], [String]?, SparseVectorFlaw)] = [
        ([1, 2], [1], nil, .values(found: 1, indices: 2)),
        ([], [1], nil, .values(found: 1, indices: 0)),
        ([1], [1], ["a", "b"], .labels(found: 2, indices: 1)),
        ([1], [1], [], .labels(found: 0, indices: 1)),
        ([1, 1], [1, 1], nil, .order(position: 1)),
        ([1, 3, 2], [1, 1, 1], nil, .order(position: 2)),
        ([1, 2], [1, .nan], nil, .number(position: 1)),
        ([1, 2], [-.infinity, 1], nil, .number(position: 0)),
    ]

    @Test(arguments: flawed)
    func flawsAreNamed(indices: [UInt32], values: [Float], labels: [String]?, flaw: SparseVectorFlaw) {
        #expect(throws: flaw) { try SparseVector(indices: indices, values: values, labels: labels) }
    }
}
