import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

/// Distances and neighbours as clients ask for them, and as they get them.
@Suite struct NeighborWireTests {
    @Test func neighborsAsAsked() throws {
        for dialect in Wire.all {
            let usual = try Wire.decoder(dialect).neighbors(RequestBody("{}"))
            #expect(usual.k == 10 && usual.scope == .matches && usual.maxDistance == nil && usual.deadline == nil)
            #expect(usual.overrides == SearchOverrides())
            #expect(usual.records.selector.isUnrestricted && usual.records.limit == nil && usual.records.arrangement == .usual)
            let now = ContinuousClock.now
            let body = #"{"ids":["a"],"where":{"k":1},"where_document":{"$contains":"x"},"limit":3,"n_results":4,"within":"selected","#
                + #""max_distance":0.5,"exact":true,"ef_search":50,"cursor":"1f","timeout_ms":20}"#
            let all = try Wire.decoder(dialect).neighbors(RequestBody(body), now: now)
            #expect(all.records.selector.identifiers == ["a"] && all.records.selector.metadata == .compare(key: "k", .equal(.integer(1))))
            #expect(all.records.selector.document == .contains("x") && all.records.limit == 3)
            #expect(all.records.arrangement == .scroll(after: ScrollCursor("1f")))
            #expect(all.k == 4 && all.scope == .selected && all.maxDistance == 0.5 && all.overrides == SearchOverrides(exact: true, efSearch: 50))
            #expect(all.deadline == now.advanced(by: .milliseconds(20)))
            let sample = try Wire.decoder(dialect).neighbors(RequestBody(#"{"sample":{"size":5,"seed":7},"within":"all","n_results":null}"#))
            #expect(sample.records.arrangement == .sample(size: 5, seed: 7) && sample.scope == .all && sample.k == 10)
        }
    }

    @Test func distancesAsAsked() throws {
        let usual = try Wire.decoder().distances(RequestBody("{}"))
        #expect(usual.records.selector.isUnrestricted && usual.others == nil && usual.deadline == nil)
        let now = ContinuousClock.now
        let both = try Wire.decoder().distances(RequestBody(#"{"ids":["a","b"],"offset":1,"other_ids":["c"],"timeout_ms":5}"#), now: now)
        #expect(both.records.selector.identifiers == ["a", "b"] && both.records.offset == 1 && both.others == ["c"])
        #expect(both.deadline == now.advanced(by: .milliseconds(5)))
        #expect(try Wire.decoder().distances(RequestBody(#"{"other_ids":[]}"#)).others == [])
        #expect(try Wire.decoder().distances(RequestBody(#"{"other_ids":null,"order_by":[{"key":"k"}]}"#)).records.arrangement
            == .ordered([RecordOrder(key: "k")]))
    }

    @Test(arguments: [
        (#"{"within":"here"}"#, "400 InvalidArgumentError: Validation error: within: must be one of all, matches, selected"),
        (#"{"cursor":"","sample":{"size":1}}"#, "400 InvalidArgumentError: Validation error: only one of order_by, cursor and sample can be given"),
        (#"{"ef_search":0}"#, "400 InvalidArgumentError: Validation error: ef_search: must be from "),
        (#"{"within":1}"#, "422 "), (#"{"n_results":-1}"#, "422 "), (#"{"max_distance":"x"}"#, "422 "), (#"{"ids":"a"}"#, "422 "), ("[]", "422 "),
        (#"{"timeout_ms":"x"}"#, "422 "), (#"{"where":{}}"#, "400 "),
    ])
    func brokenRequestsForNeighbors(body: String, failure: String) {
        #expect(Wire.failure { _ = try Wire.decoder().neighbors(RequestBody(body)) }.hasPrefix(failure))
    }

    @Test(arguments: [#"{"other_ids":"a"}"#, #"{"other_ids":[1]}"#, #"{"ids":[null]}"#, #"{"limit":-1}"#, "1"])
    func brokenRequestsForDistances(body: String) {
        #expect(Wire.failure { _ = try Wire.decoder().distances(RequestBody(body)) }.hasPrefix("422 "))
    }

    @Test func answers() async throws {
        try await Wire.withDatabase { database in
            let collection = try await database.createCollection(
                CollectionCreation(name: "line"), tenant: "default_tenant", database: "default_database"
            ).collection.identifier
            try await database.write(
                RecordBatch(identifiers: ["a", "b\"", "c"], embeddings: EmbeddingColumn(dimension: 1, values: [0, 1, 3.5])), as: .add, to: collection)
            func neighbors(_ body: String) async throws -> String {
                let request = try Wire.decoder().neighbors(RequestBody(body))
                return Wire.text(ResponseEncoder(dialect: Wire.current).neighbors(try await database.neighbors(request, in: collection)))
            }
            func distances(_ body: String) async throws -> String {
                let request = try Wire.decoder().distances(RequestBody(body))
                return Wire.text(ResponseEncoder(dialect: Wire.current).distances(try await database.distances(request, in: collection)))
            }
            #expect(try await neighbors(#"{"n_results":1}"#) == #"{"ids":["a","b\"","c"],"neighbors":[[1],[0],[1]],"distances":[[1.0],[1.0],[6.25]]}"#)
            #expect(try await neighbors(#"{"ids":["c"],"within":"all","max_distance":7}"#)
                == #"{"ids":["c","b\""],"neighbors":[[1]],"distances":[[6.25]]}"#)
            #expect(try await neighbors(#"{"ids":["c"]}"#) == #"{"ids":["c"],"neighbors":[[]],"distances":[[]]}"#)
            #expect(try await neighbors(#"{"ids":[]}"#) == #"{"ids":[],"neighbors":[],"distances":[]}"#)
            let page = try await neighbors(#"{"cursor":"","limit":1,"n_results":1}"#)
            #expect(page.hasPrefix(#"{"ids":["a","b\""],"neighbors":[[1]],"distances":[[1.0]],"next_cursor":""#))
            #expect(try await distances(#"{"ids":["a","c"]}"#) == #"{"ids":["a","c"],"distances":[[0.0,12.25],[12.25,0.0]]}"#)
            #expect(try await distances(#"{"ids":["a","c"],"other_ids":["b\""]}"#)
                == #"{"ids":["a","c"],"other_ids":["b\""],"distances":[[1.0],[6.25]]}"#)
            #expect(try await distances(#"{"cursor":"","other_ids":[]}"#)
                == #"{"ids":["a","b\"","c"],"other_ids":[],"distances":[[],[],[]],"next_cursor":null}"#)
        }
    }
}
