import ChromaHTTP
import HTTPTypes
import Testing

@Suite struct CrossOriginPolicyTests {
    private let page: HTTPFields = [.origin: "http://localhost:3000", .accessControlRequestMethod: "POST", .accessControlRequestHeaders: "content-type"]

    @Test func nothingIsAllowedUnlessTold() {
        let policy = CrossOriginPolicy()
        #expect(policy.responseFields(for: page) == nil)
        #expect(policy.preflightFields(method: .options, headers: page) == nil)
    }

    @Test func onlyTheNamedOriginsAreAllowed() throws {
        let policy = CrossOriginPolicy(allowedOrigins: ["http://localhost:3000"])
        let fields = try #require(policy.responseFields(for: page))
        #expect(fields[.accessControlAllowOrigin] == "http://localhost:3000")
        #expect(fields[.vary] == "Origin")
        #expect(policy.responseFields(for: [.origin: "http://evil.example"]) == nil)
        #expect(policy.responseFields(for: [:]) == nil)
    }

    @Test func aStarAllowsEveryone() throws {
        let policy = CrossOriginPolicy(allowedOrigins: ["*"])
        #expect(try #require(policy.responseFields(for: page))[.accessControlAllowOrigin] == "*")
    }

    @Test func theBrowsersQuestionIsAnswered() throws {
        let policy = CrossOriginPolicy(allowedOrigins: ["*"])
        let fields = try #require(policy.preflightFields(method: .options, headers: page))
        #expect(fields[.accessControlAllowMethods]?.contains("POST") == true)
        #expect(fields[.accessControlAllowHeaders] == "content-type")
        #expect(policy.preflightFields(method: .post, headers: page) == nil)
        #expect(policy.preflightFields(method: .options, headers: [.origin: "http://x"]) == nil)
    }
}
