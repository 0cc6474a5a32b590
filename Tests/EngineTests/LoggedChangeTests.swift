import ByteCoding
import Engine
import Testing
import TestSupport
import TextSearch
import VectorModel

@Suite struct LoggedChangeTests {
    private let collection = CollectionIdentifier.random()

    private func samples() throws -> [LoggedChange] {
        let metadata = Metadata(fields: [
            MetadataField(key: "s", value: .string("été")), MetadataField(key: "i", value: .integer(.min)), MetadataField(key: "f", value: .float(-0.5)),
            MetadataField(key: "b", value: .boolean(true)), MetadataField(key: "ss", value: .strings(["", "x"])), MetadataField(key: "is", value: .integers([.max])),
            MetadataField(key: "fs", value: .floats([1e300])), MetadataField(key: "bs", value: .booleans([true, false])), MetadataField(key: "gone", value: nil),
            MetadataField(key: "sparse", value: .sparse(try SparseVector(indices: [0, 300, .max], values: [1, -0.5, 1e-30], labels: ["a", "", "日"]))),
            MetadataField(key: "dense", value: .sparse(try SparseVector(indices: [1, 2], values: [0, 2]))),
            MetadataField(key: "nothing", value: .sparse(try SparseVector(indices: [], values: []))),
        ])
        let batch = try RecordBatch(
            identifiers: ["a", "b", "日本"], embeddings: EmbeddingColumn(dimension: 2, values: [1, 2, 3, 4], presence: [true, false, true]),
            documents: ["", nil, "text"], uris: [nil, nil, "u"], metadatas: [metadata, nil, Metadata([:])])
        let creation = CatalogChange.Creation(
            identifier: collection, name: "n", tenant: "t", database: "d", metadata: metadata, index: IndexConfiguration(metric: .cosine, M: 7),
            wireConfiguration: [1, 2, 3])
        return [
            .write(batch, .add, to: collection), .write(batch, .update, to: collection), .write(batch, .upsert, to: collection),
            .write(try RecordBatch(identifiers: ["only"]), .add, to: collection), .delete(["a", "b"], from: collection),
            .catalog(.createTenant("t")), .catalog(.createDatabase(collection, name: "d", tenant: "t")),
            .catalog(.deleteDatabase(name: "d", tenant: "t")), .catalog(.createCollection(creation)), .catalog(.deleteCollection(collection)),
            .catalog(.changeCollection(collection, CollectionChange(name: "m", metadata: metadata, index: IndexConfiguration(), wireConfiguration: []))),
            .catalog(.changeCollection(collection, CollectionChange())), .catalog(.reset),
            .catalog(.forkCollection(.random(), name: "fork", from: collection)),
            .group([.write(batch, .add), .delete(["c", "d"]), .write(try RecordBatch(identifiers: ["e"]), .upsert)], of: collection),
            .group([], of: collection),
            .catalog(.changeCollection(collection, CollectionChange(index: lists))),
            .catalog(.changeCollection(collection, CollectionChange(index: IndexConfiguration(language: DocumentLanguage(.turkish))))),
            .catalog(.changeCollection(
                collection, CollectionChange(index: IndexConfiguration(choice: .flat, language: DocumentLanguage(.english, keepsStopWords: true))))),
            .catalog(.changeCollection(collection, CollectionChange(index: IndexConfiguration(choice: .hnsw, nprobe: .min)))),
        ]
    }

    private let lists = IndexConfiguration(metric: .cosine, choice: .ivf, element: .float16, nlist: 300)

    @Test func anIndexIsWrittenAsTheDocumentSays() throws {
        func index(_ configuration: IndexConfiguration) -> [UInt8] {
            Array(bytes(.catalog(.changeCollection(collection, CollectionChange(index: configuration)))).dropFirst(20).dropLast())
        }
        #expect(index(IndexConfiguration(metric: .cosine)) == [0x02, 0x20, 0xC8, 0x01, 0xC8, 0x01])
        #expect(index(lists) == [0x82, 0x20, 0xC8, 0x01, 0xC8, 0x01, 0x03, 0x01, 0x01, 0xD8, 0x04, 0x00])
        // The long form of what the short form says.
        var long = bytes(.catalog(.changeCollection(collection, CollectionChange(index: lists))))
        long.replaceSubrange(26..<31, with: [0, 0, 0])
        #expect(throws: DecodingFailure.self) { try self.decode(long) }
    }

