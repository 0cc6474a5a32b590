import ChromaWire
import Engine
import Testing
import VectorModel

/// Which of two faults is reported, and the words of faults that clients tell apart: found by the comparison with Chroma 1.5.9.
@Suite struct OrderOfFaultsTests {
    static let typeError = "422 ChromaError: Failed to deserialize the JSON body into the target type: "

    /// Rules are broken at the front of these bodies and types further on.
    @Test(arguments: [
        (#"{"ids":["a","b"],"embeddings":[[1,2],[1]],"documents":-1}"#, "documents"),
        (#"{"ids":["a","b"],"embeddings":[[1,2],[[]]]}"#, "embeddings"),
        (#"{"ids":["a","b"],"embeddings":["eA==","AAAA"],"uris":{}}"#, "uris"),
        (##"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"#k":1}],"uris":7}"##, "uris"),
    ])
    func typesBeforeRulesInWrites(text: String, place: String) {
        #expect(Wire.failure { _ = try Wire.decoder().write(RequestBody(text), as: .upsert) }.hasPrefix(Self.typeError + place))
    }

    @Test(arguments: [
        (#"{"query_embeddings":[[1,2],[null]]}"#, "query_embeddings[1][0]"), (#"{"query_embeddings":[[1,2],[1]],"n_results":"x"}"#, "n_results"),
        (#"{"query_embeddings":[[1]],"where":{},"include":["x"]}"#, "include[0]"),
    ])
    func typesBeforeRulesInQueries(text: String, place: String) {
        #expect(Wire.failure { _ = try Wire.decoder().query(RequestBody(text)) }.hasPrefix(Self.typeError + place))
    }

    @Test func typesBeforeRulesInCreations() {
        let text = #"{"name":"abc","metadata":{},"configuration":{"hnsw":{"ef_search":"x"}}}"#
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(text)) }.hasPrefix(Self.typeError + "configuration.hnsw.ef_search"))
    }

    /// Of a collection that does not exist, too: the HTTP layer asks for the body's faults first.
    @Test func aChangesFaultsNeedNoCollection() {
        #expect(Wire.failure { _ = try Wire.decoder().changeCollection(RequestBody(#"{"new_name":"#), of: nil) }.hasPrefix("400 InvalidArgumentError"))
        #expect(Wire.failure { _ = try Wire.decoder().changeCollection(RequestBody(#"{"new_name":5}"#), of: nil) }.hasPrefix(Self.typeError + "new_name"))
    }

    @Test func theFirstRuleIsReportedWhenTypesAreRight() {
        let mixed = "400 InvalidArgumentError: Inconsistent dimensions in provided embeddings"
        #expect(Wire.failure { _ = try Wire.decoder().write(RequestBody(#"{"ids":["a","b"],"embeddings":[[1,2],[1]],"documents":[]}"#), as: .add) } == mixed)
        #expect(Wire.failure { _ = try Wire.decoder().query(RequestBody(#"{"query_embeddings":[[1,2],[1],[1,2]]}"#)) } == mixed)
    }

    @Test(arguments: ["null", "5", "-1", "1.5", "true", "[]", "{}", "1000000000000000000000000000000"])
    func whatCanBeNoNameIsAFaultOfSyntax(value: String) {
        let syntax = "400 InvalidArgumentError: Failed to parse the request body as JSON: "
        #expect(Wire.failure { _ = try Wire.decoder().get(RequestBody(#"{"include":[\#(value)]}"#)) }.hasPrefix(syntax + "include[0]: "))
        guard value != "null" else { return }
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(#"{"name":"abc","configuration":{"hnsw":{"space":\#(value)}}}"#)) }
            .hasPrefix(syntax + "configuration.hnsw.space: "))
    }

    @Test func repeatedPartsAreEchoed() throws {
        #expect(try Wire.decoder().get(RequestBody(#"{"include":["uris","uris"]}"#)).include.fields == [.uris, .uris])
    }

    @Test func wordsOfOneOperation() throws {
        let absent = RequestError(.databaseNotFound("d", tenant: "t"))
        #expect(WireError(absent, dialect: Wire.current, operation: .deleteDatabase).message == "Database [d] not found")
        #expect(WireError(absent, dialect: Wire.current).message == "Database [d] not found. Are you sure it exists?")
        let identifier = CollectionIdentifier.random()
        #expect(WireError(RequestError(.collectionIdentifierNotFound(identifier)), dialect: Wire.current, operation: .getCollection).message
            == "Collection [\(identifier)] does not exist")
        #expect(Wire.failure { _ = try Wire.decoder().collectionIdentifier("x", for: .getCollection) }
            == "400 InvalidArgumentError: Validation error: collection_id: Invalid collection ID format, expected UUID")
        #expect(Wire.failure { _ = try Wire.decoder().databaseName("ab") } == "400 InvalidArgumentError: database name must be at least 3 characters")
        #expect(try Wire.decoder(Wire.named).databaseName("ab") == "ab")
        let pattern = WireError(RequestError(.invalidPattern(problem: "missing )")), dialect: Wire.current)
        #expect(pattern.description == "400 InvalidArgumentError: Regex syntax errror: missing )")
    }

    @Test func anEmptyListRemovesItsKeyWhereNullsDo() throws {
        let body = #"{"ids":["a"],"embeddings":[[1]],"metadatas":[{"k":[],"m":1}]}"#
        let kept = MetadataField(key: "m", value: .integer(1))
        let removed = MetadataField(key: "k", value: nil)
        #expect(try Wire.decoder().write(RequestBody(body), as: .upsert).metadatas?[0]?.fields == [removed, kept])
        #expect(try Wire.decoder().write(RequestBody(body), as: .add).metadatas?[0]?.fields == [kept])
    }
}
