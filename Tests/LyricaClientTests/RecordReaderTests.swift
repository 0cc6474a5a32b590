import LyricaClient
import Testing

@Suite struct RecordReaderTests {
    private func read(_ text: String, embedding: [Float]? = nil, fields: FieldNames = FieldNames()) -> Result<IngestRecord, RowProblems> {
        RecordReader(fields: fields).record(from: Line(number: 7, bytes: Array(text.utf8), endOffset: 0), embedding: embedding)
    }

    private func kinds(_ text: String, embedding: [Float]? = nil) -> [RowProblemKind] {
        switch read(text, embedding: embedding) {
        case .success: []
        case .failure(let problems): problems.list.map(\.kind)
        }
    }

    @Test func readsAWholeRow() throws {
        let record = try read(
            #"{"id":"a","document":"text","metadata":{"k":1,"l":["x"],"n":null},"uri":"u","embedding":[1,2.5],"other":{}}"#
        ).get()
        #expect(record.row == 7)
        #expect(record.id == "a")
        #expect(record.document == "text")
        #expect(record.uri == "u")
        #expect(record.embedding == [1, 2.5])
        #expect(record.metadata?.members.map(\.key) == ["k", "l", "n"])
    }

    @Test func takesOtherFieldNamesAndVectorsFromAFile() throws {
        let fields = FieldNames(id: "key", document: "text", metadata: "meta")
        let record = try read(#"{"key":"a","text":"t","meta":{"p":true},"id":5}"#, embedding: [3], fields: fields).get()
        #expect(record.id == "a")
        #expect(record.document == "t")
        #expect(record.metadata?["p"] == .bool(true))
        #expect(record.embedding == [3])
    }

    @Test func nullMeansAbsent() throws {
        let record = try read(#"{"id":"a","document":null,"metadata":null,"uri":null,"embedding":null}"#, embedding: [1]).get()
        #expect(record.document == nil)
        #expect(record.metadata == nil)
        #expect(record.uri == nil)
    }

    @Test func namesWhatIsWrong() {
        #expect(kinds("not json") == [.syntax])
        #expect(kinds("[1]") == [.syntax])
        #expect(kinds("{}", embedding: [1]) == [.id])
        #expect(kinds(#"{"id":5}"#, embedding: [1]) == [.id])
        #expect(kinds(#"{"id":""}"#, embedding: [1]) == [.id])
        #expect(kinds(#"{"id":"a","document":5,"uri":[],"metadata":"m"}"#, embedding: [1]) == [.document, .uri, .metadata])
        #expect(kinds(#"{"id":"a"}"#) == [.embedding])
        #expect(kinds(#"{"id":"a","embedding":[1]}"#, embedding: [1]) == [.embedding])
        #expect(kinds(#"{"id":"a","embedding":[]}"#) == [.embedding])
        #expect(kinds(#"{"id":"a","embedding":"AAAA"}"#) == [.embedding])
        #expect(kinds(#"{"id":"a","embedding":[1,null]}"#) == [.embedding])
        #expect(kinds(#"{"id":"a","embedding":[1,NaN]}"#) == [.notFinite])
        #expect(kinds(#"{"id":"a","embedding":[1e39]}"#) == [.notFinite])
        #expect(kinds(#"{"id":"a"}"#, embedding: [1, -.infinity]) == [.notFinite])
    }

    @Test(arguments: [
        #"{"":1}"#, ##"{"#k":1}"##, #"{"chroma:document":"x"}"#, #"{"k":{}}"#, #"{"k":[]}"#, #"{"k":[1,"a"]}"#, #"{"k":[1,2.5]}"#, #"{"k":[[1]]}"#,
        #"{"k":[null]}"#, #"{"k":NaN}"#, #"{"k":[1.5,NaN]}"#, #"{"k":1,"k":2}"#, #"{"k":{"indices":[1],"values":[1]}}"#,
        ##"{"k":{"#type":"sparse_vector","indices":[1]}}"##, ##"{"k":{"#type":"sparse_vector","indices":[1,2],"values":[1]}}"##,
        ##"{"k":{"#type":"sparse_vector","indices":[2,2],"values":[1,1]}}"##, ##"{"k":{"#type":"sparse_vector","indices":[-1],"values":[1]}}"##,
        ##"{"k":{"#type":"sparse_vector","indices":[1],"values":[1e39]}}"##,
        ##"{"k":{"#type":"sparse_vector","indices":[1],"values":[1],"tokens":[]}}"##,
    ]) func refusesMetadata(metadata: String) {
        #expect(kinds(#"{"id":"a","metadata":\#(metadata)}"#, embedding: [1]) == [.metadata])
    }

    @Test(arguments: [
        ##"{"k":{"#type":"sparse_vector","indices":[],"values":[]}}"##,
        ##"{"k":{"#type":"sparse_vector","indices":[0,4294967295],"values":[1,-0.5]}}"##,
        ##"{"k":{"#type":"sparse_vector","indices":[7],"values":[1],"tokens":["é"]}}"##,
    ]) func takesSparseVectors(metadata: String) {
        guard case .success(let record) = read(#"{"id":"a","metadata":\#(metadata)}"#, embedding: [1]) else {
            Issue.record("refused")
            return
        }
        #expect(record.metadata?["k"]?.object != nil)
    }

    @Test func messagesHoldNoTextsAndNoComponents() {
        let secret = "secret-words-of-a-document"
        for text in [#"{"id":["\#(secret)"]}"#, #"{"id":"a","document":{"\#(secret)":1}}"#, #"{"id":"a","metadata":{"k":{"\#(secret)":1}}}"#, secret] {
            guard case .failure(let problems) = read(text, embedding: [.nan]) else {
                Issue.record("accepted")
                continue
            }
            #expect(!problems.list.map(\.message).joined().contains(secret))
        }
    }
}
