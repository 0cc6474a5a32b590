import Engine
import Filtering
import Segments
import Testing
import TestSupport
import VectorModel

/// Gets in another order, page by page and by sample; counts and facets.
@Suite struct ArrangementTests {
    private func withCollection(_ body: (VectorDatabase, CollectionIdentifier) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.open()
        let made = try await engine.createCollection(CollectionCreation(name: "rows"), tenant: "default_tenant", database: "default_database")
        try await body(engine, made.collection.identifier)
        try await engine.close()
    }

    private func write(_ rows: [(String, Metadata?)], _ engine: VectorDatabase, _ collection: CollectionIdentifier) async throws {
        try await engine.write(
            RecordBatch(
                identifiers: rows.map(\.0), embeddings: EmbeddingColumn(dimension: 1, values: rows.map { _ in 1 }), metadatas: rows.map(\.1)),
            as: .upsert, to: collection)
    }

    private func ids(
        _ arrangement: RecordArrangement, limit: Int? = nil, offset: Int = 0, _ condition: MetadataCondition? = nil, _ engine: VectorDatabase,
        _ collection: CollectionIdentifier
    ) async throws -> [String] {
        var request = GetRequest(selector: RecordSelector(metadata: condition), limit: limit, offset: offset, fields: [])
        request.arrangement = arrangement
        return try await engine.get(request, from: collection).records.map(\.identifier)
    }

    @Test func orderByKeys() async throws {
        try await withCollection { engine, collection in
            try await write(
                [
                    ("a", Metadata(["v": .integer(2), "w": .string("x")])), ("b", Metadata(["v": .float(1.5)])), ("c", Metadata(["v": .string("ä")])),
                    ("d", nil), ("e", Metadata(["v": .boolean(true)])),
                ], engine, collection)
            try await engine.flush()
            try await write(
                [
                    ("f", Metadata(["v": .string("z")])), ("g", Metadata(["v": .integers([1])])), ("h", Metadata(["v": .float(2), "w": .string("w")])),
                    ("i", Metadata(["v": .boolean(false)])), ("j", Metadata(["v": .integer(.max)])),
                ], engine, collection)
            func by(_ orders: [RecordOrder], limit: Int? = nil, offset: Int = 0) async throws -> String {
                try await ids(.ordered(orders), limit: limit, offset: offset, nil, engine, collection).joined()
            }
            #expect(try await by([RecordOrder(key: "v")]) == "iebahjfcdg")
            #expect(try await by([RecordOrder(key: "v", isDescending: true)]) == "cfjahbeidg")
            #expect(try await by([RecordOrder(key: "v"), RecordOrder(key: "w")]) == "iebhajfcdg")
            #expect(try await by([RecordOrder(key: "w", isDescending: true), RecordOrder(key: "v", isDescending: true)]) == "ahcfjbeidg")
            #expect(try await by([RecordOrder(key: "#id", isDescending: true)]) == "jihgfedcba")
            #expect(try await by([RecordOrder(key: "absent")]) == "abcdefghij")
            #expect(try await by([RecordOrder(key: "v")], limit: 3, offset: 2) == "bah")
            #expect(try await by([RecordOrder(key: "v")], limit: 0) == "")
            #expect(try await by([RecordOrder(key: "v")], limit: .max, offset: 8) == "dg")
            for orders in [[], Array(repeating: RecordOrder(key: "v"), count: 17)] {
                await #expect(throws: RequestError.self) { _ = try await by(orders) }
            }
        }
    }

    /// The order of random records, of which few are wanted, against a sort of all.
    @Test(arguments: Seeds.some(4))
    func orderAgreesWithASort(seed: UInt64) async throws {
        try await withCollection { engine, collection in
            var generator = SeededGenerator(seed: seed)
            let values = (0..<3_000).map { _ in Int64.random(in: 0..<50, using: &generator) }
            for start in stride(from: 0, to: 3_000, by: 1_000) {
                try await write((start..<start + 1_000).map { ("\($0)", Metadata(["v": .integer(values[$0])])) }, engine, collection)
                if start < 2_000 { try await engine.flush() }
            }
            let (limit, offset) = (Int.random(in: 1...700, using: &generator), Int.random(in: 0...700, using: &generator))
            let expected = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.dropFirst(offset).prefix(limit).map { "\($0)" }
            let orders = [RecordOrder(key: "v", isDescending: true)]
            #expect(try await ids(.ordered(orders), limit: limit, offset: offset, nil, engine, collection) == expected, "\(Seeds.replay(seed))")
        }
    }

