import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

/// Fields and requests of this server that the protocol does not have.
@Suite struct ReadExtensionTests {
    private func refinement(_ fields: String, _ dialect: Dialect = Wire.current) throws -> QueryRefinement {
        try Wire.decoder(dialect).query(RequestBody("{" + fields + "}")).request.refinement
    }

    private func arrangement(_ fields: String, _ dialect: Dialect = Wire.current) throws -> RecordArrangement {
        try Wire.decoder(dialect).get(RequestBody("{" + fields + "}")).request.arrangement
    }

    private static let vector = #""query_embeddings":[[1]],"#

    @Test func whatAQueryAsksForBesides() throws {
        for dialect in Wire.all {
            #expect(try refinement(#""query_embeddings":[[1]]"#, dialect) == QueryRefinement())
            #expect(try refinement(Self.vector + #""max_distance":0.5"#, dialect) == QueryRefinement(maxDistance: 0.5))
            #expect(try refinement(Self.vector + #""group_by":{"key":"k"}"#, dialect) == QueryRefinement(groups: .init(key: "k", limit: 1)))
            #expect(try refinement(Self.vector + #""group_by":{"key":"k","limit":3}"#, dialect) == QueryRefinement(groups: .init(key: "k", limit: 3)))
            #expect(try refinement(Self.vector + #""mmr":{}"#, dialect) == QueryRefinement(diversity: .init(lambda: 0.5, candidates: 100)))
            #expect(try refinement(Self.vector + #""mmr":{"lambda":1,"candidates":7}"#, dialect)
                == QueryRefinement(diversity: .init(lambda: 1, candidates: 7)))
            #expect(try refinement(#""query_ids":["a","b"]"#, dialect) == QueryRefinement(examples: .each(["a", "b"])))
            #expect(try refinement(#""query_ids":["a"],"query_embeddings":null"#, dialect) == QueryRefinement(examples: .each(["a"])))
            #expect(try refinement(#""recommend":{"positive":["a"]}"#, dialect)
                == QueryRefinement(examples: .recommend(positive: ["a"], negative: [])))
            #expect(try refinement(#""recommend":{"positive":["a"],"negative":["b","c"]}"#, dialect)
                == QueryRefinement(examples: .recommend(positive: ["a"], negative: ["b", "c"])))
        }
    }

    @Test(arguments: [
        #""max_distance":"x""#, #""group_by":5"#, #""group_by":{}"#, #""group_by":{"key":5}"#, #""group_by":{"key":"k","limit":1.5}"#, #""mmr":true"#,
        #""mmr":{"lambda":"x"}"#, #""mmr":{"candidates":-1}"#, #""query_ids":"a""#, #""query_ids":[1]"#, #""recommend":[]"#, #""recommend":{}"#,
        #""recommend":{"positive":"a"}"#, #""recommend":{"positive":[],"negative":[1]}"#,
    ])
    func wrongTypesAreNamed(field: String) {
        #expect(Wire.failure { _ = try refinement(field) }.hasPrefix("422 ChromaError: Failed to deserialize the JSON body into the target type: "))
    }

    @Test func examplesStandInPlaceOfVectors() {
        let problem = "query_embeddings: only one of query_embeddings, query_ids and recommend can be given"
        for fields in [Self.vector + #""query_ids":["a"]"#, #""query_ids":["a"],"recommend":{"positive":["a"]}"#] {
            #expect(Wire.failure { _ = try refinement(fields) } == "400 InvalidArgumentError: Validation error: " + problem)
            #expect(Wire.failure { _ = try refinement(fields, Wire.named) } == "400 InvalidArgumentError: " + problem)
        }
        #expect(Wire.failure { _ = try refinement("") }.contains("missing field `query_embeddings`"))
    }

    @Test func theOrderOfAGet() throws {
        for dialect in Wire.all {
            #expect(try arrangement("", dialect) == .usual)
            #expect(try arrangement(##""order_by":[{"key":"a"},{"key":"#id","direction":"desc"},{"key":"b","direction":"asc"}]"##, dialect)
                == .ordered([RecordOrder(key: "a"), RecordOrder(key: "#id", isDescending: true), RecordOrder(key: "b")]))
            #expect(try arrangement(#""cursor":"""#, dialect) == .scroll(after: nil))
            #expect(try arrangement(#""cursor":"1f""#, dialect) == .scroll(after: ScrollCursor("1f")))
            #expect(try arrangement(#""sample":{"size":5,"seed":7}"#, dialect) == .sample(size: 5, seed: 7))
            #expect(try arrangement(#""sample":{"size":5,"seed":-1}"#, dialect) == .sample(size: 5, seed: .max))
            #expect(try arrangement(#""order_by":null,"cursor":null,"sample":null"#, dialect) == .usual)
        }
        guard case .sample(5, _) = try arrangement(#""sample":{"size":5}"#) else { Issue.record("no sample"); return }
    }

    @Test(arguments: [
        (#""cursor":"x""#, "cursor: is none that an answer gave as next_cursor"),
        (#""cursor":"1","sample":{"size":1}"#, "only one of order_by, cursor and sample can be given"),
        (#""order_by":[{"key":"a","direction":"up"}]"#, "order_by[0].direction: must be asc or desc"),
    ])
    func brokenRulesOfAGet(fields: String, problem: String) {
        #expect(Wire.failure { _ = try arrangement(fields) } == "400 InvalidArgumentError: Validation error: " + problem)
    }

    @Test(arguments: [
        #""order_by":"k""#, #""order_by":["k"]"#, #""order_by":[{}]"#, #""order_by":[{"key":1}]"#, #""cursor":1"#, #""sample":5"#, #""sample":{}"#,
        #""sample":{"size":"x"}"#, #""sample":{"size":1,"seed":"x"}"#,
    ])
    func wrongTypesOfAGet(fields: String) {
        #expect(Wire.failure { _ = try arrangement(fields) }.hasPrefix("422 ChromaError: Failed to deserialize the JSON body into the target type: "))
    }

    @Test func manyKeysAreNotRead() {
        let keys = Array(repeating: #"{"key":"k"}"#, count: 17).joined(separator: ",")
        #expect(Wire.failure { _ = try arrangement(#""order_by":[\#(keys)]"#) }.hasSuffix("order_by: may have at most 16 keys"))
        let facets = Array(repeating: #""k""#, count: 65).joined(separator: ",")
        let failure = Wire.failure { _ = try Wire.decoder().facets(RequestBody(#"{"keys":[\#(facets)]}"#)) }
        #expect(failure.hasSuffix("keys: must have from 1 to 64 keys, got 65"))
    }

    @Test func countsAndFacets() throws {
        let body = RequestBody(#"{"ids":["a"],"where":{"k":{"$exists":true}},"where_document":{"$contains":"x"}}"#)
        let selector = try Wire.decoder().countMatching(body)
        #expect(selector == RecordSelector(identifiers: ["a"], metadata: .compare(key: "k", .exists), document: .contains("x")))
        #expect(try Wire.decoder().countMatching(RequestBody("{}")).isUnrestricted)
        let facets = try Wire.decoder().facets(RequestBody(#"{"keys":["a","b"],"limit":3,"where":{"k":1}}"#))
        #expect(facets.keys == ["a", "b"] && facets.limit == 3 && facets.selector.metadata == .compare(key: "k", .equal(.integer(1))))
        #expect(try Wire.decoder().facets(RequestBody(#"{"keys":["a"]}"#)).limit == 10)
        for body in ["{}", #"{"keys":"a"}"#, #"{"keys":[1]}"#, #"{"keys":["a"],"limit":-1}"#] {
            #expect(Wire.failure { _ = try Wire.decoder().facets(RequestBody(body)) }.hasPrefix("422 "))
        }
    }

    @Test func facetsAsWritten() {
        let encoder = ResponseEncoder(dialect: Wire.current)
        let facets = [
            Facet(
                key: "a\"", values: [.init(.string("x"), count: 2), .init(.float(1.5), count: 1), .init(.boolean(true), count: 1)], distinct: 4,
                missing: 7),
            Facet(key: "b", values: [], distinct: 0, missing: 0),
        ]
        #expect(Wire.text(encoder.facets(facets))
            == #"{"facets":{"a\"":{"values":[{"value":"x","count":2},{"value":1.5,"count":1},{"value":true,"count":1}],"distinct":4,"missing":7},"#
                + #""b":{"values":[],"distinct":0,"missing":0}}}"#)
    }

    @Test func aScrollSaysHowItGoesOn() async throws {
        try await Wire.withDatabase { database in
            let collection = try await database.createCollection(
                CollectionCreation(name: "scroll"), tenant: "default_tenant", database: "default_database"
            ).collection.identifier
            try await database.write(RecordBatch(identifiers: ["a", "b", "c"], documents: ["x", "y", "z"]), as: .add, to: collection)
            func answer(_ body: String) async throws -> String {
                let decoded = try Wire.decoder().get(RequestBody(body))
                let result = try await database.get(decoded.request, from: collection)
                return Wire.text(ResponseEncoder(dialect: Wire.current).get(result, include: decoded.include))
            }
            let rest = #","embeddings":null,"documents":null,"uris":null,"metadatas":null"#
            #expect(try await answer(#"{"limit":2,"cursor":"","include":[]}"#) == #"{"ids":["a","b"]\#(rest),"next_cursor":"2","include":[]}"#)
            #expect(try await answer(#"{"limit":2,"cursor":"2","include":[]}"#) == #"{"ids":["c"]\#(rest),"next_cursor":null,"include":[]}"#)
            #expect(try await answer(#"{"limit":2,"include":[]}"#) == #"{"ids":["a","b"]\#(rest),"include":[]}"#)
        }
    }
}
