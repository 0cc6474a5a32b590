import Engine
import Segments
import Testing
import TestSupport
import VectorModel

/// Groups of what a search found, by hand and against sorting everything.
@Suite struct SearchGroupingTests {
    @Test func keepsTheBestOfEachGroup() async throws {
        let fixture = try await SearchFixture.line()
        func shown(_ grouping: SearchGrouping, limit: Int? = nil, offset: Int = 0) async throws -> [String] {
            try await fixture.identifiers(SearchRequest(rank: .near(0), grouping: grouping, limit: limit, offset: offset))
        }
        // Without genre `f` is a group of its own.
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 1, .smallest, of: [.score])) == ["a", "c", "f"])
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 2, .smallest, of: [.score])) == ["a", "b", "c", "d", "f"])
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 1, .largest, of: [.score])) == ["d", "e", "f"])
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 1, .smallest, of: [.metadata("year")])) == ["b", "d", "f"])
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 1, .largest, of: [.metadata("year")])) == ["a", "c", "f"])
        #expect(try await shown(SearchGrouping(by: ["genre", "year"], keep: 1, .smallest, of: [.score])) == ["a", "b", "c", "d", "e", "f"])
        #expect(try await shown(SearchGrouping(by: ["year"], keep: 1, .largest, of: [.metadata("genre"), .score])) == ["a", "b", "e", "f"])
        // Pages count what the groups have left.
        #expect(try await shown(SearchGrouping(by: ["genre"], keep: 2, .smallest, of: [.score]), limit: 2, offset: 2) == ["c", "d"])
        try await fixture.close()
    }

    @Test func groupsWithoutRankKeepTheOrderOfInsertion() async throws {
        let fixture = try await SearchFixture.line()
        let grouping = SearchGrouping(by: ["genre"], keep: 1, .largest, of: [.metadata("year")])
        #expect(try await fixture.shown(SearchRequest(grouping: grouping)) == ["a", "c", "f"])
        #expect(try await fixture.shown(SearchRequest(grouping: grouping, limit: 1, offset: 1)) == ["c"])
        try await fixture.close()
    }

    @Test func kindsOfValuesAreOrderedAndToldApart() async throws {
        let fixture = try await SearchFixture()
        let values: [MetadataValue?] = [
            .strings(["b"]), .string("é"), .string("e\u{301}"), .float(2.5), .integer(2), .integer(3), .boolean(true), nil, .float(2),
            .integers([1, 2]), .integers([1]), .float(9_007_199_254_740_992), .integer(9_007_199_254_740_993),
        ]
        let names = values.indices.map { String($0) }
        try await fixture.add(
            names, values.map { _ in [0] }, values.map { value in value.map { Metadata(["v": $0]) } ?? Metadata(["other": .integer(1)]) })
        // Values that filters take for equal are one group, as 2 and 2.0 are; the two spellings of é are two.
        let apart = SearchGrouping(by: ["v"], keep: 1, .smallest, of: [.score])
        #expect(try await fixture.identifiers(SearchRequest(grouping: apart)).count == values.count - 1)
        // One group: which come first?
        var order: [String] = []
        for count in 1...values.count {
            let grouping = SearchGrouping(by: ["none"], keep: count, .smallest, of: [.metadata("v")])
            let kept = try await fixture.identifiers(SearchRequest(grouping: grouping))
            order += Set(kept).subtracting(order)
        }
        #expect(order == ["7", "6", "4", "8", "3", "5", "11", "12", "2", "1", "10", "9", "0"])
        try await fixture.close()
    }

    @Test(arguments: Seeds.some(4)) func groupsAreThoseOfSortingEverything(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try await SearchFixture()
        var rows: [(name: String, x: Float, group: Int64?, weight: Int64?)] = []
        for number in 0..<200 {
            rows.append((
                String(number), Float(Int.random(in: 0..<50, using: &random)), random.chance(0.2) ? nil : Int64.random(in: 0..<6, using: &random),
                random.chance(0.1) ? nil : Int64.random(in: 0..<4, using: &random)
            ))
        }
        try await fixture.add(rows.map(\.name), rows.map { [$0.x] }, rows.map { row in
            let fields = [("group", row.group), ("weight", row.weight)].compactMap { key, value in
                value.map { MetadataField(key: key, value: .integer($0)) }
            }
            return fields.isEmpty ? nil : Metadata(fields: fields)
        })
        let ranked = rows.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }
        for keep in [1, 2, 7, 1_000] {
            for end in [SearchGrouping.End.smallest, .largest] {
                var expected: [Int] = []
                for members in Dictionary(grouping: ranked.indices, by: { ranked[$0].element.group }).values {
                    func weight(_ place: Int) -> Int64 { ranked[place].element.weight ?? -1 }
                    let sorted = members.sorted {
                        weight($0) == weight($1) ? $0 < $1 : (weight($0) < weight($1)) == (end == .smallest)
                    }
                    expected += sorted.prefix(keep)
                }
                let grouping = SearchGrouping(by: ["group"], keep: keep, end, of: [.metadata("weight")])
                let found = try await fixture.identifiers(SearchRequest(rank: .near(0, limit: 1_000), grouping: grouping))
                #expect(found == expected.sorted().map { ranked[$0].element.name }, "\(Seeds.replay(seed)), keep \(keep) \(end)")
            }
        }
        try await fixture.close()
    }
}
