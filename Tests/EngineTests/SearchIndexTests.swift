import Engine
import Filtering
import Segments
import Testing
import VectorModel

/// Leaves of a rank expression go through the same plans as queries: where a query uses an index, so do they, and both find the same.
@Suite struct SearchIndexTests {
    @Test(arguments: [IndexChoice.hnsw, .ivf], [Metric.l2, .cosine])
    func leavesFindWhatQueriesFind(choice: IndexChoice, metric: Metric) async throws {
        let collection = try await IndexedCollection(IndexConfiguration(metric: metric, choice: choice))
        try await collection.write((0..<400).map(String.init))
        try await collection.settle()
        try await collection.write((390..<420).map(String.init))
        try await collection.delete(["7", "401"])
        #expect(try await collection.plans().contains { !$0.contains("scan") })
        for onlyEven in [false, true] {
            let vector = collection.vector()
            let request = collection.request(vector, k: 12, onlyEven: onlyEven)
            let wanted = try await collection.database.query(request, in: collection.identifier).hits[0]
            let leaf = RankExpression.leaf(RankLeaf(.dense(vector, SearchOverrides()), limit: 12))
            // Alone the leaf plans its own way to the matching rows; beside another it is given them.
            let other = RankExpression.leaf(RankLeaf(.dense(collection.vector(), SearchOverrides(exact: true)), limit: 3, missing: 0))
            let alone = SearchRequest(selector: request.selector, rank: leaf)
            let beside = SearchRequest(selector: request.selector, rank: .sum([leaf, .product([.value(0), other])]))
            let answers = try await collection.database.search(SearchBatch([alone, beside]), in: collection.identifier).answers
            for hits in answers {
                #expect(hits.map(\.record.identifier) == wanted.map(\.record.identifier))
                #expect(hits.map(\.score) == wanted.map { Double($0.distance) })
            }
            let few = SearchRequest(selector: RecordSelector(identifiers: ["3", "7", "12", "405"]), rank: leaf)
            let found = try await collection.database.search(SearchBatch([few]), in: collection.identifier).answers[0]
            #expect(Set(found.map(\.record.identifier)) == ["3", "12", "405"])
        }
        try await collection.close()
    }
}
