import LyricaClient
import Testing

@Suite struct APITests {
    private func server(_ body: String, status: Int = 200, path: String? = nil) -> ChromaClient {
        let server = FakeServer { _, call in
            if let path { #expect(call.path == path) }
            return .success(HTTPReply(status: status, body: Array(body.utf8)))
        }
        return server.client
    }

    @Test func turnsColumnsIntoRecords() throws {
        let get = try RecordPage(getAnswer: JSONParser.parse(
            #"{"ids":["a","b"],"embeddings":[[1,2.5],null],"documents":["x",null],"uris":null,"metadatas":[null,{"k":1}],"include":[]}"#
        ))
        #expect(get.records == [
            StoredRecord(id: "a", document: "x", embedding: [1, 2.5]),
            StoredRecord(id: "b", metadata: JSONObject([.init("k", .integer(1))])),
        ])
        let query = try RecordPage(queryAnswer: JSONParser.parse(
            #"{"ids":[["a"]],"embeddings":null,"documents":[["x"]],"uris":null,"metadatas":null,"distances":[[0.25]]}"#
        ))
        #expect(query.records == [StoredRecord(id: "a", document: "x", distance: 0.25)])
    }

    @Test(arguments: [
        "[]", "{}", #"{"ids":"a"}"#, #"{"ids":[1]}"#, #"{"ids":["a"],"documents":[]}"#, #"{"ids":["a"],"embeddings":[5]}"#,
        #"{"ids":["a"],"embeddings":[["x"]]}"#,
    ]) func refusesAnswersOutsideTheProtocol(body: String) throws {
        let value = try JSONParser.parse(body)
        #expect(throws: ClientError.self) { try RecordPage(getAnswer: value) }
        #expect(throws: ClientError.self) { try RecordPage(queryAnswer: value) }
    }

    @Test func namesStayOnePathSegment() async throws {
        let path = "/api/v2/tenants/t/databases/d/collections/a%2Fb%3F%20%C3%A9"
        let info = try await server(#"{"id":"i","name":"n"}"#, path: path).collection(named: "a/b? é")
        #expect(info.metric == nil)
        #expect(info.dimension == nil)
    }

    @Test func readsTheMetricWhereverItStands() throws {
        for (text, metric) in [
            (#"{"id":"i","name":"n","configuration_json":{"hnsw":{"space":"ip"}}}"#, DistanceMetric.ip),
            (#"{"id":"i","name":"n","configuration_json":{"hnsw":null,"spann":{"space":"cosine"}}}"#, .cosine),
            (#"{"id":"i","name":"n","configuration_json":{"hnsw_configuration":{"space":"l2"}}}"#, .l2),
            (#"{"id":"i","name":"n","metadata":{"hnsw:space":"cosine"},"configuration_json":{"hnsw":{"space":"l2"}}}"#, .cosine),
        ] {
            #expect(try CollectionInfo(JSONParser.parse(text)).metric == metric)
        }
    }

    @Test func errorsKeepNameAndMessage() async throws {
        let refusal = #"{"error":"NotFoundError","message":"Collection [x] does not exist"}"#
        let client = server(refusal, status: 404)
        await #expect(throws: ClientError.refused(status: 404, name: "NotFoundError", message: "Collection [x] does not exist")) {
            try await client.collection(named: "x")
        }
        #expect(try await client.collectionIfExists(named: "x") == nil)
        let plain = server("<html>\u{1B}[31m bad", status: 502)
        await #expect(throws: ClientError.refused(status: 502, name: "Bad Gateway", message: "<html> [31m bad")) { try await plain.version() }
    }

    @Test func limitsNeedANumber() async throws {
        #expect(try await server(#"{"max_batch_size":9}"#).limits() == ServerLimits(batchSizeMax: 9, supportsBase64: false))
        for body in ["{}", #"{"max_batch_size":0}"#, #"{"max_batch_size":"9"}"#, "no"] {
            await #expect(throws: ClientError.self) { try await server(body).limits() }
        }
    }

    @Test func longMessagesAreCut() {
        let error = ClientError.refused(status: 400, name: "X", message: String(repeating: "m", count: 5_000))
        #expect(error.message.count < 500)
        #expect(ClientError.unreachable(url: "u", reason: "r").exitCode == 3)
    }
}
