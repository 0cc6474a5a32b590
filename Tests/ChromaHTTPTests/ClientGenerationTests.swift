import ChromaHTTP
import ChromaWire
import HTTPTypes
import Testing

@Suite struct ClientGenerationTests {
    private func shape(_ version: APIVersion, _ userAgent: String?, header: String? = nil, target: String = "/x") -> CollectionShape {
        var headers = HTTPFields()
        headers[.userAgent] = userAgent
        headers[ClientGeneration.shapeHeader] = header
        return ClientGeneration.dialect(version: version, headers: headers, query: RequestTarget(target).query).shape
    }

    @Test func pathAndUserAgentDecide() {
        #expect(shape(.v1, "python-requests/2.31.0", target: "/x?tenant=default_tenant") == .v1Minimal)
        #expect(shape(.v1, "python-requests/2.31.0") == .v1Oldest, "clients up to 0.4.14 name no tenant")
        #expect(shape(.v1, "python-httpx/0.27.0") == .v1Full)
        #expect(shape(.v1, "curl/8.5.0") == .v1Full)
        #expect(shape(.v1, nil) == .v1Full)
        #expect(shape(.v2, "python-httpx/0.27.0") == .v2Legacy)
        #expect(shape(.v2, "Chroma Python Client v1.5.9 (https://github.com/chroma-core/chroma)") == .v2Current)
        #expect(shape(.v2, "node") == .v2Current)
        #expect(shape(.v2, nil) == .v2Current)
    }

    @Test func aScriptMaySayWhichShapeItWants() {
        #expect(shape(.v2, "python-httpx/0.27.0", target: "/x?shape=v1.0") == .v2Current)
        #expect(shape(.v2, "python-httpx/0.27.0", header: "v1.0") == .v2Current)
        #expect(shape(.v2, nil, header: "v1.0", target: "/x?shape=v0.6") == .v2Current, "the header wins")
        #expect(shape(.v2, "python-httpx/0.27.0", target: "/x?shape=bogus") == .v2Legacy)
    }

    @Test func unknownPathsBelongToTheProtocolTheyBeginLike() {
        #expect(ClientGeneration.version(ofUnknownPath: RequestTarget("/api/v1/nope").segments) == .v1)
        #expect(ClientGeneration.version(ofUnknownPath: RequestTarget("/api/v2/nope").segments) == .v2)
        #expect(ClientGeneration.version(ofUnknownPath: RequestTarget("/nope").segments) == .v2)
    }
}
