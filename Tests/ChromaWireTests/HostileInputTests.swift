import ChromaWire
import Engine
import Testing
import TestSupport
import VectorModel

@Suite struct HostileInputTests {
    static let samples = [
        #"{"name":"abc","metadata":{"hnsw:space":"cosine","é":"\u00e9\n","l":[1,2]},"configuration":{"hnsw":{"space":"l2","ef_search":7},"embedding_function":{"type":"known","name":"default","config":{"a":[1,{"b":null}]}}},"get_or_create":true}"#,
        #"{"ids":["a","b"],"embeddings":[[1,2.5],[-3e-1,0]],"documents":["x",null],"uris":["u",null],"metadatas":[{"k":1},{"f":1.5,"t":["a"]}]}"#,
        #"{"ids":["a"],"embeddings":["AACAPwAAIEA="],"documents":["日本語 \ud83d\ude00"]}"#,
        #"{"query_embeddings":[[0.1,0.2],[1,2]],"n_results":3,"where":{"$and":[{"a":{"$gt":1}},{"b":{"$in":["x","y"]}}]},"where_document":{"$or":[{"$contains":"x"},{"$regex":"a+"}]},"include":["distances","documents"],"timeout_ms":10}"#,
        #"{"read_token":7,"read_ids":["b"],"operations":[{"operation":"get","payload":{"ids":["a"],"expected_ids":[]}},{"operation":"add","payload":{"ids":["a"],"embeddings":[[1]]}},{"operation":"delete","payload":{"ids":["b"]}}]}"#,
        #"{"new_name":"other","new_metadata":{"a":null},"new_configuration":{"hnsw":{"ef_search":9}}}"#,
    ]

    /// Every decoder reads the text; any error is one of ours, which is all that is asked of hostile bytes.
    static func decodeAll(_ bytes: [UInt8], _ dialect: Dialect) -> Int {
        let decoder = Wire.decoder(dialect)
        let body = RequestBody(bytes)
        let decoders: [() throws -> Void] = [
            { _ = try decoder.createTenant(body) },
            { _ = try decoder.createDatabase(body) },
            { _ = try decoder.updateTenant(body) },
            { _ = try decoder.createCollection(body) },
            { _ = try decoder.write(body, as: .add) },
            { _ = try decoder.write(body, as: .update) },
            { _ = try decoder.write(body, as: .upsert) },
            { _ = try decoder.get(body) },
            { _ = try decoder.query(body) },
            { _ = try decoder.delete(body) },
            { _ = try decoder.conditionalGet(body) },
            { _ = try decoder.conditionalCommit(body) },
            { _ = try decoder.fork(body) },
        ]
        var read = 0
        for decode in decoders {
            do {
                try decode()
                read += 1
            } catch let error as WireError {
                #expect((400...501).contains(error.status))
                #expect(ResponseEncoder(dialect: dialect).error(error).count > 0)
            } catch {
                Issue.record("not an error of the wire: \(error)")
            }
        }
        return read
    }

    @Test(arguments: samples)
    func samplesAreReadAndTheirBeginningsRefused(sample: String) {
        let bytes = Array(sample.utf8)
        if !sample.hasPrefix(#"{"new_name"#) { #expect(Self.decodeAll(bytes, Wire.current) > 0) }
        for length in 0..<bytes.count {
            for dialect in [Wire.current, Wire.representation] { #expect(Self.decodeAll(Array(bytes[..<length]), dialect) == 0) }
        }
    }

    @Test(arguments: Seeds.some(2))
    func mutationsNeverCrash(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let fragments = ["{", "}", "[", "]", "null", "1e308", "-0", "18446744073709551616", "\"\\u0000\"", "\"$and\":[", "\u{FFFF}", ",", ":", "9".repeated(400)]
        for _ in 0..<3_000 {
            var bytes = Array(Self.samples.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
                case 1: bytes.removeSubrange(place...)
                case 2: bytes.insert(contentsOf: Array(fragments.randomElement(using: &random)!.utf8), at: place)
                case 3:
                    let other = Array(Self.samples.randomElement(using: &random)!.utf8)
                    bytes.replaceSubrange(place..., with: other[Int.random(in: 0..<other.count, using: &random)...])
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            _ = Self.decodeAll(bytes, Wire.all.randomElement(using: &random)!)
        }
    }

    @Test(arguments: Seeds.some(1))
    func noiseNeverCrashes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Self.decodeAll(bytes, Wire.current) == 0, "\(Seeds.replay(seed))")
        }
    }

    @Test func aWideFirstRowReservesLittle() {
        let first = "[" + "1,".repeated(65_534) + "1]"
        for field in ["embeddings", "query_embeddings"] {
            let text = #"{"ids":[],"\#(field)":["# + first + ",[]".repeated(9_000) + "]}"
            #expect(Wire.failure { _ = try Wire.decoder().write(RequestBody(text), as: .add) } != "no error")
            #expect(Wire.failure { _ = try Wire.decoder().query(RequestBody(text)) } != "no error")
        }
    }

    @Test func invalidUTF8IsRefused() {
        let bytes = Array(#"{"ids":["a"#.utf8) + [0xC3, 0x28] + Array(#""]}"#.utf8)
        #expect(Self.decodeAll(bytes, Wire.current) == 0)
    }

    @Test(arguments: ["[", #"{"a":"#])
    func deepNestingIsRefused(open: String) {
        #expect(Self.decodeAll(Array(open.repeated(100_000).utf8), Wire.current) == 0)
    }
}

extension String {
    func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
