import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

/// Schemas of collections: what is accepted, what is echoed, and which filters they refuse.
@Suite struct SchemaTests {
    static func switchedOff(_ index: String) -> String { #"{"\#(index)":{"enabled":false,"config":{}}}"# }
    static func switchedOn(_ index: String) -> String { #"{"\#(index)":{"enabled":true,"config":{}}}"# }

    static func schema(defaults: String = "", keys: String = "") -> String { #"{"defaults":{\#(defaults)},"keys":{\#(keys)}}"# }

    static func vector(_ config: String) -> String {
        schema(keys: ##""#embedding":{"float_list":{"vector_index":{"enabled":true,"config":{\##(config)}}}}"##)
    }

    static let scalars = [("string", "Str"), ("int", "Int"), ("float", "Float"), ("bool", "Bool")]
    static let literals = ["string": #""x""#, "int": "1", "float": "1.5", "bool": "true"]
    static let both = "400 InvalidArgumentError: Failed to reconcile schema: Cannot set both collection config and schema simultaneously"

    private func answer(_ collection: CollectionDescription) -> String { Wire.text(ResponseEncoder(dialect: Wire.current).collection(collection)) }

    private func refusal(_ filter: String, on collection: CollectionDescription) throws -> String {
        let selector = try Wire.decoder().get(RequestBody(filter)).request.selector
        return Wire.failure { try Wire.decoder().checkFilters(selector, on: collection) }
    }

    static let refused: [(String, String)] = [
        (schema(defaults: #""string":\#(switchedOn("fts_index"))"#), "Validation error: schema: Full text search / regular expression index cannot be enabled by default. It can only be enabled on #document field."),
        (schema(defaults: #""float_list":\#(switchedOn("vector_index"))"#), "Validation error: schema: Vector index cannot be enabled by default. It can only be enabled on #embedding field."),
        (schema(keys: #""k":{"string":\#(switchedOn("fts_index"))}"#), "Validation error: schema: Full text search / regular expression index can only be enabled on #document field: k"),
        (schema(keys: #""k":{"float_list":\#(switchedOn("vector_index"))}"#), "Validation error: schema: Vector index can only be enabled on #embedding field: k"),
        (schema(keys: ##""#x":{}"##), "Validation error: schema: key cannot begin with '#'. Keys starting with '#' are reserved for system use: #x"),
        (schema(keys: ##""#document":{"string":\##(switchedOn("string_inverted_index"))}"##), "Validation error: schema: String inverted index can not be enabled on #document key: #document"),
        (schema(keys: ##""#document":{"int":{}}"##), "Validation error: schema: Document field cannot have any value types other than string: #document"),
        (schema(keys: ##""#embedding":{"string":{}}"##), "Validation error: schema: Embedding field cannot have any value types other than float_list: #embedding"),
        (vector(#""source_key":"x""#), "Validation error: schema: Vector index can only source from #document"),
    ]

    @Test(arguments: refused)
    func schemasThatBreakARule(schema: String, message: String) {
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(#"{"name":"abc","schema":\#(schema)}"#)) } == "400 InvalidArgumentError: " + message)
    }

    static let malformed: [(String, String)] = [
        ("5", "schema: invalid type: integer `5`, expected struct Schema"),
        (#"{"defaults":{}}"#, "schema: missing field `keys`"),
        (schema(keys: #""k":5"#), "schema.keys.k: invalid type: integer `5`, expected struct ValueTypes"),
        (schema(defaults: #""int":{"int_inverted_index":{"config":{}}}"#), "schema.defaults.int.int_inverted_index: missing field `enabled`"),
        (schema(defaults: #""int":{"int_inverted_index":{"enabled":true}}"#), "schema.defaults.int.int_inverted_index: missing field `config`"),
        (schema(defaults: #""int":{"int_inverted_index":{"enabled":"x","config":{}}}"#), #"schema.defaults.int.int_inverted_index.enabled: invalid type: string "x", expected a boolean"#),
        (schema(defaults: #""int":{"int_inverted_index":{"enabled":true,"config":{"a":1}}}"#), "schema.defaults.int.int_inverted_index.config.a: unknown field `a`, there are no fields"),
        (vector(#""space":"x""#), "schema.keys.#embedding.float_list.vector_index.config.space: unknown variant `x`, expected one of `l2`, `cosine`, `ip`"),
        (vector(#""x":1"#), "schema.keys.#embedding.float_list.vector_index.config.x: unknown field `x`, expected one of `space`, `embedding_function`, `source_key`, `hnsw`, `spann`"),
    ]

    @Test(arguments: malformed)
    func schemasOfTheWrongForm(schema: String, message: String) {
        let failure = Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(#"{"name":"abc","schema":\#(schema)}"#)) }
        #expect(failure == "422 ChromaError: Failed to deserialize the JSON body into the target type: " + message)
    }

    static let ownFunction = #"{"type":"known","name":"own","config":{"dim":4}}"#
    static let defaultFunction = #"{"type":"known","name":"default","config":{}}"#
    static let keyOff = schema(keys: #""k":{"string":\#(switchedOff("string_inverted_index"))}"#)

    /// A schema, the rest of the request, and the metric and embedding function that come of both, or `nil` for a refusal.
    static let pairs: [(String, String, (Metric, String)?)] = [
        (schema(), #""configuration":{"hnsw":{"space":"cosine"},"embedding_function":\#(ownFunction)}"#, (.cosine, ownFunction)),
        (vector(#""space":"l2","embedding_function":\#(defaultFunction)"#), #""configuration":{"hnsw":{"space":"ip"}}"#, (.innerProduct, "null")),
        (vector(#""space":"cosine""#), #""configuration":{"hnsw":{"space":"l2"},"embedding_function":\#(defaultFunction)}"#, (.cosine, "null")),
        (vector(#""embedding_function":\#(ownFunction)"#), #""configuration":{"hnsw":{}}"#, (.l2, ownFunction)),
        (vector(#""space":"cosine""#), #""metadata":{"hnsw:space":"l2"}"#, (.cosine, "null")),
        (schema(), #""metadata":{"hnsw:space":"cosine"}"#, (.cosine, "null")),
        (vector(#""space":"cosine""#), #""configuration":{"hnsw":{"space":"cosine"}}"#, nil),
        (vector(#""embedding_function":\#(ownFunction)"#), #""configuration":{"embedding_function":\#(ownFunction)}"#, nil),
        (vector(#""space":"cosine""#), #""metadata":{"hnsw:space":"cosine"}"#, nil),
        (keyOff, #""configuration":{"hnsw":{"space":"cosine"}}"#, nil),
        (keyOff, #""configuration":{"embedding_function":\#(ownFunction)}"#, nil),
        (keyOff, #""configuration":{"hnsw":{"space":"l2"},"embedding_function":\#(defaultFunction)}"#, (.l2, "null")),
    ]

    @Test func eitherTheSchemaOrTheConfigurationCounts() async throws {
        try await Wire.withDatabase { database in
            for (place, (schema, rest, expected)) in Self.pairs.enumerated() {
                let body = #"{"name":"pair\#(place)","schema":\#(schema),\#(rest)}"#
                guard let (metric, function) = expected else {
                    #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(body)) } == Self.both, "\(body)")
                    continue
                }
                let collection = try await RoundTripTests.create(body, in: database)
                #expect(collection.index.metric == metric, "\(body)")
                #expect(answer(collection).contains(#""spann":null,"embedding_function":\#(function)},"schema""#), "\(body)")
            }
        }
    }

    @Test func aDistributedIndexInTheConfigurationOverridesTheMetadata() throws {
        let body = #"{"name":"abc","metadata":{"hnsw:space":"cosine"},"configuration":{"spann":{}}}"#
        #expect(try Wire.decoder().createCollection(RequestBody(body)).index.metric == .l2)
    }

    @Test func switchesAreEchoedAndKeysDiscovered() async throws {
        try await Wire.withDatabase { database in
            let text = Self.schema(
                defaults: #""float":\#(Self.switchedOff("float_inverted_index")),"float_list":{"vector_index":{"enabled":false,"config":{"space":"cosine"}}}"#,
                keys: ##""k":{"string":\##(Self.switchedOff("string_inverted_index"))},"#document":{"string":\##(Self.switchedOff("fts_index"))}"##)
            let made = try await RoundTripTests.create(#"{"name":"abc","schema":\#(text)}"#, in: database)
            let hnsw = #""hnsw":{"ef_construction":100,"max_neighbors":16,"ef_search":100,"num_threads":2,"batch_size":100,"sync_threshold":1000,"resize_factor":1.2}"#
            let defaults = #""schema":{"defaults":{"string":{"fts_index":{"enabled":false,"config":{}},"string_inverted_index":{"enabled":true,"config":{}}},"float_list":{"vector_index":{"enabled":false,"config":{"space":"cosine",\#(hnsw)}}},"sparse_vector":{"sparse_vector_index":{"enabled":false,"config":{"embedding_function":{"type":"unknown"},"bm25":false}}},"int":\#(Self.switchedOn("int_inverted_index")),"float":\#(Self.switchedOff("float_inverted_index")),"bool":\#(Self.switchedOn("bool_inverted_index"))},"#
            let own = ##""keys":{"#document":{"string":{"fts_index":{"enabled":false,"config":{}},"string_inverted_index":{"enabled":false,"config":{}}}},"#embedding":{"float_list":{"vector_index":{"enabled":true,"config":{"space":"l2","source_key":"#document",\##(hnsw)}}}},"k":{"string":\##(Self.switchedOff("string_inverted_index"))}"##
            #expect(made.index.metric == .l2)
            #expect(answer(made).contains(defaults + own + "}},\"metadata\""))

            let records = RequestBody(#"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":1,"s":["x"],"f":1.5}]}"#)
            try await database.write(try Wire.decoder().write(records, as: .add), as: .add, to: made.identifier)
            let strings = #"{"fts_index":{"enabled":false,"config":{}},"string_inverted_index":{"enabled":true,"config":{}}}"#
            let discovered = own.dropLast() + #","int":\#(Self.switchedOn("int_inverted_index"))},"s":{"string":\#(strings)},"f":{"float":\#(Self.switchedOff("float_inverted_index"))}"#
            #expect(answer(try database.collection(made.identifier)).contains(defaults + discovered + "}},\"metadata\""))

            // A change of the index leaves the switches, and is seen in both of its places.
            let change = try Wire.decoder().changeCollection(RequestBody(#"{"new_configuration":{"hnsw":{"ef_search":7}}}"#), of: made)
            try await database.changeCollection(made.identifier, change)
            let changed = answer(try database.collection(made.identifier))
            #expect(changed.contains((defaults + discovered).replacing(#""ef_search":100"#, with: #""ef_search":7"#) + "}},\"metadata\""))
        }
    }

    @Test func keysThatOldClientsMayUseDoNotClashWithReservedOnes() async throws {
        try await Wire.withDatabase { database in
            let made = try await RoundTripTests.create(#"{"name":"abc"}"#, in: database)
            let records = RequestBody(##"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"#document":"x","#embedding":1}]}"##)
            try await database.write(try Wire.decoder(Wire.named).write(records, as: .add), as: .add, to: made.identifier)
            let written = try database.collection(made.identifier)
            #expect(answer(written) == answer(made).replacing(#""dimension":null"#, with: #""dimension":1"#)
                .replacing(#""log_position":0,"version":0"#, with: #""log_position":\#(written.lastSequenceNumber.rawValue),"version":\#(written.version)"#))
        }
    }

    @Test(arguments: scalars)
    func whatIsSwitchedOffIsNotFilteredOn(type: String, name: String) async throws {
        let off = #""\#(type)":\#(Self.switchedOff(type + "_inverted_index"))"#, on = #""\#(type)":\#(Self.switchedOn(type + "_inverted_index"))"#
        let literal = Self.literals[type]!
        let comparisons = [literal, #"{"$ne":\#(literal)}"#, #"{"$in":[\#(literal)]}"#, #"{"$nin":[\#(literal)]}"#, #"{"$contains":\#(literal)}"#, #"{"$not_contains":\#(literal)}"#]
        func expected(_ key: String) -> String {
            "400 InvalidArgumentError: Cannot filter using metadata key '\(key)' with type '\(name)' because indexing is disabled"
        }
        try await Wire.withDatabase { database in
            let byKey = try await RoundTripTests.create(#"{"name":"key","schema":\#(Self.schema(keys: #""k":{\#(off)}"#))}"#, in: database)
            let byDefault = try await RoundTripTests.create(#"{"name":"default","schema":\#(Self.schema(defaults: off, keys: #""k":{\#(on)},"e":{}"#))}"#, in: database)
            for comparison in comparisons {
                let filter = #"{"where":{"$or":[{"k":\#(comparison)}]}}"#
                #expect(try refusal(filter, on: byKey) == expected("k"))
                #expect(try refusal(filter, on: byDefault) == "no error")
                #expect(try refusal(filter.replacing(#""k""#, with: #""never""#), on: byDefault) == expected("never"))
                #expect(try refusal(filter.replacing(#""k""#, with: #""e""#), on: byDefault) == expected("e"))
            }
            // Other kinds of values of the same key stay usable.
            for (other, _) in Self.scalars where other != type {
                #expect(try refusal(#"{"where":{"$and":[{"k":\#(Self.literals[other]!)},{"e":\#(Self.literals[other]!)}]}}"#, on: byKey) == "no error")
            }
        }
    }

    @Test func withoutFullTextSearchDocumentsAreNotSearched() async throws {
        try await Wire.withDatabase { database in
            let text = Self.schema(keys: ##""#document":{"string":\##(Self.switchedOff("fts_index"))}"##)
            let off = try await RoundTripTests.create(#"{"name":"abc","schema":\#(text)}"#, in: database)
            let usual = try await RoundTripTests.create(#"{"name":"usual","schema":\#(Self.schema())}"#, in: database)
            let expected = "400 InvalidArgumentError: Cannot filter using full-text search because FTS indexing is disabled"
            let filters = [
                #"{"where_document":{"$contains":"x"}}"#, #"{"where_document":{"$not_regex":"x"}}"#,
                ##"{"where":{"$and":[{"a":1},{"#document":{"$contains":"x"}}]}}"##,
            ]
            for filter in filters {
                #expect(try refusal(filter, on: off) == expected)
                #expect(try refusal(filter, on: usual) == "no error")
            }
            #expect(try refusal(#"{"where":{"a":"x"}}"#, on: off) == "no error")
            #expect(try refusal("{}", on: off) == "no error")
        }
    }

    @Test func schemasAreBounded() {
        func failure(_ schema: String) -> String { Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(#"{"name":"abc","schema":\#(schema)}"#)) } }
        let keys = (0...Limits.standard.metadataKeys).map { #""k\#($0)":{}"# }.joined(separator: ",")
        #expect(failure(Self.schema(keys: keys)).hasPrefix("400 InvalidArgumentError: Validation error: schema: 4097 keys"))
        let long = String(repeating: "k", count: Limits.standard.metadataKeyBytes + 1)
        #expect(failure(Self.schema(keys: #""\#(long)":{}"#)).hasPrefix("400 InvalidArgumentError: Validation error: schema: a key of 1025 bytes"))
        let function = #"{"type":"known","name":"own","config":{"text":"\#(String(repeating: "x", count: 1 << 20))"}}"#
        #expect(failure(Self.vector(#""embedding_function":\#(function)"#)).hasPrefix("400 InvalidArgumentError: Validation error: configuration: "))
    }
}
