import ChromaWire
import Engine
import Testing

/// Large bodies of tiny values cost the parser many times their size, and are refused by a count that strings must not confuse.
@Suite struct ValueDensityTests {
    private static let valuesMax = 32 << 20

    @Test func aBodyOfTinyValuesIsRefused() {
        let body = #"{"ids":["a"],"embeddings":[["# + String(repeating: "1,", count: Self.valuesMax) + "1]]}"
        let failure = Wire.failure { _ = try Wire.decoder().write(RequestBody(body), as: .add) }
        #expect(failure.hasPrefix("400 "))
        #expect(failure.contains("more than \(Self.valuesMax) values"))
    }

    @Test(arguments: ["", #"\""#, #"\\"#, #"\\\""#])
    func commasInTextsAreNoValues(escape: String) throws {
        let text = escape + String(repeating: ",:", count: Self.valuesMax / 2 + 1) + escape
        let body = #"{"ids":["a"],"note":""# + text + #"","limit":1}"#
        #expect(try Wire.decoder().get(RequestBody(body)).request.limit == 1)
    }

    @Test func aSmallBodyMayBeDense() throws {
        let body = #"{"query_embeddings":[["# + String(repeating: "1,", count: 60_000) + "1]]}"
        #expect(try Wire.decoder().query(RequestBody(body)).request.dimension == 60_001)
    }
}
