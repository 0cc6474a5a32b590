import ChromaWire
import Engine
import Testing
import VectorModel

/// Sparse vectors in the form of Chroma's clients, and schemas that index them.
@Suite struct SparseVectorTests {
    static func batch(_ value: String, _ kind: WriteKind = .add, _ dialect: Dialect = Wire.current) throws -> RecordBatch {
        try Wire.decoder(dialect).write(RequestBody(#"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":1,"v":\#(value)}]}"#), as: kind)
    }

    static func vector(_ rest: String) -> String { ##"{"#type":"sparse_vector",\##(rest)}"## }

    static let accepted: [(String, SparseVector?)] = [
        (vector(#""indices":[0,2,4294967295],"values":[0.1,-5,9e-1]"#), try? SparseVector(indices: [0, 2, .max], values: [0.1, -5, 0.9])),
        (vector(#""values":[1,2],"indices":[3,4],"tokens":["é",""]"#), try? SparseVector(indices: [3, 4], values: [1, 2], labels: ["é", ""])),
        (vector(#""indices":[3],"values":[1],"tokens":null"#), try? SparseVector(indices: [3], values: [1])),
        (#"{"indices":[3],"values":[1]}"#, try? SparseVector(indices: [3], values: [1])),
        (vector(#""indices":[],"values":[]"#), try? SparseVector(indices: [], values: [])),
    ]

    @Test(arguments: accepted)
    func whatClientsSend(text: String, expected: SparseVector?) throws {
        let expected = try #require(expected)
        for kind in [WriteKind.add, .update, .upsert] {
            #expect(try Self.batch(text, kind).metadatas?[0] == Metadata(["k": .integer(1), "v": .sparse(expected)]))
        }
        // Version 1 knows no objects as values and leaves them out.
        #expect(try Self.batch(text, .add, Wire.representation).metadatas?[0] == Metadata(["k": .integer(1)]))
    }

    static let rule = "400 InvalidArgumentError: Validation error: metadatas[0].v"

    static let refused: [(String, String)] = [
        (vector(#""indices":[1]"#), rule + ": has no list values; a sparse vector has indices and values"),
        (vector(#""indices":5,"values":[]"#), rule + ": has no list indices; a sparse vector has indices and values"),
        (vector(#""indices":[1,2],"values":[1]"#), rule + ": has 2 indices and 1 values; a sparse vector has as many of both"),
        (vector(#""indices":[1],"values":[1],"tokens":[]"#), rule + ": has 1 indices and 0 tokens; a sparse vector has as many of both, or no tokens"),
        (vector(#""indices":[1,1],"values":[1,2]"#), rule + ": has an index at position 1 that is not above the one before; indices ascend strictly, none twice"),
        (vector(#""indices":[2,1],"values":[1,2]"#), rule + ": has an index at position 1 that is not above the one before; indices ascend strictly, none twice"),
        (vector(#""indices":[-1],"values":[1]"#), rule + ".indices[0]: is not a whole number from 0 to 4294967295"),
        (vector(#""indices":[0,4294967296],"values":[1,1]"#), rule + ".indices[1]: is not a whole number from 0 to 4294967295"),
        (vector(#""indices":[1.0],"values":[1]"#), rule + ".indices[0]: is not a whole number from 0 to 4294967295"),
        (vector(#""indices":[1],"values":[null]"#), rule + ".values[0]: is not a number"),
        (vector(#""indices":[1],"values":[true]"#), rule + ".values[0]: is not a number"),
        (vector(#""indices":[1,2],"values":[0,1e39]"#), rule + ": has NaN or a number beyond 32-bit floats at position 1 of its values"),
        (vector(#""indices":[1],"values":[1],"tokens":[1]"#), rule + ".tokens[0]: is not a string"),
        (##"{"#type":"other","indices":[1],"values":[1]}"##,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: metadatas[0].v: data did not match any variant of untagged enum MetadataValue"),
        (#"{"values":[1]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: metadatas[0].v: data did not match any variant of untagged enum MetadataValue"),
    ]

    @Test(arguments: refused)
    func refusals(text: String, expected: String) {
        #expect(Wire.failure { _ = try Self.batch(text) } == expected)
    }

    @Test func vectorsAreBounded() {
        func text(_ count: Int) -> String {
            let indices = (0..<count).map(String.init).joined(separator: ",")
            return Self.vector(#""indices":[\#(indices)],"values":[\#(Array(repeating: "1", count: count).joined(separator: ","))]"#)
        }
        #expect(Wire.failure { _ = try Self.batch(text(65_536)) } == "no error")
        #expect(Wire.failure { _ = try Self.batch(text(65_537)) }.hasSuffix("has a sparse vector of 65537 indices; the limit is 65536"))
    }

    @Test func aCollectionHasNone() {
        let text = #"{"name":"abc","metadata":{"v":\#(Self.vector(#""indices":[1],"values":[1]"#))}}"#
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(text)) }
            == "501 ChromaError: Unimplemented: the metadata of a collection has no sparse vectors: v")
    }

    @Test func theyComeBackAsWritten() async throws {
        try await Wire.withDatabase { database in
            let collection = try await RoundTripTests.create(#"{"name":"abc"}"#, in: database)
            let text = Self.vector(#""indices":[0,2,4294967295],"values":[0.1,-5.0,0.0],"tokens":["é","\"",""]"#)
            try await database.write(try Self.batch(text), as: .add, to: collection.identifier)
            func stored() async throws -> String {
                let get = try Wire.decoder().get(RequestBody(#"{"include":["metadatas"]}"#))
                return Wire.text(ResponseEncoder(dialect: Wire.current).get(try await database.get(get.request, from: collection.identifier), include: get.include))
            }
            #expect(try await stored().contains(#""metadatas":[{"k":1,"v":\#(text)}]"#))
            let short = Self.vector(#""indices":[7],"values":[1.5]"#)
            try await database.write(try Self.batch(short, .update), as: .update, to: collection.identifier)
            #expect(try await stored().contains(#""metadatas":[{"k":1,"v":\#(short)}]"#))
            // The key shows in the schema, with the index that keys of no schema have.
            let schema = Wire.text(ResponseEncoder(dialect: Wire.current).collection(try database.collection(collection.identifier)))
            #expect(schema.contains(#""v":{"sparse_vector":{"sparse_vector_index":{"enabled":false,"config":{"embedding_function":{"type":"unknown"},"bm25":false}}}}"#))
        }
    }

    // MARK: Schemas

    static func index(_ config: String, enabled: Bool = true) -> String { #"{"sparse_vector":{"sparse_vector_index":{"enabled":\#(enabled),"config":{\#(config)}}}}"# }

    static let function = #""embedding_function":{"name":"f","type":"known","config":{"a":[1]}}"#

    static let schemas: [(String, String)] = [
        (#""k":\#(index(#""embedding_function":{"type":"unknown"}"#))"#, "no error"),
        (#""k":\#(index(function + ##","source_key":"#document","bm25":true"##))"#, "no error"),
        (#""k":\#(index(function + #","source_key":"text","algorithm":"wand""#)),"l":\#(index("", enabled: false))"#, "no error"),
        (#""k":\#(index(#""source_key":"text""#))"#,
         "400 InvalidArgumentError: Validation error: schema: If source_key is provided then embedding_function must also be provided since there is no default embedding function."),
        (#""k":\#(index(function + ##","source_key":"#embedding""##))"#,
         "400 InvalidArgumentError: Validation error: schema: source_key cannot begin with '#'. The only valid key starting with '#' is Key.DOCUMENT or '#document'."),
        (#""k":\#(index("")),"l":\#(index(""))"#,
         #"400 InvalidArgumentError: Validation error: schema: At most one sparse vector index is allowed for the collection: ["k", "l"]"#),
        (#""k":\#(index(#""bm25":1"#))"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: schema.keys.k.sparse_vector.sparse_vector_index.config.bm25: invalid type: integer `1`, expected a boolean"),
        (#""k":\#(index(#""source_key":1"#))"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: schema.keys.k.sparse_vector.sparse_vector_index.config.source_key: invalid type: integer `1`, expected a string"),
        (#""k":\#(index(#""embedding_function":{"type":"x"}"#))"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: schema.keys.k.sparse_vector.sparse_vector_index.config.embedding_function.type: unknown variant `x`, expected one of `legacy`, `known`, `unknown`"),
        (##""#document":\##(index(""))"##,
         "400 InvalidArgumentError: Validation error: schema: Document field cannot have any value types other than string: #document"),
    ]

    @Test(arguments: schemas)
    func schemasWithAnIndex(keys: String, expected: String) {
        let text = #"{"name":"abc","schema":\#(SchemaTests.schema(keys: keys))}"#
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(text)) } == expected)
    }

    @Test func anIndexIsEchoedAndItsKeysStayUsable() async throws {
        try await Wire.withDatabase { database in
            let own = Self.index(Self.function + ##","source_key":"#document","bm25":true"##)
            let text = #"{"name":"abc","schema":\#(SchemaTests.schema(keys: #""v":\#(own),"k":{"int":\#(SchemaTests.switchedOff("int_inverted_index"))}"#))}"#
            let made = try await RoundTripTests.create(text, in: database)
            func answer() throws -> String { Wire.text(ResponseEncoder(dialect: Wire.current).collection(try database.collection(made.identifier))) }
            #expect(try answer().contains(#""v":\#(own),"k":{"int":"#))
            try await database.write(try Self.batch(Self.vector(#""indices":[1],"values":[1]"#)), as: .add, to: made.identifier)
            #expect(try answer().contains(#""v":\#(own),"k":{"int":"#))
            let selector = try Wire.decoder().get(RequestBody(#"{"where":{"k":1}}"#)).request.selector
            #expect(Wire.failure { try Wire.decoder().checkFilters(selector, on: try database.collection(made.identifier)) }
                == "400 InvalidArgumentError: Cannot filter using metadata key 'k' with type 'Int' because indexing is disabled")
        }
    }
}
