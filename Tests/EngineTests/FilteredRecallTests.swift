import Engine
import Filtering
import TestSupport
import Testing
import VectorModel

/// How much of the nearest an index finds under random filters, beside what it finds without one.
@Suite struct FilteredRecallTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let choice: IndexChoice
        let seed: UInt64

        var testDescription: String { "\(choice), seed \(seed)" }
        static let all = [IndexChoice.hnsw, .ivf].flatMap { choice in Seeds.some(2).map { Case(choice: choice, seed: $0) } }
    }

    /// A random share of the rows, in steps of a thousandth.
    private static let drawn = "drawn"
    /// Where the vector lies along one direction: rows that match lie together.
    private static let place = "place"

    /// Filters that keep between a hundredth of the rows and nearly all, at random, by where vectors lie, and by both.
    private func filter(_ generator: inout SeededGenerator) -> MetadataCondition {
        let drawn = MetadataCondition.compare(key: Self.drawn, .less(.integer(Int64([10, 30, 100, 300, 900].randomElement(using: &generator) ?? 1))))
        let place = MetadataCondition.compare(key: Self.place, .greater(.float(Double.random(in: -0.6...0.6, using: &generator))))
        switch generator.next() % 5 {
        case 0: return .all([drawn, place])
        case 1: return .any([drawn, .not(place)])
        case 2: return place
        default: return drawn
        }
    }

    /// With so few visits that a part of the nearest is missed without a filter too.
    @Test(arguments: Case.all)
    func aFilterTakesNothingFromTheRecall(_ test: Case) async throws {
        let collection = try await IndexedCollection(
            IndexConfiguration(metric: .cosine, choice: test.choice), dimension: 24, seed: test.seed)
        collection.metadata = { number, vector in
            Metadata([
                Self.drawn: .integer(Int64(SeededGenerator(seed: UInt64(number)).first % 1_000)), Self.place: .float(Double(vector[0])),
            ])
        }
        try await collection.write((0..<4_000).map(String.init))
        try await collection.settle()
        var (plain, filtered) = (Recall(), Recall())
        for _ in 0..<300 {
            let vector = collection.vector()
            try await measure(collection, vector, nil, into: &plain)
            try await measure(collection, vector, filter(&collection.generator), into: &filtered)
        }
        let comment = Comment("\(Seeds.replay(test.seed)): without \(plain), with \(filtered)")
        #expect(plain.viaIndex == 300 && filtered.viaIndex >= 200, comment)
        #expect(plain.share > 0.5 && plain.share < 0.999, comment)
        #expect(filtered.share >= plain.share - 0.01, comment)
    }

    private struct Recall: CustomStringConvertible {
        var (found, wanted) = (0, 0)
        /// Queries that the index answered.
        var viaIndex = 0
        var share: Double { Double(found) / Double(max(wanted, 1)) }
        var description: String { "\(share) of \(wanted), \(viaIndex) queries by the index" }
    }

    /// Only what the index answered counts: a scan finds everything.
    private func measure(
        _ collection: IndexedCollection, _ vector: [Float], _ condition: MetadataCondition?, into recall: inout Recall
    ) async throws {
        var request = collection.request(vector)
        request.selector = RecordSelector(metadata: condition)
        (request.overrides.efSearch, request.overrides.nprobe, request.overrides.rerank) = (12, 3, 1)
        request.explain = true
        let answer = try await collection.database.query(request, in: collection.identifier)
        request.overrides.exact = true
        let exact = try await collection.database.query(request, in: collection.identifier)
        let nearest = exact.hits[0].map(\.distance)
        #expect(answer.hits[0].count == nearest.count)
        guard let part = answer.explanation?.parts.first, part.plan != "scan", part.rescans == 0 else { return }
        recall.viaIndex += 1
        recall.found += answer.hits[0].count { $0.distance <= nearest.last ?? 0 }
        recall.wanted += nearest.count
    }
}

extension SeededGenerator {
    fileprivate var first: UInt64 {
        var copy = self
        return copy.next()
    }
}
