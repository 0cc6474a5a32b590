import Engine
import Filtering
import Segments
import Testing
import VectorModel

/// What queries say of how they were answered, and filters that are asked last.
@Suite struct ExplanationTests {
    private let names = (0..<600).map(String.init)

    private func settled(_ choice: IndexChoice) async throws -> IndexedCollection {
        let collection = try await IndexedCollection(IndexConfiguration(choice: choice))
        try await collection.write(names)
        try await collection.settle()
        return collection
    }

    /// The ids found, nearest first, as an exact search says that they should be, and the explanation.
    private func query(
        _ collection: IndexedCollection, _ vector: [Float], _ selector: RecordSelector, k: Int = 10
    ) async throws -> (found: [String], exact: [String], explanation: Explanation) {
        var request = collection.request(vector, k: k)
        request.selector = selector
        request.explain = true
        let result = try await collection.database.query(request, in: collection.identifier)
        request.overrides.exact = true
        let exact = try await collection.database.query(request, in: collection.identifier)
        return (result.hits[0].map(\.record.identifier), exact.hits[0].map(\.record.identifier), try #require(result.explanation))
    }

    @Test func nobodyAsksNobodyTells() async throws {
        let collection = try await settled(.hnsw)
        let result = try await collection.database.query(collection.request(collection.vector()), in: collection.identifier)
        #expect(result.explanation == nil)
        try await collection.close()
    }

    @Test func plansCountsAndRows() async throws {
        let collection = try await settled(.hnsw)
        try await collection.write(["new"])
        let even = RecordSelector(metadata: .compare(key: "even", .equal(.boolean(true))))
        let explanation = try await query(collection, collection.vector(), even).explanation
        #expect(explanation.queries == 1 && explanation.k == 10 && explanation.excludedParts == 0)
        let parts = explanation.parts
        try #require(parts.count == 2)
        #expect(parts[0].isSegment && parts[0].rows == 600 && parts[0].matches == 300 && parts[0].filteredRows == 600)
        #expect(parts[0].plan.hasPrefix("graph, efSearch 100") && parts[0].proposals >= 10 && parts[0].secondPlan == nil)
        #expect(!parts[1].isSegment && parts[1].rows == 1 && parts[1].plan == "scan" && parts[1].proposals == 0)
        #expect(explanation.description.contains("part 0 (segment, 600 rows): graph"))
        #expect(!explanation.description.contains("even"), "a filter's text is the user's")
        // A part without a match is not searched.
        let none = RecordSelector(metadata: .compare(key: "even", .equal(.string("x"))))
        let empty = try await query(collection, collection.vector(), none)
        #expect(empty.found.isEmpty && empty.explanation.parts.isEmpty && empty.explanation.excludedParts == 2)
        try await collection.close()
    }

    /// Nearly all documents pass, few, none: the answers are those of a filter that is asked first.
    @Test(arguments: [IndexChoice.hnsw, .ivf])
    func documentsAreFilteredLast(_ choice: IndexChoice) async throws {
        let collection = try await settled(choice)
        try await collection.delete(["7", "8", "9"])
        for (text, matches) in [("number", 597), ("number 5", 111), ("number 59", 11), ("number 599.", 1), ("nothing", 0)] {
            for _ in 0..<5 {
                let answer = try await query(collection, collection.vector(), RecordSelector(document: .contains(text)))
                #expect(answer.found.count == min(10, matches))
                #expect(Set(answer.found).count == answer.found.count)
                #expect(answer.found.filter(answer.exact.contains).count >= min(9, matches), "\(text)")
                let part = try #require(answer.explanation.parts.first)
                if matches == 0 { continue }
                #expect(part.filteredRows == 597)
                if matches == 597 {
                    #expect(part.plan.hasSuffix("then documents") && part.secondPlan == nil, "\(part)")
                    #expect((10..<40).contains(part.documentsRead) && part.matches == nil, "\(part)")
                }
                if matches < 10, part.plan.hasSuffix("then documents") { #expect(part.matches == matches && part.secondPlan != nil) }
            }
        }
        try await collection.close()
    }
}
