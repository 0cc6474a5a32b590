import ChromaWire
import Engine
import Testing
import VectorModel

/// Bodies of the client through the engine and back as the text that the client reads.
@Suite struct SearchRoundTripTests {
    /// Answers a search of three records; `c` has no document and no metadata.
    private func answer(_ body: String) async throws -> String {
        var text = ""
        try await Wire.withDatabase { database in
            let id = try await RoundTripTests.create(#"{"name":"abc"}"#, in: database).identifier
            let records = RequestBody(#"""
                {"ids":["a","b","c"],"embeddings":[[0.5,-1,2],[0.5,-1,3],[0,0,0]],"documents":["the shepherd","psalm",null],
                "metadatas":[{"genre":"psalm","verse":12,"sparse":{"#type":"sparse_vector","indices":[1],"values":[2]}},
                {"genre":"psalm","verse":3},null]}
                """#)
            try await database.write(try Wire.decoder().write(records, as: .add), as: .add, to: id)
            let decoded = try Wire.decoder().search(RequestBody(body))
            let result = try await database.search(decoded.batch, in: id)
            text = Wire.text(ResponseEncoder(dialect: Wire.current).search(result, selections: decoded.selections))
        }
        return text
    }

    @Test func whatIsNotSelectedIsNull() async throws {
        #expect(try await answer(SearchBodies.nothing)
            == #"{"ids":[["a","b","c"]],"documents":[null],"embeddings":[null],"metadatas":[null],"scores":[null],"select":[[]]}"#)
        #expect(try await answer(SearchBodies.batch) == #"""
            {"ids":[["a","b","c"],["a","b","c"],["a","b","c"]],"documents":[null,null,null],"embeddings":[null,null,null],
            """#.trimmed + #""metadatas":[null,null,null],"scores":[null,null,null],"select":[[],[],[]]}"#)
    }

    @Test func everythingSelected() async throws {
        let body = ##"{"searches":[{"rank":{"$knn":{"query":[0.5,-1,2]}},"select":{"keys":["#score","#metadata","#embedding","#document"]}}]}"##
        #expect(try await answer(body) == #"{"ids":[["a","b","c"]],"documents":[["the shepherd","psalm",null]],"#
            + #""embeddings":[[[0.5,-1.0,2.0],[0.5,-1.0,3.0],[0.0,0.0,0.0]]],"metadatas":[[{"genre":"psalm","verse":12,"#
            + ##""sparse":{"#type":"sparse_vector","indices":[1],"values":[2.0]}},{"genre":"psalm","verse":3},null]],"##
            + ##""scores":[[0.0,1.0,5.25]],"select":[["#document","#embedding","#metadata","#score"]]}"##)
    }

    @Test func singleKeysOfTheMetadata() async throws {
        #expect(try await answer(##"{"searches":[{"select":{"keys":["verse","title","#id","verse"]}}]}"##)
            == ##"{"ids":[["a","b","c"]],"documents":[null],"embeddings":[null],"metadatas":[[{"verse":12},{"verse":3},null]],"scores":[null],"##
            + ##""select":[["#id","title","verse"]]}"##)
    }

    @Test func scoresThatAreNoNumbersAreNull() async throws {
        let body = ##"{"searches":[{"rank":{"$log":{"$knn":{"query":[0.5,-1,2]}}},"select":{"keys":["#score"]}},{"select":{"keys":["#score"]}}]}"##
        let text = try await answer(body)
        #expect(text.contains(#""scores":[[null,0.0,1.658228],[null,null,null]]"#), "\(text)")
    }

    @Test func filtersGroupsAndFusion() async throws {
        #expect(try await answer(SearchBodies.everything).hasPrefix(#"{"ids":[[]],"#))
        #expect(try await answer(SearchBodies.identifiers).hasPrefix(#"{"ids":[["a"]],"#))
        #expect(try await answer(SearchBodies.fusion).hasPrefix(#"{"ids":[["a"]],"#))
        #expect(try await answer(SearchBodies.largest).hasPrefix(#"{"ids":[["a","c"]],"#))
        #expect(try await answer(SearchBodies.groups).contains(##""select":[["#id","#score","genre","title"]]"##))
    }
}

extension String {
    /// Without the white space of a literal over several lines.
    fileprivate var trimmed: String { filter { !$0.isNewline } }
}
