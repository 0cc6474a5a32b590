import ChromaWire
import Engine
import Testing
import TextSearch
import VectorModel

@Suite struct IndexConfigurationTests {
    private func index(_ rest: String, _ dialect: Dialect = Wire.current) throws -> IndexConfiguration {
        try Wire.decoder(dialect).createCollection(RequestBody(#"{"name":"abc",\#(rest)}"#)).index
    }

    @Test func metadataChoosesTheIndexInEveryGeneration() throws {
        let metadata = #""metadata":{"lyrica:index":"ivf","lyrica:vector_type":"float16","lyrica:nlist":64,"lyrica:nprobe":8,"hnsw:space":"cosine"}"#
        for dialect in Wire.all {
            #expect(try index(metadata, dialect) == IndexConfiguration(metric: .cosine, choice: .ivf, element: .float16, nlist: 64, nprobe: 8))
        }
        #expect(try index(#""metadata":{"a":1}"#) == IndexConfiguration())
        for choice in IndexChoice.allCases { #expect(try index(#""metadata":{"lyrica:index":"\#(choice.name)"}"#).choice == choice) }
        for element in VectorElement.allCases { #expect(try index(#""metadata":{"lyrica:vector_type":"\#(element.name)"}"#).element == element) }
    }

    @Test func metadataChoosesTheLanguageOfDocuments() throws {
        func language(_ keys: String, _ dialect: Dialect = Wire.current) throws -> DocumentLanguage {
            try index(#""metadata":{\#(keys)}"#, dialect).language
        }
        for dialect in Wire.all { #expect(try language(#""lyrica:language":"german""#, dialect) == DocumentLanguage(.german)) }
        for stemming in StemmingLanguage.allCases {
            #expect(try language(#""lyrica:language":"\#(stemming.rawValue)""#) == DocumentLanguage(stemming))
        }
        #expect(try language(#""lyrica:language":"none""#) == .any)
        #expect(try language(#""lyrica:language":"english","lyrica:stop_words":false"#) == DocumentLanguage(.english, keepsStopWords: true))
        #expect(try language(#""lyrica:stop_words":true,"lyrica:language":"english""#) == DocumentLanguage(.english))
        #expect(try language(#""lyrica:language":"german","lyrica:stop_words":false"#) == DocumentLanguage(.german))
        #expect(try language(#""lyrica:stop_words":false"#) == .any)
    }

    @Test func aLanguageCanBeChanged() async throws {
        try await Wire.withDatabase { database in
            let made = try await RoundTripTests.create(#"{"name":"abc","metadata":{"lyrica:language":"english","lyrica:stop_words":false}}"#, in: database)
            func change(_ metadata: String) async throws -> DocumentLanguage {
                let body = RequestBody(#"{"new_metadata":\#(metadata)}"#)
                try await database.changeCollection(
                    made.identifier, try Wire.decoder().changeCollection(body, of: try database.collection(made.identifier)))
                return try database.collection(made.identifier).index.language
            }
            #expect(made.index == IndexConfiguration(language: DocumentLanguage(.english, keepsStopWords: true)))
            #expect(try await change(#"{"topic":"x"}"#) == made.index.language, "what is not named stays")
            #expect(try await change(#"{"lyrica:language":"english"}"#) == made.index.language, "and so it does here")
            #expect(try await change(#"{"lyrica:stop_words":true}"#) == DocumentLanguage(.english))
            #expect(try await change(#"{"lyrica:language":"german"}"#) == DocumentLanguage(.german))
            #expect(try await change(#"{"lyrica:language":"english"}"#) == DocumentLanguage(.english))
            #expect(try await change(#"{"lyrica:language":"none"}"#) == .any)
            #expect(try database.collection(made.identifier).index == IndexConfiguration())
        }
    }

    @Test func theDefaultThatClientsSendAlongIsNoConflict() throws {
        let sent = #"{"hnsw":{"space":"cosine"},"spann":null,"embedding_function":null}"#
        let made = try index(#""metadata":{"lyrica:index":"flat"},"configuration":\#(sent)"#)
        #expect(made == IndexConfiguration(metric: .cosine, choice: .flat))
        let all = #"{"space":"l2","ef_construction":100,"max_neighbors":16,"ef_search":100,"num_threads":4,"batch_size":100,"resize_factor":1.2}"#
        #expect(try index(#""metadata":{"lyrica:index":"ivf"},"configuration":{"hnsw":\#(all)}"#).choice == .ivf)
    }

    @Test func keysHoldBesideAConfigurationThatOutdoesTheOlderKeys() throws {
        let made = try index(#""metadata":{"hnsw:search_ef":7,"lyrica:index":"hnsw"},"configuration":{"hnsw":{"ef_search":50}}"#)
        #expect(made == IndexConfiguration(choice: .hnsw, efSearch: 50))
    }

    @Test func theSpannPartMeansAnInvertedFile() throws {
        #expect(try index(#""configuration":{"spann":{"space":"ip","search_nprobe":20,"ef_search":9,"write_nprobe":3}}"#)
            == IndexConfiguration(metric: .innerProduct, choice: .ivf, nprobe: 20))
        #expect(try index(#""metadata":{"lyrica:index":"ivf","lyrica:nlist":30},"configuration":{"spann":{"search_nprobe":20}}"#).nlist == 30)
        let vectorIndex = #"{"enabled":true,"config":{"spann":{"search_nprobe":5}}}"#
        let schema = ##"{"defaults":{},"keys":{"#embedding":{"float_list":{"vector_index":\##(vectorIndex)}}}}"##
        #expect(try index(#""schema":\#(schema)"#) == IndexConfiguration(choice: .ivf, nprobe: 5))
        #expect(try index(#""schema":\#(schema),"metadata":{"lyrica:vector_type":"float16"}"#).element == .float16)
    }

    static let refused: [(String, String)] = [
        (#""metadata":{"lyrica:index":"tree"}"#, "metadata: lyrica:index must be one of auto, flat, hnsw, ivf"),
        (#""metadata":{"lyrica:index":1}"#, "metadata: lyrica:index must be one of auto, flat, hnsw, ivf"),
        (#""metadata":{"lyrica:vector_type":"int8"}"#, "metadata: lyrica:vector_type must be one of float32, float16"),
        (#""metadata":{"lyrica:nlist":0}"#, "metadata: lyrica:nlist must be a whole number from 1 to 1048576"),
        (#""metadata":{"lyrica:nlist":1048577}"#, "metadata: lyrica:nlist must be a whole number from 1 to 1048576"),
        (#""metadata":{"lyrica:nprobe":2.5}"#, "metadata: lyrica:nprobe must be a whole number from 1 to 1048576"),
        (#""metadata":{"lyrica:nprobe":"8"}"#, "metadata: lyrica:nprobe must be a whole number from 1 to 1048576"),
        (#""metadata":{"lyrica:ttl_seconds":0}"#, "metadata: lyrica:ttl_seconds must be a whole number from 1 to 10000000000"),
        (#""metadata":{"lyrica:probes":8}"#,
         "metadata: lyrica:probes is not known; keys that begin with lyrica: are lyrica:index, lyrica:vector_type, lyrica:nlist, lyrica:nprobe, "
            + "lyrica:ttl_seconds, lyrica:language, lyrica:stop_words"),
        (#""metadata":{"lyrica:language":"klingon"}"#, "metadata: lyrica:language must be one of \(IndexLimits.languages.joined(separator: ", "))"),
        (#""metadata":{"lyrica:language":7}"#, "metadata: lyrica:language must be one of \(IndexLimits.languages.joined(separator: ", "))"),
        (#""metadata":{"lyrica:stop_words":"yes"}"#, "metadata: lyrica:stop_words must be true or false"),
        (#""metadata":{"lyrica:language":"german","lyrica:stop_words":true}"#,
         "index: lyrica:stop_words is true, and there is no list of stop words for the language german; leave it out"),
        (#""metadata":{"lyrica:stop_words":true}"#,
         "index: lyrica:stop_words is true, and there is no list of stop words for the language none; leave it out"),
        (#""metadata":{"lyrica:nlist":8,"lyrica:nprobe":9}"#, "index: nprobe is 9, and there are only 8 lists (nlist)"),
        (#""metadata":{"lyrica:index":"hnsw","lyrica:nprobe":9}"#,
         "index: nlist and nprobe have no meaning with the index hnsw; leave them out, or choose ivf or auto"),
        (#""metadata":{"lyrica:index":"ivf"},"configuration":{"hnsw":{"max_neighbors":32}}"#,
         "index: lyrica:index is ivf, and parameters of hnsw are set; leave one of them out"),
        (#""metadata":{"lyrica:index":"flat","hnsw:search_ef":50}"#,
         "index: lyrica:index is flat, and parameters of hnsw are set; leave one of them out"),
        (#""metadata":{"lyrica:index":"hnsw"},"configuration":{"spann":{}}"#,
         "index: lyrica:index is hnsw, and the spann part of the configuration asks for ivf; leave one of them out"),
        (#""metadata":{"lyrica:nprobe":3},"configuration":{"spann":{"search_nprobe":4}}"#,
         "index: lyrica:nprobe is 3, and search_nprobe of the configuration is 4; leave one of them out"),
        (#""configuration":{"spann":{"search_nprobe":0}}"#, "configuration: search_nprobe must be from 1 to 1048576, got 0"),
        (#""configuration":{"hnsw":{"ef_search":65537}}"#, "configuration: ef_search must be from 1 to 65536, got 65537"),
        (#""configuration":{"hnsw":{"ef_construction":0}}"#, "configuration: ef_construction must be from 1 to 65536, got 0"),
        (#""metadata":{"hnsw:M":1025}"#, "configuration: max_neighbors (hnsw:M) must be from 1 to 1024, got 1025"),
    ]

    @Test(arguments: refused)
    func whatCannotBeIsRefusedWithItsLimit(rest: String, problem: String) {
        let body = #"{"name":"abc",\#(rest)}"#
        func failure(_ dialect: Dialect) -> String { Wire.failure { _ = try Wire.decoder(dialect).createCollection(RequestBody(body)) } }
        #expect(failure(Wire.current) == "400 InvalidArgumentError: Validation error: " + problem)
        #expect(failure(Wire.named) == "400 InvalidArgumentError: " + problem)
    }

    @Test func theTypesOfTheSpannPartAreChecked() {
        let body = #"{"name":"abc","configuration":{"spann":{"search_nprobe":"x"}}}"#
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(body)) }.hasPrefix("422 ChromaError: "))
    }

    @Test(arguments: [1, 16, 128, 1_000])
    func whatClientsOwnTestsSendIsTaken(number: Int) throws {
        let made = try index(#""metadata":{"hnsw:M":\#(number),"hnsw:construction_ef":\#(number),"hnsw:search_ef":\#(number)}"#)
        #expect((made.M, made.efConstruction, made.efSearch) == (number, number, number))
    }

    @Test func changesActOnWhatTheyName() async throws {
        try await Wire.withDatabase { database in
            let made = try await RoundTripTests.create(#"{"name":"abc","metadata":{"lyrica:index":"ivf","lyrica:nprobe":8}}"#, in: database)
            func change(_ body: String) async throws -> IndexConfiguration {
                let change = try Wire.decoder().changeCollection(RequestBody(body), of: try database.collection(made.identifier))
                try await database.changeCollection(made.identifier, change)
                return try database.collection(made.identifier).index
            }
            #expect(made.index == IndexConfiguration(choice: .ivf, nprobe: 8))
            #expect(try await change(#"{"new_metadata":{"topic":"x"}}"#) == made.index, "what is not named stays")
            #expect(try await change(#"{"new_configuration":{"spann":{"search_nprobe":12,"ef_search":5}}}"#)
                == IndexConfiguration(choice: .ivf, nprobe: 12))
            #expect(try await change(#"{"new_metadata":{"lyrica:nlist":100}}"#) == IndexConfiguration(choice: .ivf, nlist: 100, nprobe: 12))
            #expect(try await change(#"{"new_metadata":{"lyrica:index":"hnsw"},"new_configuration":{"hnsw":{"max_neighbors":24,"ef_search":70}}}"#)
                == IndexConfiguration(choice: .hnsw, M: 24, efSearch: 70), "the lists' parameters go with the lists")
            let unnamed = try Wire.decoder().changeCollection(RequestBody(#"{"new_metadata":{"a":1}}"#), of: made)
            #expect(unnamed.index == nil && unnamed.wireConfiguration == nil)
        }
    }

    static let refusedChanges: [(String, String)] = [
        (#"{"new_metadata":{"lyrica:vector_type":"float16"}}"#, "index: lyrica:vector_type cannot be changed; the collection was made with float32"),
        (#"{"new_metadata":{"lyrica:index":"tree"}}"#, "new_metadata: lyrica:index must be one of auto, flat, hnsw, ivf"),
        (#"{"new_metadata":{"lyrica:language":"English"}}"#,
         "new_metadata: lyrica:language must be one of \(IndexLimits.languages.joined(separator: ", "))"),
        (#"{"new_metadata":{"lyrica:language":"greek","lyrica:stop_words":true}}"#,
         "index: lyrica:stop_words is true, and there is no list of stop words for the language greek; leave it out"),
        (#"{"new_metadata":{"lyrica:nprobe":65}}"#, "index: nprobe is 65, and there are only 64 lists (nlist)"),
        (#"{"new_metadata":{"lyrica:index":"flat","lyrica:nlist":4}}"#,
         "index: nlist and nprobe have no meaning with the index flat; leave them out, or choose ivf or auto"),
        (#"{"new_configuration":{"spann":{"search_nprobe":65}}}"#, "index: nprobe is 65, and there are only 64 lists (nlist)"),
        (#"{"new_configuration":{"hnsw":{"ef_search":0}}}"#, "configuration: ef_search must be from 1 to 65536, got 0"),
    ]

    @Test(arguments: refusedChanges)
    func changesThatCannotBeAreRefused(body: String, problem: String) async throws {
        try await Wire.withDatabase { database in
            let made = try await RoundTripTests.create(#"{"name":"abc","metadata":{"lyrica:nlist":64}}"#, in: database)
            #expect(Wire.failure { _ = try Wire.decoder().changeCollection(RequestBody(body), of: made) }
                == "400 InvalidArgumentError: Validation error: " + problem)
        }
    }

    /// A limit that came later must not lock a collection that was made before.
    @Test func parametersOfEarlierTimesDoNotHinderAChange() async throws {
        try await Wire.withDatabase { database in
            let creation = CollectionCreation(name: "old", index: IndexConfiguration(M: 5_000))
            let (made, _) = try await database.createCollection(creation, tenant: "default_tenant", database: "default_database")
            let change = try Wire.decoder().changeCollection(RequestBody(#"{"new_configuration":{"hnsw":{"ef_search":9}}}"#), of: made)
            #expect(change.index == IndexConfiguration(M: 5_000, efSearch: 9))
        }
    }

    /// Clients of a single node read `hnsw` and refuse an answer that has `spann` beside it; the schema may have both.
    @Test func answersStayReadableForEveryClient() async throws {
        try await Wire.withDatabase { database in
            let usual = try await RoundTripTests.create(#"{"name":"usual"}"#, in: database)
            let lists = try await RoundTripTests.create(#"{"name":"lists","configuration":{"spann":{"search_nprobe":20}}}"#, in: database)
            let keys = try await RoundTripTests.create(
                #"{"name":"keys","metadata":{"lyrica:index":"flat","lyrica:vector_type":"float16"}}"#, in: database)
            let index = #"{"enabled":true,"config":{"spann":{"search_nprobe":5}}}"#
            let own = ##"{"defaults":{},"keys":{"#embedding":{"float_list":{"vector_index":\##(index)}}}}"##
            let schema = try await RoundTripTests.create(#"{"name":"schema","schema":\#(own)}"#, in: database)
            func answer(_ collection: CollectionDescription) -> String { Wire.text(ResponseEncoder(dialect: Wire.current).collection(collection)) }
            for collection in [usual, lists, keys, schema] {
                #expect(answer(collection).contains(#""configuration_json":{"hnsw":{"space":"l2","ef_construction":100,"ef_search":100,"#))
                #expect(answer(collection).contains(#""spann":null,"embedding_function":null},"schema""#))
            }
            let kept = #""write_nprobe":32,"ef_construction":200,"ef_search":200,"max_neighbors":64,"reassign_neighbor_count":64,"split_threshold":50,"merge_threshold":25"#
            #expect(answer(lists).contains(#""resize_factor":1.2},"spann":{\#(kept),"search_nprobe":20}}"#))
            for collection in [usual, keys, schema] { #expect(!answer(collection).contains("nprobe")) }
            let change = try Wire.decoder().changeCollection(RequestBody(#"{"new_configuration":{"spann":{"search_nprobe":21}}}"#), of: lists)
            try await database.changeCollection(lists.identifier, change)
            #expect(answer(try database.collection(lists.identifier)).contains(#""spann":{\#(kept),"search_nprobe":21}}"#))
            #expect(answer(keys).contains(#""metadata":{"lyrica:index":"flat","lyrica:vector_type":"float16"}"#))
        }
    }

    /// They have no effect here, and stay for the client that wrote them through changes of others; with the lists they go.
    @Test func settingsOfTheDistributedIndexAreReadBack() async throws {
        try await Wire.withDatabase { database in
            let all = #""write_nprobe":3,"ef_construction":4,"ef_search":5,"max_neighbors":6,"reassign_neighbor_count":7,"split_threshold":8,"merge_threshold":9"#
            var made = try await RoundTripTests.create(#"{"name":"abc","configuration":{"spann":{\#(all)}}}"#, in: database)
            func answer() -> String { Wire.text(ResponseEncoder(dialect: Wire.current).collection(made)) }
            func change(_ body: String) async throws {
                try await database.changeCollection(made.identifier, try Wire.decoder().changeCollection(RequestBody(body), of: made))
                made = try database.collection(made.identifier)
            }
            #expect(made.index == IndexConfiguration(choice: .ivf), "nothing is chosen by them")
            #expect(answer().ranges(of: #""spann":{\#(all)}}"#).count == 2, "in the defaults and of the vectors")
            #expect(!answer().contains("search_nprobe"), "the server chooses it")

            try await change(#"{"new_configuration":{"spann":{"search_nprobe":12}}}"#)
            #expect(answer().contains(#""spann":{\#(all),"search_nprobe":12}}"#))
            try await change(#"{"new_configuration":{"spann":{"ef_search":50}}}"#)
            let changed = all.replacing(#""ef_search":5"#, with: #""ef_search":50"#)
            #expect(answer().contains(#""spann":{\#(changed),"search_nprobe":12}}"#))
            #expect(made.index == IndexConfiguration(choice: .ivf, nprobe: 12))
            try await change(#"{"new_metadata":{"lyrica:index":"hnsw"}}"#)
            #expect(answer().contains(#""spann":null"#) && !answer().contains("nprobe"))
            try await change(#"{"new_configuration":{"spann":{"ef_search":60}}}"#)
            #expect(!answer().contains("nprobe"), "there are no lists to speak of")
        }
    }

    @Test func namingNoSettingShowsNone() async throws {
        try await Wire.withDatabase { database in
            let made = try await RoundTripTests.create(#"{"name":"abc","configuration":{"spann":{"space":"cosine","ef_search":null}}}"#, in: database)
            #expect(!Wire.text(ResponseEncoder(dialect: Wire.current).collection(made)).contains("nprobe"))
        }
    }

    /// What earlier versions of this server stored.
    @Test func oneSettingStoredAloneHasTheOthersBesideIt() async throws {
        try await Wire.withDatabase { database in
            let text = #"{"vector":{"space":"l2","spann":{"search_nprobe":20}}}"#
            let creation = CollectionCreation(name: "old", index: IndexConfiguration(choice: .ivf, nprobe: 20), wireConfiguration: Array(text.utf8))
            let (made, _) = try await database.createCollection(creation, tenant: "default_tenant", database: "default_database")
            #expect(Wire.text(ResponseEncoder(dialect: Wire.current).collection(made)).contains(#""merge_threshold":25,"search_nprobe":20}"#))
        }
    }

    @Test func unknownSettingsInASchemaAreRefused() {
        let index = #"{"enabled":true,"config":{"spann":{"probes":5}}}"#
        let body = ##"{"name":"abc","schema":{"defaults":{},"keys":{"#embedding":{"float_list":{"vector_index":\##(index)}}}}}"##
        #expect(Wire.failure { _ = try Wire.decoder().createCollection(RequestBody(body)) }.contains("unknown field `probes`"))
    }
}
