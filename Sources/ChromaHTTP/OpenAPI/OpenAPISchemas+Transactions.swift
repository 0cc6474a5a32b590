/// The shapes of forks and transactions.
extension OpenAPISchemas {
    static let transactions: [(String, DocumentValue)] = [
        ("Fork", object(["new_name"], ["new_name": ["type": "string", "minLength": 3, "maxLength": 512]])),
        ("ForkCount", object(["count"], ["count": count], "Forks that there are of the collection, of its forks and of what it was made from.")),
        ("ReadToken", ["type": ["integer", "null"], "format": "int64", "description": "The moment that a transaction reads at."]),
        ("ConditionalGetRequest", object([], [
            "ids": nullable(array(of: string)), "where": nullable(reference("Where")), "where_document": nullable(reference("WhereDocument")),
            "limit": ["type": ["integer", "null"], "minimum": 0], "offset": ["type": ["integer", "null"], "minimum": 0],
            "include": reference("Include"), "read_token": reference("ReadToken"),
        ], "Without ids it needs a limit.")),
        ("ConditionalGetResult", object(["ids", "read_token"], [
            "ids": array(of: string), "embeddings": nullable(array(of: nullable(vector))), "documents": nullable(array(of: nullableString)),
            "metadatas": nullable(array(of: nullable(reference("Metadata")))), "uris": nullable(array(of: nullableString)),
            "include": reference("Include"), "read_token": ["type": "integer", "format": "int64"],
        ])),
        ("ConditionalCommit", object(["operations"], [
            "read_token": reference("ReadToken"),
            "read_ids": nullable(array(of: string)).adding("description", "The ids that were read, where no `get` operations tell of them."),
            "operations": array(of: object(["operation", "payload"], [
                "operation": ["type": "string", "enum": ["get", "add", "update", "upsert", "delete"]],
                "payload": [
                    "type": "object",
                    "description": "The body of such a request; of a get also `expected_ids`, the ids that were found; of a delete ids only.",
                ],
            ])),
        ], "Each id is written once. An add needs a read that did not find the id, an update or delete one that did.")),
        ("ConditionalCommitResult", object(["first_inserted_record_offset", "record_count"], [
            "first_inserted_record_offset": ["type": ["integer", "null"], "format": "int64", "description": "Null when nothing was written."],
            "record_count": count,
        ])),
    ]
}
