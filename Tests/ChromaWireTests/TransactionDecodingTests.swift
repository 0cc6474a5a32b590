import ChromaWire
import Engine
import Filtering
import Testing
import VectorModel

@Suite struct TransactionDecodingTests {
    private func commit(_ text: String) throws -> ConditionalCommit { try Wire.decoder().conditionalCommit(RequestBody(text)) }

    @Test func readsAreGetsWithAToken() throws {
        let first = try Wire.decoder().conditionalGet(RequestBody(
            #"{"ids":["id1"],"where":null,"where_document":null,"limit":null,"offset":0,"include":["documents","metadatas"],"read_token":null}"#))
        #expect(first.token == nil && first.get.request.selector.identifiers == ["id1"])
        let later = try Wire.decoder().conditionalGet(RequestBody(#"{"where":{"a":1},"limit":3,"read_token":42}"#))
        #expect(later.token == SequenceNumber(42) && later.get.request.limit == 3)
        for body in ["{}", #"{"where":{"a":1}}"#, #"{"limit":0}"#] {
            #expect(
                Wire.failure { _ = try Wire.decoder().conditionalGet(RequestBody(body)) }
                    == "400 InvalidArgumentError: transactional filter reads require a positive limit")
        }
        #expect(Wire.failure { _ = try Wire.decoder().conditionalGet(RequestBody(#"{"ids":[],"read_token":-1}"#)) }.hasPrefix("422 "))
    }

    @Test func readsMayBeOperations() throws {
        let commit = try commit(#"""
            {"read_token": 42, "operations": [
              {"operation": "get", "payload": {"ids": ["a", "b"], "where": null, "where_document": null, "limit": null, "offset": 0,
                                                "include": ["documents"], "expected_ids": ["b"]}},
              {"operation": "add", "payload": {"ids": ["a"], "embeddings": [[1.0, 2.0]], "documents": null, "uris": null, "metadatas": null}},
              {"operation": "update", "payload": {"ids": ["b"], "embeddings": null, "documents": ["x"], "uris": null, "metadatas": [{"k": null}]}},
              {"operation": "upsert", "payload": {"ids": ["c"], "embeddings": [[3.0, 4.0]], "documents": null, "uris": null, "metadatas": null}}
            ]}
            """#)
        #expect(commit.token == SequenceNumber(42) && commit.readIdentifiers == ["a", "b"] && commit.recordCount == 3)
        guard case .write(let batch, .add)? = commit.changes.first else { throw WireError.internalFailure(dialect: Wire.current) }
        #expect(batch.identifiers == ["a"] && batch.embeddings?.values == [1, 2])
    }

    @Test func readsMayBeAListOfIds() throws {
        let commit = try commit(
            #"{"read_token":7,"read_ids":["a"],"operations":[{"operation":"delete","payload":{"ids":["a"],"where":null,"where_document":null,"limit":null}}]}"#)
        #expect(commit.readIdentifiers == ["a"] && commit.changes.flatMap(\.identifiers) == ["a"])
        #expect(try self.commit(#"{"read_token":null,"read_ids":[],"operations":[]}"#).recordCount == 0)
    }

    static let refused: [(String, String)] = [
        ("{}", "422 ChromaError: Failed to deserialize the JSON body into the target type: missing field `operations`"),
        (#"{"operations":[{"operation":"drop","payload":{}}]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: operations[0].operation: unknown variant `drop`, expected one of `get`, `add`, `update`, `upsert`, `delete`"),
        (#"{"operations":[{"operation":"add"}]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: operations[0]: missing field `payload`"),
        (#"{"operations":[7]}"#,
         "422 ChromaError: Failed to deserialize the JSON body into the target type: operations[0]: invalid type: integer `7`, expected struct ConditionalTransactionOperationPayload"),
        (#"{"operations":[{"operation":"delete","payload":{"ids":["a"],"limit":1}}]}"#,
         "400 InvalidArgumentError: transactional predicate deletes are not supported"),
        (#"{"operations":[{"operation":"delete","payload":{"where":{"a":1}}}]}"#,
         "400 InvalidArgumentError: transactional predicate deletes are not supported"),
        (#"{"read_ids":["a"],"operations":[]}"#,
         "400 InvalidArgumentError: Validation error: read_token: is missing; reads of a transaction have one"),
        (#"{"operations":[{"operation":"add","payload":{"ids":["a"],"embeddings":[[1]]}}]}"#,
         #"400 InvalidArgumentError: Validation error: operations[0]: transactional add for id "a" requires a prior read proving the id is absent"#),
        (#"{"operations":[{"operation":"upsert","payload":{"ids":["a","a"],"embeddings":[[1],[2]]}}]}"#,
         "400 DuplicateID: Expected IDs to be unique, found duplicates of: a"),
    ]

    @Test(arguments: refused) func whatIsRefused(body: String, answer: String) {
        #expect(Wire.failure { _ = try commit(body) } == answer)
    }

    @Test func answersAndConflicts() async throws {
        let encoder = ResponseEncoder(dialect: Wire.current)
        let empty = try commit(#"{"operations":[]}"#)
        #expect(Wire.text(encoder.committed(empty, at: nil)) == #"{"first_inserted_record_offset":null,"record_count":0}"#)
        let one = try commit(#"{"operations":[{"operation":"upsert","payload":{"ids":["a"],"embeddings":[[1]]}}]}"#)
        #expect(Wire.text(encoder.committed(one, at: SequenceNumber(7))) == #"{"first_inserted_record_offset":7,"record_count":1}"#)
        #expect(
            WireError(RequestError(.conditionalConflict), dialect: Wire.current).description
                == "409 ConditionalWriteConflictError: conditional write conflict")
        #expect(WireError(RequestError(.staleRead(SequenceNumber(3))), dialect: Wire.current).description.hasPrefix("412 StaleReadError: "))
        try await Wire.withDatabase { database in
            let made = try await database.createCollection(CollectionCreation(name: "one"), tenant: "default_tenant", database: "default_database")
            let (result, token) = try await database.get(GetRequest(), from: made.collection.identifier, at: nil)
            #expect(
                Wire.text(encoder.get(result, include: IncludeSet([.documents]), token: token))
                    == #"{"ids":[],"embeddings":null,"documents":[],"uris":null,"metadatas":null,"include":["documents"],"read_token":\#(token)}"#)
        }
    }

    @Test func aForkHasAName() throws {
        #expect(try Wire.decoder().fork(RequestBody(#"{"new_name":"copy"}"#)) == "copy")
        #expect(Wire.failure { _ = try Wire.decoder().fork(RequestBody("{}")) }.hasPrefix("422 "))
        #expect(Wire.failure { _ = try Wire.decoder().fork(RequestBody(#"{"new_name":"a"}"#)) }.hasPrefix("400 InvalidArgumentError: Validation error: new_name: "))
        #expect(Wire.text(ResponseEncoder(dialect: Wire.current).forkCount(5)) == #"{"count":5}"#)
    }
}