    /// Pages of a scroll while records are changed, deleted and added: each record that stays is seen once.
    @Test(arguments: Seeds.some(8))
    func aScrollSeesEveryRecordThatStaysOnce(seed: UInt64) async throws {
        try await withCollection { engine, collection in
            var generator = SeededGenerator(seed: seed)
            try await write((0..<200).map { ("\($0)", Metadata(["v": .integer(Int64($0 % 2))])) }, engine, collection)
            try await engine.flush()
            var (cursor, seen, gone, new): (ScrollCursor?, [String], Set<String>, Int) = (nil, [], [], 200)
            let condition: MetadataCondition? = generator.chance(percent: 50) ? .compare(key: "v", .greaterOrEqual(.integer(0))) : nil
            while true {
                var request = GetRequest(selector: RecordSelector(metadata: condition), limit: Int.random(in: 1...40, using: &generator), fields: [])
                request.arrangement = .scroll(after: cursor)
                let page = try await engine.get(request, from: collection)
                seen += page.records.map(\.identifier)
                guard let next = page.scroll?.next else { break }
                // A cursor goes through its text, as clients send it.
                cursor = ScrollCursor(next.text)
                #expect(cursor == next)
                let changed = (0..<10).map { _ in "\(Int.random(in: 0..<200, using: &generator))" }.filter { !gone.contains($0) }
                try await write(Set(changed).sorted().map { ($0, Metadata(["v": .integer(7)])) }, engine, collection)
                let deleted = "\(Int.random(in: 0..<200, using: &generator))"
                _ = try await engine.delete(DeleteRequest(selector: RecordSelector(identifiers: [deleted])), from: collection)
                gone.insert(deleted)
                if new < 220 {
                    try await write([("\(new)", Metadata(["v": .integer(1)]))], engine, collection)
                    new += 1
                }
                if generator.chance(percent: 30) { try await engine.flush() }
            }
            #expect(Set(seen).count == seen.count, "\(Seeds.replay(seed))")
            #expect(Set((0..<new).map { "\($0)" }).subtracting(gone).isSubset(of: seen), "\(Seeds.replay(seed))")
            #expect(seen.compactMap { Int($0) } == seen.compactMap { Int($0) }.sorted(), "\(Seeds.replay(seed))")
        }
    }

