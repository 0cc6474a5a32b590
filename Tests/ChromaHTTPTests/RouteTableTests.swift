import ChromaHTTP
import HTTPTypes
import Testing

@Suite struct RouteTableTests {
    let table = RouteTable(Routes.all)

    private func find(_ method: HTTPRequest.Method, _ target: String) -> (Endpoint, [String])? {
        guard case .found(let route, let values) = table.match(method, RequestTarget(target).segments) else { return nil }
        return (route.endpoint, values.map(String.init))
    }

    @Test func everyRouteIsFoundByItsOwnPatternWithAndWithoutSlash() {
        for route in Routes.all {
            for target in [route.pattern, route.pattern + "/", route.pattern + "?x=1"] {
                guard case .found(let found, let values) = table.match(route.method, RequestTarget(target).segments) else {
                    Issue.record("\(route.method) \(target) leads nowhere")
                    continue
                }
                #expect(found.endpoint == route.endpoint && found.version == route.version, "\(route.method) \(target)")
                #expect(values.count == route.parameters.count)
            }
        }
    }

    @Test func everyEndpointHasARoute() {
        let served = Set(Routes.all.map(\.endpoint))
        for endpoint in Endpoint.allCases { #expect(served.contains(endpoint), "\(endpoint) cannot be reached") }
    }

    @Test func parametersComeInTheOrderOfThePath() throws {
        let (endpoint, values) = try #require(find(.post, "/api/v2/tenants/t/databases/d/collections/c/query"))
        #expect(endpoint == .query)
        #expect(values == ["t", "d", "c"])
    }

    @Test func aLiteralWinsOverAParameterButDoesNotHideIt() throws {
        let base = "/api/v2/tenants/t/databases/d/collections/"
        #expect(try #require(find(.get, base + "by-id/x")).0 == .getCollectionByIdentifier)
        let named = try #require(find(.get, base + "by-id"))
        #expect(named.0 == .getCollection && named.1 == ["t", "d", "by-id"])
    }

    @Test func aTrailingSlashIsNotAnEmptyName() throws {
        #expect(try #require(find(.get, "/api/v1/collections/")).0 == .listCollections)
        #expect(find(.get, "/api/v1//collections") == nil)
        #expect(find(.get, "/api/v1/collections//count") == nil)
    }

    @Test func headIsAnsweredLikeGet() throws {
        #expect(try #require(find(.head, "/api/v2/heartbeat")).0 == .heartbeat)
    }

    @Test func aWrongMethodIsToldTheRightOnes() {
        guard case .wrongMethod(let allowed) = table.match(.put, RequestTarget("/api/v2/tenants/t").segments) else {
            Issue.record("expected a wrong method")
            return
        }
        #expect(Set(allowed) == [.get, .head, .patch])
    }

    @Test(arguments: ["/", "/api", "/api/v3/heartbeat", "/api/v2/nope", "/api/v2/tenants/t/databases/d/collections/c/add/x", "*", ""])
    func otherPathsAreUnknown(target: String) {
        guard case .unknownPath = table.match(.get, RequestTarget(target).segments) else {
            Issue.record("\(target) was found")
            return
        }
    }
}
