import ChromaHTTP
import Testing

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("plain", "plain"), ("a%20b", "a b"), ("%C3%A9", "é"), ("%c3%A9", "é"), ("a+b", "a+b"), ("100%", "100%"), ("%zz", "%zz"), ("%4", "%4"),
        ("%2F", "/"), ("%25", "%"), ("%2525", "%25"), ("", ""),
    ])
    func pathPartsAreDecodedOnce(encoded: String, decoded: String) {
        #expect(PercentEncoding.decode(encoded[...]) == decoded)
    }

    @Test(arguments: ["%ff", "%C3", "a%80b", "%ED%A0%80"])
    func whatIsNotUTF8IsRefused(encoded: String) {
        #expect(PercentEncoding.decode(encoded[...]) == nil)
    }

    @Test func anEncodedSlashDoesNotSplitThePath() {
        #expect(RequestTarget("/api/v1/collections/a%2Fb").segments == ["api", "v1", "collections", "a%2Fb"])
    }

    @Test func queryParametersAreFoundAndDecoded() {
        let query = RequestTarget("/x?tenant=a%20b+c&empty=&flag&limit=1&limit=2").query
        #expect(query["tenant"] == "a b c")
        #expect(query["empty"] == "")
        #expect(query["flag"] == "")
        #expect(query["limit"] == "1")
        #expect(query["lim"] == nil)
        #expect(RequestTarget("/x").query["tenant"] == nil)
        #expect(RequestTarget("/x?").query["tenant"] == nil)
    }

    @Test func aQuestionMarkInTheQueryBelongsToIt() {
        #expect(RequestTarget("/x?a=b?c").query["a"] == "b?c")
    }
}
