import LyricaClient
import Testing

@Suite struct IndexTests {
    private func server(_ body: String, status: Int = 200, path: String? = nil, sends: String? = nil) -> ChromaClient {
        FakeServer { _, call in
            if let path { #expect(call.path == path) }
            if let sends { #expect(call.body.map { String(decoding: $0, as: UTF8.self) } == sends) }
            return .success(HTTPReply(status: status, body: Array(body.utf8)))
        }.client
    }

    private func status(_ counts: String, index: String = "auto") throws -> IndexStatus {
        try IndexStatus(JSONParser.parse(#"{"id":"c","index":"\#(index)","vector_type":"float32",\#(counts)}"#))
    }

    @Test func whatThereIsAndHowFarItIs() throws {
        let done = try status(#""rows":10,"hnsw_rows":8,"flat_rows":2,"pending_rows":0,"building":false,"bytes":7"#)
        #expect(done.kinds == "auto: hnsw, flat" && done.progress == "100 %" && done.bytes == 7)
        let begun = try status(#""rows":1000,"hnsw_rows":999,"pending_rows":1,"building":true"#, index: "hnsw")
        #expect(begun.kinds == "hnsw" && begun.progress == "99 %, building", "100 means all")
        #expect(try status(#""rows":4,"pending_rows":4"#).progress == "0 %, waiting")
        #expect(try status(#""rows":4,"pending_rows":2,"building":true,"build_progress":0.427"#).progress == "50 %, building (42 %)")
        #expect(try status(#""rows":4,"hnsw_rows":4,"building":true,"build_progress":1e300"#).progress == "100 %, building (100 %)")
        #expect(try status(#""rows":4,"pending_rows":4"#).kinds == "auto")
        #expect(try status(#""rows":0"#).progress == "100 %")
        let odd = try status(#""rows":-5,"hnsw_rows":9223372036854775807,"pending_rows":9223372036854775807"#)
        #expect(odd.progress == "0 %, waiting", "a server's numbers may be anything")
    }

    @Test func statusesComeByPage() async throws {
        let page = (0..<1_000).map { #"{"id":"\#($0)","index":"flat"}"# }.joined(separator: ",")
        let client = FakeServer { number, call in
            #expect(call.path == "/api/lyrica/v1/index/status?limit=1000&offset=\(number == 1 ? 0 : 1_000)")
            return .success(HTTPReply(status: 200, body: Array(#"{"total":1001,"collections":[\#(number == 1 ? page : #"{"id":"last"}"#)]}"#.utf8)))
        }.client
        let statuses = try #require(try await client.indexStatuses())
        #expect(statuses.count == 1_001 && statuses.last?.collectionID == "last")
        #expect(try await server(#"{"detail":"Not Found"}"#, status: 404).indexStatuses() == nil, "Chroma has no such page")
        let one = server(#"{"total":1,"collections":[{"id":"a b"}]}"#, path: "/api/lyrica/v1/index/status?collection=a%20b")
        #expect(try await one.indexStatus(collectionID: "a b").collectionID == "a b")
    }

    @Test func aRebuildTellsItsProgressInRows() async throws {
        let body = """
            {"progress":{"phase":"starting","bytes_done":0,"bytes_total":0}}
            {"progress":{"phase":"indexing","rows_done":3,"rows_total":9}}
            {"result":{"collections":1,"indexes":2,"rows":9,"bytes":2048,"cancelled":false,"failure_count":0,"failures":[]}}
            """
        var progress: [WorkProgress] = []
        let client = server(body, path: "/api/lyrica/v1/index/rebuild", sends: #"{"collection":"c","wait":true}"#)
        let result = try await client.rebuildIndexes(collectionID: "c") { progress.append($0) }
        let expected = [WorkProgress(phase: "starting", bytesDone: 0, bytesTotal: 0), WorkProgress(phase: "indexing", rowsDone: 3, rowsTotal: 9)]
        #expect(progress == expected)
        #expect(result.isComplete && result.lines == ["built: 2 indexes of 1 collection, 9 rows, 2.0 KiB"])
    }

    @Test func aRebuildThatFailsInPartSaysSo() async throws {
        let body = #"{"result":{"collections":1,"indexes":1,"rows":9,"bytes":1,"cancelled":true,"failure_count":3,"failures":["a","b"]}}"#
        let result = try await server(body, sends: #"{"wait":true}"#).rebuildIndexes(collectionID: nil) { _ in }
        #expect(!result.isComplete)
        #expect(result.lines == ["not finished: 1 index of 1 collection, 9 rows, 1 B", "failed: a", "failed: b", "and 1 more failure"])
    }

    @Test func aRebuildInTheBackgroundIsCounted() async throws {
        let client = server(#"{"scheduled":4}"#, sends: #"{"collection":"c","wait":false}"#)
        #expect(try await client.scheduleIndexRebuild(collectionID: "c") == 4)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"collections":5}"#, #"{"collections":[{}]}"#, #"{"result":{}}"#, #"{"scheduled":"x"}"#])
    func answersOutsideTheProtocolAreRefused(body: String) async {
        await #expect(throws: ClientError.self) { try await server(body).indexStatuses() }
        await #expect(throws: ClientError.self) { try await server(body).indexStatus(collectionID: "c") }
        await #expect(throws: ClientError.self) { try await server(body).rebuildIndexes(collectionID: nil) { _ in } }
        await #expect(throws: ClientError.self) { try await server(body).scheduleIndexRebuild(collectionID: nil) }
    }

    @Test func aQuerySendsOnlyWhatIsAskedFor() async throws {
        let answer = #"{"ids":[["a"]],"embeddings":null,"documents":null,"uris":null,"metadatas":null,"distances":[[0]]}"#
        func query(_ options: SearchOptions, sends: String) async throws {
            let client = server(answer, sends: #"{"query_embeddings":[[1.0]],"n_results":1,"include":["distances"]\#(sends)}"#)
            _ = try await client.query(
                collectionID: "c", embedding: [1], resultCount: 1, filter: RecordFilter(), include: [.distances], options: options)
        }
        try await query(SearchOptions(), sends: "")
        try await query(
            SearchOptions(efSearch: 4, nprobe: 5, isExact: true, rerank: 6, timeoutMilliseconds: 7),
            sends: #","exact":true,"ef_search":4,"nprobe":5,"rerank":6,"timeout_ms":7"#)
    }
}
