import ChromaWire
import Engine
import Filtering
import Testing
import TextSearch
import VectorModel

/// Searches as the client sends them, and what is wrong with others.
@Suite struct SearchDecodingTests {
    private static let dense = RankExpression.leaf(RankLeaf(.dense([0.5, -1, 2], SearchOverrides())))

    private func decode(_ body: String) throws -> [SearchRequest] { try Wire.decoder().search(RequestBody(body)).batch.searches }

    private func single(_ body: String) throws -> SearchRequest {
        let searches = try decode(body)
        #expect(searches.count == 1)
        return searches[0]
    }

    @Test func theEmptySearchAsksForIdsOnly() throws {
        let search = try single(SearchBodies.nothing)
        #expect(search.selector.isUnrestricted && search.rank == nil && search.grouping == nil)
        #expect(search.limit == nil && search.offset == 0 && search.fields == [])
        #expect(try single(#"{"searches":[{}]}"#).rank == nil)
        #expect(try single(#"{"searches":[{"filter":{},"rank":{},"group_by":null,"limit":null,"select":null}],"read_level":null}"#).rank == nil)
        #expect(try decode(#"{"searches":[]}"#).isEmpty)
    }

    @Test func everyPartIsRead() throws {
        let search = try single(SearchBodies.everything)
        #expect(search.selector.metadata == .all([
            .compare(key: "genre", .equal(.string("psalm"))), .compare(key: "verse", .greaterOrEqual(.integer(10))),
        ]))
        #expect(search.rank == .leaf(RankLeaf(.dense([0.5, -1, 2], SearchOverrides()), limit: 100)))
        #expect(search.limit == 5 && search.offset == 2)
        #expect(search.fields == [.document, .vector, .metadata])
        #expect(try decode(SearchBodies.batch).map(\.limit) == [nil, nil, 3])
        #expect(try decode(SearchBodies.batch).map(\.rank) == [Self.dense, .value(2), nil])
    }

    @Test func idsThatAllRecordsMustBeAreLookedUp() throws {
        let search = try single(SearchBodies.identifiers)
        #expect(search.selector.identifiers == ["a", "b"])
        #expect(search.selector.metadata == .all([.compare(key: "genre", .equal(.string("psalm"))), .document(.contains("shepherd"))]))
        func selector(_ filter: String) throws -> RecordSelector { try single(#"{"searches":[{"filter":\#(filter)}]}"#).selector }
        #expect(try selector(##"{"#id":"a"}"##) == RecordSelector(identifiers: ["a"]))
        #expect(try selector(##"{"$and":[{"#id":{"$eq":"a"}},{"b":1}]}"##)
            == RecordSelector(identifiers: ["a"], metadata: .compare(key: "b", .equal(.integer(1)))))
        // What not every record must pass stays a condition.
        #expect(try selector(##"{"$or":[{"#id":"a"},{"b":1}]}"##).identifiers == nil)
        #expect(try selector(##"{"#id":{"$nin":["a"]}}"##).identifiers == nil)
    }

    @Test func operatorsBecomeAnExpression() throws {
        let sparse = RankExpression.leaf(
            RankLeaf(.sparse(try SparseVector(indices: [1, 7, 40], values: [0.5, 1.5, -2]), key: "sparse"), limit: 40, missing: 9.5))
        let inner = RankExpression.difference(.sum([.product([Self.dense, .value(0.75)]), .quotient(sparse, .value(4))]), .value(1))
        #expect(try single(SearchBodies.arithmetic).rank == .maximum([
            .minimum([.absolute(.logarithm(.exponential(inner))), .value(3)]), .product([.value(-1), Self.dense]),
        ]))
    }

    @Test func fusionArrivesAsArithmetic() throws {
        let vector = RankExpression.leaf(RankLeaf(.dense([0.5, -1, 2], SearchOverrides()), limit: 20, countsPositions: true))
        let words = RankExpression.leaf(RankLeaf(
            .sparse(try SparseVector(indices: [1, 7, 40], values: [0.5, 1.5, -2], labels: ["a", "b", "c"]), key: "sparse"), limit: 20,
            countsPositions: true))
        func term(_ weight: Double, _ leaf: RankExpression) -> RankExpression { .quotient(.value(weight), .sum([.value(60), leaf])) }
        #expect(try single(SearchBodies.fusion).rank == .product([.value(-1), .sum([term(0.75, vector), term(0.25, words)])]))
    }

    @Test func groupsAreRead() throws {
        #expect(try single(SearchBodies.groups).grouping
            == SearchGrouping(by: ["genre", "year"], keep: 2, .smallest, of: [.metadata("priority"), .score]))
        #expect(try single(SearchBodies.largest).grouping == SearchGrouping(by: ["genre"], keep: 1, .largest, of: [.metadata("year")]))
    }

    @Test func fieldsOfThisServer() throws {
        let body = #"""
            {"searches":[{"rank":{"$sum":[{"$knn":{"query":[[1,2]],"exact":true,"ef_search":50}},
            {"$bm25":{"query":"two words","limit":5,"default":null,"return_rank":true,
            "options":{"k1":1.5,"b":0,"language":"english"}}}]}}],"timeout_ms":50}
            """#
        let words = WordQuery("two words", language: DocumentLanguage(.english))
        let now = ContinuousClock.now
        let decoded = try Wire.decoder().search(RequestBody(body), now: now)
        #expect(decoded.batch.deadline == now.advanced(by: .milliseconds(50)))
        #expect(decoded.batch.searches.map(\.rank) == [.sum([
            .leaf(RankLeaf(.dense([1, 2], SearchOverrides(exact: true, efSearch: 50)))),
            .leaf(RankLeaf(.words(words, try BM25Parameters(k1: 1.5, b: 0)), limit: 5, countsPositions: true)),
        ])])
    }

    /// A language that is not named is the collection's, whatever that is; none is one of its own.
    @Test func wordsAreOfTheLanguageThatIsNamed() throws {
        for (options, language) in [
            ("{}", nil), (#"{"language":null}"#, nil), (#"{"language":"none"}"#, .any), (#"{"language":"german"}"#, DocumentLanguage(.german)),
        ] as [(String, DocumentLanguage?)] {
            let leaf = RankLeaf(.words(WordQuery("x", language: language), .standard))
            #expect(try single(#"{"searches":[{"rank":{"$bm25":{"query":"x","options":\#(options)}}}]}"#).rank == .leaf(leaf))
        }
    }

    @Test(arguments: [
        ("1", "expected an object with exactly one operator, got integer `1`"),
        (#"{"$val":1,"$abs":{"$val":1}}"#, "got 2 names"),
        (#"{"$pow":2}"#, "searches[0].rank.$pow: is no operator"),
        (#"{"$val":"x"}"#, "$val: expected a number, got string \"x\""),
        (#"{"$sum":[]}"#, "$sum: expected a list of rank expressions that is not empty"),
        (#"{"$sum":[{"$val":1},{"$val":null}]}"#, "$sum[1].$val: expected a number, got null"),
        (#"{"$sub":{"left":{"$val":1}}}"#, "$sub: expected an object with 'left' and 'right'"),
        (#"{"$div":[1,2]}"#, "$div: expected an object with 'left' and 'right'"),
        (#"{"$knn":{}}"#, "$knn.query: is missing"),
        (#"{"$knn":{"query":"some text"}}"#, "$knn.query: is a text; the client must embed it"),
        (#"{"$knn":{"query":[]}}"#, "$knn.query: has 0 numbers"),
        (#"{"$knn":{"query":[1,"x"]}}"#, "$knn.query[1]: expected a number"),
        (#"{"$knn":{"query":[1e300]}}"#, "must not have NaN or Infinity"),
        (#"{"$knn":{"query":[1],"key":"words"}}"#, "$knn.key: a dense query searches #embedding, not 'words'"),
        (#"{"$knn":{"query":{"indices":[1],"values":[1]}}}"#, "$knn.query: a sparse query needs the key"),
        (#"{"$knn":{"query":{"indices":[2,1],"values":[1,1]},"key":"words"}}"#, "$knn.query: has an index at position 1"),
        (#"{"$knn":{"query":[1],"limit":0}}"#, "$knn.limit: must be from 1 to 100000, got 0"),
        (#"{"$knn":{"query":[1],"limit":100001}}"#, "$knn.limit: must be from 1 to 100000, got 100001"),
        (#"{"$knn":{"query":[1],"default":"x"}}"#, "$knn.default: expected a number"),
        (#"{"$knn":{"query":[1],"nprobe":0}}"#, "nprobe: must be from"),
        (#"{"$bm25":{}}"#, "$bm25.query: is missing"),
        (#"{"$bm25":{"query":"x","options":{"b":2}}}"#, "$bm25.options.b: must be a number from 0 to 1"),
        (#"{"$bm25":{"query":"x","options":{"language":"klingon"}}}"#, "$bm25.options.language: must be one of none, arabic, "),
    ])
    func wrongExpressionsAreNamed(rank: String, problem: String) {
        let failure = Wire.failure { _ = try decode(#"{"searches":[{"rank":\#(rank)}]}"#) }
        #expect(failure.hasPrefix("400 InvalidArgumentError: Validation error: ") && failure.contains(problem), "\(failure)")
    }

    @Test(arguments: [
        (##"{"group_by":{"keys":["a"]}}"##, "group_by.aggregate: is missing"),
        (##"{"group_by":{"keys":[],"aggregate":{"$min_k":{"keys":["#score"],"k":1}}}}"##, "group_by.keys: expected a list of 1 to 16"),
        (##"{"group_by":{"keys":["a"],"aggregate":{"$avg":{}}}}"##, "group_by.aggregate: expected one of $min_k, $max_k"),
        (##"{"group_by":{"keys":["a"],"aggregate":{"$min_k":{"keys":["#score"],"k":0}}}}"##, "$min_k.k: expected a whole number of at least 1"),
        (##"{"group_by":{"keys":["#document"],"aggregate":{"$min_k":{"keys":["#score"],"k":1}}}}"##, "'#document' is no key of the metadata"),
        (##"{"group_by":{"keys":["a"],"aggregate":{"$max_k":{"keys":["#id"],"k":1}}}}"##, "$max_k.keys: '#id' is no key of the metadata"),
        (##"{"select":{"keys":["#uri"]}}"##, "select: '#uri' is neither a key of the metadata nor one of #id"),
        (##"{"filter":{"$nor":[]}}"##, "Invalid where clause"),
    ])
    func otherWrongPartsAreNamed(search: String, problem: String) {
        let failure = Wire.failure { _ = try decode(#"{"searches":[\#(search)]}"#) }
        #expect(failure.hasPrefix("400 InvalidArgumentError: ") && failure.contains(problem), "\(failure)")
    }

    @Test(arguments: [
        (#"{}"#, "missing field `searches`"),
        (#"{"searches":1}"#, "searches: invalid type: integer `1`"),
        (#"{"searches":[1]}"#, "searches[0]: invalid type"),
        (#"{"searches":[{"limit":{"limit":-1}}]}"#, "limit.limit: invalid value"),
        (#"{"searches":[],"read_level":"all"}"#, "read_level: unknown variant `all`, expected one of `index_and_wal`"),
    ])
    func wrongTypesAreNamed(body: String, problem: String) {
        let failure = Wire.failure { _ = try decode(body) }
        #expect(failure.hasPrefix("422 ") && failure.contains(problem), "\(failure)")
    }

    @Test func depthAndSizeAreBounded() {
        func failure(_ rank: String) -> String { Wire.failure { _ = try decode(#"{"searches":[{"rank":\#(rank)}]}"#) } }
        let deep = String(repeating: #"{"$abs":"#, count: 64) + #"{"$val":1}"# + String(repeating: "}", count: 64)
        #expect(failure(deep).contains("nested deeper than 64 levels"))
        let wide = #"{"$sum":["# + Array(repeating: #"{"$val":1}"#, count: 1_024).joined(separator: ",") + "]}"
        #expect(failure(wide).contains("more than 1024 operators"))
        let many = #"{"searches":["# + Array(repeating: "{}", count: 1_001).joined(separator: ",") + "]}"
        #expect(Wire.failure { _ = try decode(many) }.contains("1001 searches are more than the 1000 allowed"))
    }
}
