import ChromaWire
import Engine
import Testing
import VectorModel

/// Requests through the engine and back as text.
@Suite struct RoundTripTests {
    static let scope = (tenant: "default_tenant", database: "default_database")

    static func create(_ text: String, in database: VectorDatabase) async throws -> CollectionDescription {
        let creation = try Wire.decoder().createCollection(RequestBody(text))
        return try await database.createCollection(creation, tenant: scope.tenant, database: scope.database).collection
    }

    @Test func recordsComeBackAsWritten() async throws {
        try await Wire.withDatabase { database in
            let id = try await Self.create(#"{"name":"abc"}"#, in: database).identifier
            let body = RequestBody(#"{"ids":["a","b"],"embeddings":[[1,0.1],[100000000,0]],"documents":["\"q\"\\\u0001é\n",null],"uris":["u",null],"metadatas":[{"f":1.0,"i":1,"t":["x"],"b":false},null]}"#)
            try await database.write(try Wire.decoder().write(body, as: .add), as: .add, to: id)

            let get = try Wire.decoder().get(RequestBody(#"{"include":["metadatas","embeddings","documents","uris"]}"#))
            let result = try await database.get(get.request, from: id)
            #expect(Wire.text(ResponseEncoder(dialect: Wire.current).get(result, include: get.include)) == #"{"ids":["a","b"],"embeddings":[[1.0,0.1],[1e+08,0.0]],"documents":["\"q\"\\\u0001é\n",null],"uris":["u",null],"metadatas":[{"f":1.0,"i":1,"t":["x"],"b":false},null],"include":["metadatas","embeddings","documents","uris"]}"#)

            let query = try Wire.decoder().query(RequestBody(#"{"query_embeddings":[[1,0]],"n_results":1,"include":["distances"]}"#))
            let hits = try await database.query(query.request, in: id)
            #expect(Wire.text(ResponseEncoder(dialect: Wire.current).query(hits, include: query.include)).hasPrefix(
                #"{"ids":[["a"]],"embeddings":null,"documents":null,"uris":null,"metadatas":null,"distances":[[0.01"#))
            #expect(Wire.text(ResponseEncoder(dialect: Wire.representation).query(hits, include: query.include)).hasSuffix(
                #"]],"data":null,"included":["distances"]}"#))
        }
    }

    @Test func collectionsInFourShapes() async throws {
        try await Wire.withDatabase { database in
            let function = #"{"type":"known","name":"default","config":{}}"#
            let collection = try await Self.create(
                #"{"name":"abc","metadata":{"k":1.0},"configuration":{"hnsw":{"space":"cosine","ef_search":20,"sync_threshold":50},"embedding_function":\#(function)}}"#,
                in: database)
            let start = #"{"id":"\#(collection.identifier)","name":"abc","#
            let current = Wire.text(ResponseEncoder(dialect: Wire.current).collection(collection))
            #expect(current.hasPrefix(start + #""configuration_json":{"hnsw":{"space":"cosine","ef_construction":100,"ef_search":20,"max_neighbors":16,"resize_factor":1.2,"sync_threshold":50},"spann":null,"embedding_function":\#(function)},"schema":{"defaults":{"#))
            #expect(current.contains(#""metadata":{"k":1.0},"dimension":null,"tenant":"default_tenant","database":"default_database","log_position":"#))
            #expect(Wire.text(ResponseEncoder(dialect: Wire.legacy).collection(collection)).hasPrefix(start + #""configuration_json":{"hnsw_configuration":{"space":"cosine","ef_construction":100,"ef_search":20,"num_threads":2,"M":16,"resize_factor":1.2,"batch_size":50,"sync_threshold":50,"_type":"HNSWConfigurationInternal"},"_type":"CollectionConfigurationInternal"},"metadata":"#))
            #expect(Wire.text(ResponseEncoder(dialect: Wire.representation).collection(collection)) == start + #""metadata":{"k":1.0},"tenant":"default_tenant","database":"default_database"}"#)
            let full = Wire.text(ResponseEncoder(dialect: Wire.named).collection(collection))
            #expect(!full.contains("log_position") && full.contains(#""dimension":null"#))

            let change = try Wire.decoder().changeCollection(RequestBody(#"{"new_configuration":{"hnsw":{"ef_search":9}}}"#), of: collection)
            try await database.changeCollection(collection.identifier, change)
            let changed = Wire.text(ResponseEncoder(dialect: Wire.current).collection(try database.collection(collection.identifier)))
            #expect(changed.contains(#""space":"cosine","ef_construction":100,"ef_search":9,"max_neighbors":16,"resize_factor":1.2,"sync_threshold":50}"#))
            #expect(changed.contains(#""embedding_function":\#(function)}"#))
        }
    }

    @Test func metadataConfiguresWhatTheConfigurationLeaves() throws {
        func metric(_ rest: String) throws -> Metric { try Wire.decoder().createCollection(RequestBody(#"{"name":"abc",\#(rest)}"#)).index.metric }
        #expect(try metric(#""metadata":{"hnsw:space":"ip"}"#) == .innerProduct)
        #expect(try metric(#""metadata":{"hnsw:space":"cosine"},"configuration":{"hnsw":{"space":"l2"}}"#) == .cosine)
        #expect(try metric(#""metadata":{"hnsw:space":"cosine"},"configuration":{"hnsw":{"ef_search":50}}"#) == .l2)
        #expect(try metric(#""configuration":{"spann":{"space":"cosine"}}"#) == .cosine)
    }

    static let refused: [(String, String)] = [
        (#"{"name":"a"}"#, "400 InvalidArgumentError: Validation error: name: Expected a name containing 3-512 characters from [a-zA-Z0-9._-], starting and ending with a character in [a-zA-Z0-9]. Got: a"),
        (#"{"name":"192.168.0.1"}"#, "400 InvalidArgumentError: Validation error: name: Expected a name that is not a valid ip address. Got 192.168.0.1"),
        (#"{"name":"b..c"}"#, "400 InvalidArgumentError: Validation error: name: Expected a name that does not contains two consecutive periods (..). Got b..c"),
        (#"{"name":"abc","metadata":{}}"#, "400 InvalidArgumentError: Validation error: metadata: Metadata cannot be empty"),
        (#"{"name":"abc","metadata":{"$a":1}}"#, "400 InvalidArgumentError: Validation error: metadata: Metadata key cannot start with '#' or '$': $a"),
        (#"{"name":"abc","metadata":{"hnsw:foo":1}}"#, "400 InvalidArgumentError: Failed to parse hnsw parameters from segment metadata"),
        (#"{"name":"abc","configuration":{"hnsw":{"space":"bogus"}}}"#, "422 ChromaError: Failed to deserialize the JSON body into the target type: configuration.hnsw.space: unknown variant `bogus`, expected one of `l2`, `cosine`, `ip`"),
        (#"{"name":"abc","configuration":{"hnsw":{},"spann":{}}}"#, "400 InvalidArgumentError: Multiple vector index configurations provided"),
        (#"{"name":"abc","schema":{}}"#, "422 ChromaError: Failed to deserialize the JSON body into the target type: schema: missing field `defaults`"),
    ]

    @Test(arguments: refused)
    func refusedCreations(text: String, expected: String) {
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(text)) } == expected)
    }

    @Test func scalarsAndAcknowledgements() {
        let current = ResponseEncoder(dialect: Wire.current), old = ResponseEncoder(dialect: Wire.representation)
        #expect(Wire.text(current.acknowledged()) == "{}" && Wire.text(old.acknowledged()) == "null")
        #expect(Wire.text(current.added()) == "{}" && Wire.text(old.added()) == "true")
        #expect(Wire.text(current.preflight(maxBatchSize: 7)) == #"{"max_batch_size":7,"supports_base64_encoding":true}"#)
    }
}