    @Test func theEndsOfAScroll() async throws {
        try await withCollection { engine, collection in
            var request = GetRequest(limit: 2, fields: [])
            request.arrangement = .scroll(after: nil)
            #expect(try await engine.get(request, from: collection).scroll?.next == nil)
            try await write(["a", "b"].map { ($0, nil) }, engine, collection)
            // A full page after which nothing comes is the last.
            let page = try await engine.get(request, from: collection)
            #expect(page.records.map(\.identifier) == ["a", "b"] && page.scroll?.next == nil)
            request.limit = 0
            let none = try await engine.get(request, from: collection)
            #expect(none.records.isEmpty)
            request.limit = nil
            request.arrangement = .scroll(after: try #require(none.scroll?.next))
            #expect(try await engine.get(request, from: collection).records.map(\.identifier) == ["a", "b"])
            #expect(try await engine.get(GetRequest(), from: collection).scroll == nil)
            request.offset = 1
            await #expect(throws: RequestError.self) { try await engine.get(request, from: collection) }
            request = GetRequest(selector: RecordSelector(identifiers: ["a"]))
            request.arrangement = .scroll(after: nil)
            await #expect(throws: RequestError.self) { try await engine.get(request, from: collection) }
            for text in ["", "x", "-1", "+1", "11111111111111111", "é", "1 "] { #expect(ScrollCursor(text) == nil, "\(text)") }
        }
    }

    @Test func samples() async throws {
        try await withCollection { engine, collection in
            try await write((0..<1_500).map { ("\($0)", Metadata(["v": .integer(Int64($0 % 2))])) }, engine, collection)
            func sample(_ size: Int, _ seed: UInt64, _ condition: MetadataCondition? = nil) async throws -> [String] {
                try await ids(.sample(size: size, seed: seed), condition, engine, collection)
            }
            let first = try await sample(50, 1)
            #expect(first.count == 50 && Set(first).count == 50)
            #expect(try await sample(50, 2) != first)
            #expect(try await sample(20, 1) == Array(first.prefix(20)))
            try await engine.flush()
            #expect(try await sample(50, 1) == first, "where the records lie must not matter")
            let odd = try await sample(1_500, 3, .compare(key: "v", .equal(.integer(1))))
            #expect(odd.count == 750 && odd.allSatisfy { Int($0)! % 2 == 1 } && odd != odd.sorted { Int($0)! < Int($1)! })
            #expect(try await sample(0, 1).isEmpty)
            // Each half of the records about as often: 200 samples of 10, five standard deviations.
            var small = 0
            for seed in 0..<200 { small += try await sample(10, UInt64(seed)).count { Int($0)! < 750 } }
            #expect(abs(small - 1_000) < 112)
        }
    }

    @Test func countsAndFacets() async throws {
        try await withCollection { engine, collection in
            try await write(
                [
                    ("a", Metadata(["v": .integer(1), "t": .strings(["x", "y", "x"])])), ("b", Metadata(["v": .float(1), "t": .strings(["y"])])),
                    ("c", Metadata(["v": .string("1")])), ("d", nil), ("e", Metadata(["v": .string("e\u{301}"), "t": .integers([1])])),
                ], engine, collection)
            try await engine.flush()
            try await write(
                [
                    ("f", Metadata(["v": .string("1")])), ("g", Metadata(["v": .boolean(true), "t": .string("x")])),
                    ("h", Metadata(["v": .string("\u{E9}")])), ("b", Metadata(["v": .float(1.5)])),
                ], engine, collection)
            let all = try await engine.facets(FacetRequest(keys: ["v", "t", "absent"], limit: 10), of: collection)
            #expect(all == [
                Facet(
                    key: "v",
                    values: [
                        .init(.string("1"), count: 2), .init(.boolean(true), count: 1), .init(.integer(1), count: 1), .init(.float(1.5), count: 1),
                        .init(.string("e\u{301}"), count: 1), .init(.string("\u{E9}"), count: 1),
                    ], distinct: 6, missing: 1),
                Facet(
                    key: "t", values: [.init(.string("x"), count: 2), .init(.string("y"), count: 2), .init(.integer(1), count: 1)], distinct: 3,
                    missing: 4),
                Facet(key: "absent", values: [], distinct: 0, missing: 8),
            ])
            // Swift takes both ways of writing é for equal; they are different values.
            #expect(all[0].values.map { value in if case .string(let text) = value.value { text.utf8.count } else { 0 } } == [1, 0, 0, 0, 3, 2])
            let strings = RecordSelector(metadata: .compare(key: "v", .text(.like("_"))))
            #expect(try await engine.facets(FacetRequest(selector: strings, keys: ["v"], limit: 1), of: collection)
                == [Facet(key: "v", values: [.init(.string("1"), count: 2)], distinct: 2, missing: 0)])
            #expect(try await engine.count(strings, in: collection) == 3)
            #expect(try await engine.count(RecordSelector(), in: collection) == 8)
            #expect(try await engine.count(RecordSelector(identifiers: ["a", "zz", "a"]), in: collection) == 1)
            for request in [FacetRequest(keys: [], limit: 1), FacetRequest(keys: ["v", "v"], limit: 1), FacetRequest(keys: ["v"], limit: -1)] {
                await #expect(throws: RequestError.self) { try await engine.facets(request, of: collection) }
            }
        }
    }
}
