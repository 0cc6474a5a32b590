import ChromaWire
import Engine
import Testing
import VectorModel

@Suite struct SearchOverrideTests {
    private func query(_ rest: String, _ dialect: Dialect = Wire.current) throws -> QueryRequest {
        try Wire.decoder(dialect).query(RequestBody(#"{"query_embeddings":[[1,2]]\#(rest)}"#)).request
    }

    @Test func aQueryOverridesWhatItNames() throws {
        for dialect in Wire.all {
            #expect(try query("", dialect).overrides == SearchOverrides())
            #expect(try query(#","exact":true"#, dialect).overrides == SearchOverrides(exact: true))
            let all = #","ef_search":400,"nprobe":32,"rerank":4,"exact":false,"timeout_ms":50"#
            #expect(try query(all, dialect).overrides == SearchOverrides(efSearch: 400, nprobe: 32, rerank: 4))
            #expect(try query(all, dialect).deadline != nil)
            let nothing = #","ef_search":null,"nprobe":null,"rerank":null,"exact":null,"timeout_ms":null"#
            #expect(try query(nothing, dialect).overrides == SearchOverrides())
        }
    }

    @Test func whatIsNotKnownIsIgnored() throws {
        #expect(try query(#","efSearch":400,"lyrica":{}"#).overrides == SearchOverrides())
    }

    @Test(arguments: [("ef_search", 65_536), ("nprobe", 1_048_576), ("rerank", 1_000)])
    func numbersHaveLimits(field: String, most: Int) throws {
        _ = try query(#","\#(field)":1"#)
        _ = try query(#","\#(field)":\#(most)"#)
        for number in [0, most + 1, Int.max] {
            let problem = "\(field): must be from 1 to \(most), got \(number)"
            #expect(Wire.failure { _ = try query(#","\#(field)":\#(number)"#) } == "400 InvalidArgumentError: Validation error: " + problem)
            #expect(Wire.failure { _ = try query(#","\#(field)":\#(number)"#, Wire.named) } == "400 InvalidArgumentError: " + problem)
        }
        for value in ["-1", "1.5", #""1""#, "[1]", "18446744073709551615", "true"] {
            #expect(Wire.failure { _ = try query(#","\#(field)":\#(value)"#) }.hasPrefix("422 ChromaError: "), "\(field): \(value)")
            #expect(Wire.failure { _ = try query(#","\#(field)":\#(value)"#, Wire.named) }.hasPrefix("422 "), "\(field): \(value)")
        }
    }

    @Test(arguments: ["1", #""true""#, "[]", "{}"])
    func exactIsYesOrNo(value: String) {
        #expect(Wire.failure { _ = try query(#","exact":\#(value)"#) }.hasPrefix("422 ChromaError: Failed to deserialize"))
    }

    @Test func anExplanationIsAskedForByYesOrNo() throws {
        for dialect in Wire.all {
            #expect(try query(#","explain":true"#, dialect).explain)
            for rest in ["", #","explain":false"#, #","explain":null"#] { #expect(try !query(rest, dialect).explain) }
        }
        #expect(Wire.failure { _ = try query(#","explain":"yes""#) }.hasPrefix("422 ChromaError: Failed to deserialize"))
    }

    @Test func aWrongTypeIsReportedBeforeALimit() {
        #expect(Wire.failure { _ = try query(#","ef_search":0,"include":5"#) }.hasPrefix("422 "))
    }

    @Test func aVectorThatHalfFloatsCannotHoldIsRefusedByName() {
        let error = RequestError(.vectorValueTooLarge(limit: 65_504))
        for dialect in Wire.all {
            let wire = WireError(error, dialect: dialect, operation: .add)
            #expect(wire.message.contains("65504") && wire.message.contains("lyrica:vector_type"))
            #expect(wire.status == (dialect == Wire.representation ? 500 : 400), "\(wire)")
        }
    }
}