    @Test func aLanguageIsWrittenAsTheDocumentSays() throws {
        func change(_ configuration: IndexConfiguration) -> [UInt8] {
            bytes(.catalog(.changeCollection(collection, CollectionChange(index: configuration))))
        }
        let dutch = change(IndexConfiguration(metric: .cosine, language: DocumentLanguage(.dutch)))
        #expect(Array(dutch.dropFirst(20).dropLast()) == [0x42, 0x20, 0xC8, 0x01, 0xC8, 0x01, 0x05] + Array("dutch".utf8) + [0x00])
        var everyWord = lists
        everyWord.language = DocumentLanguage(.english, keepsStopWords: true)
        #expect(Array(change(everyWord).dropFirst(20).dropLast())
            == [0xC2, 0x20, 0xC8, 0x01, 0xC8, 0x01, 0x03, 0x01, 0x01, 0xD8, 0x04, 0x00, 0x07] + Array("english".utf8) + [0x01])
        // A language that nobody knows, stop words of one that has none, another flag, and a language that is none.
        for (place, damage) in [(27..<28, [UInt8(ascii: "x")]), (32..<33, [1]), (32..<33, [2]), (26..<32, [0])] as [(Range<Int>, [UInt8])] {
            var damaged = dutch
            damaged.replaceSubrange(place, with: damage)
            #expect(throws: DecodingFailure.self) { try self.decode(damaged) }
        }
    }

    @Test func aSparseVectorIsWrittenAsTheDocumentSays() throws {
        let vector = try SparseVector(indices: [5, 6, 300], values: [1, -2, 0.5])
        func payload(_ value: MetadataValue) throws -> [UInt8] {
            bytes(.write(try RecordBatch(identifiers: ["a"], metadatas: [Metadata(["k": value])]), .add, to: collection))
        }
        let written = try payload(.sparse(vector))
        #expect(written.suffix(19) == [0x09, 0x03, 0x05, 0x00, 0xA5, 0x02] + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F][...] + [0x00])
        let place = written.count - 19
        // Indices beyond 32 bits, a value that is no number, and labels of nothing.
        for (offset, damage) in [(2, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), (6, [0x00, 0x00, 0x80, 0x7F])] as [(Int, [UInt8])] {
            var damaged = written
            damaged.replaceSubrange(place + offset..<place + offset + (offset == 2 ? 1 : 4), with: damage)
            #expect(throws: DecodingFailure.self) { try self.decode(damaged) }
        }
        var labelled = try payload(.sparse(SparseVector(indices: [], values: [])))
        labelled[labelled.count - 1] = 1
        #expect(throws: DecodingFailure.self) { try self.decode(labelled) }
    }

    private func bytes(_ change: LoggedChange) -> [UInt8] {
        let writer = change.encoded()
        return writer.withUnsafeBytes { Array($0) }
    }

    private func decode(_ bytes: [UInt8]) throws -> LoggedChange { try bytes.withUnsafeBytes { try LoggedChange(decoding: $0) } }

    @Test func everyChangeReadsBackAsItWas() throws {
        for change in try samples() {
            let encoded = bytes(change)
            // Equal bytes mean equal changes: the encoding leaves no choice.
            #expect(bytes(try decode(encoded)) == encoded, "\(change)")
            #expect("\(try decode(encoded))" == "\(change)")
        }
    }

    /// What the changes of a group mean must not depend on their order.
    @Test func aGroupThatNamesAnIdentifierTwiceIsNone() throws {
        for second in [GroupedChange.delete(["a"]), .write(try RecordBatch(identifiers: ["a"]), .upsert)] {
            let encoded = bytes(.group([.write(try RecordBatch(identifiers: ["a"]), .add), second], of: collection))
            #expect(throws: DecodingFailure.self) { try self.decode(encoded) }
        }
        let twice = bytes(.group([.delete(["a", "a"])], of: collection))
        #expect(throws: DecodingFailure.self) { try self.decode(twice) }
    }

    @Test func noProperPrefixIsAChange() throws {
        for change in try samples() {
            let encoded = bytes(change)
            for length in 0..<encoded.count {
                #expect(throws: DecodingFailure.self) { try self.decode(Array(encoded[..<length])) }
            }
            #expect(throws: DecodingFailure.self) { try self.decode(encoded + [0]) }
        }
    }

    /// Spoiled bytes either fail to decode or decode to something that encodes again; they never trap.
    @Test(arguments: Seeds.some(50))
    func spoiledBytesNeverCrash(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for change in try samples() {
            for _ in 0..<40 {
                var encoded = bytes(change)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    encoded[Int.random(in: 0..<encoded.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                if let decoded = try? decode(encoded) { #expect(!bytes(decoded).isEmpty, "\(Seeds.replay(seed))") }
            }
        }
    }

    /// The worked example of the format's document is what the code writes.
    @Test func theDocumentedExampleIsWhatIsWritten() throws {
        let batch = try RecordBatch(
            identifiers: ["a"], embeddings: EmbeddingColumn(dimension: 2, values: [1, -2]), documents: ["hi"],
            metadatas: [Metadata(["n": .integer(7)])])
        let collection = try #require(CollectionIdentifier("00010203-0405-0607-0809-0a0b0c0d0e0f"))
        let hexadecimal = bytes(.write(batch, .add, to: collection)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        let text = try Repository.text("storage-format.md").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(hexadecimal), "storage-format.md should show: \(hexadecimal)")
    }
}
