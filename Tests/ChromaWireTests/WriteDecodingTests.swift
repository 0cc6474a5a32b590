import ChromaWire
import Engine
import Testing
import VectorModel

@Suite struct WriteDecodingTests {
    static func batch(_ text: String, _ kind: WriteKind = .add, _ dialect: Dialect = Wire.current) throws -> RecordBatch {
        try Wire.decoder(dialect).write(RequestBody(text), as: kind)
    }

    @Test(arguments: [#"[[1,2.5],[-3e-1,0]]"#, #"["AACAPwAAIEA=","mpmZvgAAAAA="]"#])
    func bothFormsOfEmbeddings(embeddings: String) throws {
        let batch = try Self.batch(#"{"ids":["a","b"],"embeddings":\#(embeddings),"documents":["x",null],"uris":null,"metadatas":[{"k":1},{}]}"#)
        #expect(batch.identifiers == ["a", "b"])
        #expect(batch.embeddings?.dimension == 2)
        #expect(batch.embeddings?.values == [1, 2.5, -0.3, 0])
        #expect(batch.embeddings?.presence == nil)
        #expect(batch.documents == ["x", nil])
        #expect(batch.uris == nil)
        #expect(batch.metadatas == [Metadata(["k": .integer(1)]), nil])
    }

    @Test func metadataTypes() throws {
        let text = #"{"s":"x","i":-7,"f":1.0,"b":true,"big":9223372036854775808,"huge":123456789012345678901234567890,"l":[1,2],"m":[1,2.5],"t":["a"],"e":[]}"#
        let metadata = try #require(try Self.batch(#"{"ids":["a"],"embeddings":[[1]],"metadatas":[\#(text)]}"#).metadatas?[0])
        #expect(metadata == Metadata([
            "s": .string("x"), "i": .integer(-7), "f": .float(1), "b": .boolean(true), "big": .float(9_223_372_036_854_775_808),
            "huge": .float(1.2345678901234568e29), "l": .integers([1, 2]), "m": .floats([1, 2.5]), "t": .strings(["a"]),
        ]))
    }

    static let refused: [(WriteKind, String, String)] = [
        (.add, "{}", "422 ChromaError: Failed to deserialize the JSON body into the target type: missing field `ids`"),
        (.add, #"{"ids":["a"]}"#, "422 ChromaError: Failed to deserialize the JSON body into the target type: missing field `embeddings`"),
        (.upsert, #"{"ids":["a"],"embeddings":[null]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: embeddings: data did not match any variant of untagged enum EmbeddingsPayload"),
        (.add, #"{"ids":[1],"embeddings":[[1]]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: ids[0]: invalid type: integer `1`, expected a string"),
        (.add, #"{"ids":["a"],"ids":["b"],"embeddings":[[1]]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: duplicate field `ids`"),
        (.add, #"{"ids":["a"],"embeddings":[[]]}"#, "400 InvalidArgumentError: Validation error: embeddings: Each embedding must have at least 1 dimension"),
        (.add, #"{"ids":["a"],"embeddings":[[1e39]]}"#,
         "400 InvalidArgumentError: Validation error: embeddings: Embeddings must not contain NaN or Infinity values"),
        (.add, #"{"ids":["a","b"],"embeddings":[[1],[1,2]]}"#, "400 InvalidArgumentError: Inconsistent dimensions in provided embeddings"),
        (.add, #"{"ids":["a","b"],"embeddings":[[1]]}"#,
         "400 InvalidArgumentError: Inconsistent number of IDs, embeddings, documents, URIs and metadatas"),
        (.add, #"{"ids":[""],"embeddings":[[1]]}"#, "400 InvalidArgumentError: Empty ID, ID must have at least one character"),
        (.add, #"{"ids":["a"],"embeddings":["!!"]}"#, "400 InvalidArgumentError: Invalid base64 string: Invalid symbol 33, offset 0."),
        (.add, #"{"ids":["a"],"embeddings":["AACAPwAAgD8"]}"#, "400 InvalidArgumentError: Invalid base64 string: Invalid padding"),
        (.add, #"{"ids":["a"],"embeddings":["AAAA"]}"#,
         "400 InvalidArgumentError: Invalid byte length: 3 bytes cannot be converted to f32 values (must be divisible by 4)"),
        (.add, #"{"ids":["a"],"embeddings":["AADAfwAAgD8="]}"#, "400 InvalidArgumentError: Non-finite float value at embedding index 0: NaN"),
        (.add, #"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"a":null}]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: metadatas[0].a: data did not match any variant of untagged enum MetadataValue"),
        (.add, ##"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"#a":1}]}"##, "400 InvalidArgumentError: Validation error: metadatas: Invalid metadata at index 0"),
        (.add, #"{"ids":["a","a"],"embeddings":[[1],[2]]}"#, "400 DuplicateID: Expected IDs to be unique, found duplicates of: a"),
    ]

    @Test(arguments: refused)
    func refusals(kind: WriteKind, text: String, expected: String) {
        #expect(Wire.failure { _ = try Self.batch(text, kind) } == expected)
    }

    @Test func updatesHaveGaps() throws {
        let batch = try Self.batch(#"{"ids":["a","b"],"embeddings":[null,[1,2]],"metadatas":[{"k":null},null]}"#, .update)
        #expect(batch.embeddings?.presence == [false, true])
        #expect(batch.metadatas == [Metadata(fields: [MetadataField(key: "k", value: nil)]), nil])
        #expect(try Self.batch(#"{"ids":["a"]}"#, .update).embeddings == nil)
    }

    @Test func repeatedRowsOfAnUpsertAreJoined() throws {
        let batch = try Self.batch(
            #"{"ids":["a","b","a"],"embeddings":[[1],[2],[3]],"documents":["x","y",null],"metadatas":[{"k":1,"l":1},null,{"k":null}]}"#, .upsert)
        #expect(batch.identifiers == ["a", "b"])
        #expect(batch.embeddings?.values == [3, 2])
        #expect(batch.documents == ["x", "y"])
        #expect(batch.metadatas?[0]?["l"] == .integer(1))
        #expect(batch.metadatas?[0]?.fields.contains(MetadataField(key: "k", value: nil)) == true)
    }

    @Test func version1IsLenient() throws {
        let batch = try Self.batch(#"{"ids":["a"],"documents":["d"],"metadatas":[{"a":null,"n":{"x":1},"k":1}]}"#, .add, Wire.representation)
        #expect(batch.embeddings == nil)
        #expect(batch.metadatas == [Metadata(["k": .integer(1)])])
    }

    @Test func emptyBatches() throws {
        #expect(try Self.batch(#"{"ids":[],"embeddings":[]}"#).count == 0)
    }
}
