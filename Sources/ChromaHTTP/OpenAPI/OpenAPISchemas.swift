import ChromaWire
import Engine

/// The shapes that the OpenAPI document names: bodies of requests and answers.
enum OpenAPISchemas {
    static func reference(_ name: String) -> DocumentValue { ["$ref": .string("#/components/schemas/" + name)] }

    static func array(of items: DocumentValue) -> DocumentValue { ["type": "array", "items": items] }

    static func nullable(_ schema: DocumentValue) -> DocumentValue { ["oneOf": [schema, ["type": "null"]]] }

    static let string: DocumentValue = ["type": "string"]
    static let nullableString: DocumentValue = ["type": ["string", "null"]]
    static let uuid: DocumentValue = ["type": "string", "format": "uuid"]
    static let count: DocumentValue = ["type": "integer", "minimum": 0]
    static let vector = array(of: ["type": "number", "format": "float"])

    /// A whole number within limits.
    static func range(_ range: ClosedRange<Int>) -> DocumentValue {
        ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    }

    /// The same for a field that may be left out.
    static func optionalRange(_ range: ClosedRange<Int>, _ description: String) -> DocumentValue {
        [
            "type": ["integer", "null"], "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "description": .string(description),
        ]
    }

    static func object(_ required: [String], _ fields: DocumentValue, _ description: String? = nil) -> DocumentValue {
        var schema: DocumentValue = ["type": "object"]
        if let description { schema = schema.adding("description", .string(description)) }
        if !required.isEmpty { schema = schema.adding("required", .array(required.map { .string($0) })) }
        return schema.adding("properties", fields)
    }

    static let all: DocumentValue = .object(
        (system + administration + catalog + records + neighbors + search + transactions).map { (key: $0.0, value: $0.1) })

    private static let system: [(String, DocumentValue)] = [
        ("Error", object(["error", "message"], [
            "error": ["type": "string", "description": "The kind of error, by which clients choose the exception they raise."],
            "message": ["type": "string", "description": "What is wrong, naming the field and the limit."],
        ])),
        ("Heartbeat", object(["nanosecond heartbeat"], ["nanosecond heartbeat": ["type": "integer", "format": "int64"]])),
        ("Preflight", object(["max_batch_size"], [
            "max_batch_size": ["type": "integer", "description": "Records that one write may carry."],
            "supports_base64_encoding": ["type": "boolean", "description": "Version 2 only: embeddings may come as base64 of little-endian float32."],
        ])),
        ("Health", object(["is_executor_ready", "is_log_client_ready"], [
            "is_executor_ready": ["type": "boolean"], "is_log_client_ready": ["type": "boolean"],
        ])),
        ("Identity", object(["user_id", "tenant", "databases"], [
            "user_id": string, "tenant": string, "databases": array(of: string),
        ])),
        ("Empty", ["description": "`{}` in version 2, `null` in version 1.", "type": ["object", "null"]]),
        ("Added", ["description": "`{}` in version 2, `true` in version 1.", "type": ["object", "boolean"]]),
    ]

    private static let catalog: [(String, DocumentValue)] = [
        ("Name", object(["name"], ["name": ["type": "string", "minLength": 3]])),
        ("TenantChange", object(["resource_name"], ["resource_name": string])),
        ("Tenant", object(["name"], ["name": string, "resource_name": nullableString])),
        ("Database", object(["id", "name", "tenant"], ["id": uuid, "name": string, "tenant": string])),
        ("MetadataValue", ["oneOf": [
            ["type": ["string", "integer", "number", "boolean"]],
            ["type": "array", "description": "Elements of one kind.", "items": ["type": ["string", "integer", "number", "boolean"]]],
            reference("SparseVector"),
        ]]),
        ("SparseVector", object(["#type", "indices", "values"], [
            "#type": ["type": "string", "enum": ["sparse_vector"]],
            "indices": [
                "type": "array", "description": "Ascending, none twice.", "items": ["type": "integer", "minimum": 0, "maximum": 4_294_967_295],
            ],
            "values": ["type": "array", "description": "One 32-bit float for each index.", "items": ["type": "number"]],
            "tokens": ["type": "array", "description": "What each index stands for; kept, never searched.", "items": string],
        ])),
        ("Metadata", ["type": "object", "additionalProperties": reference("MetadataValue")]),
        ("CollectionMetadata", [
            "type": "object", "additionalProperties": reference("MetadataValue"),
            "description": "Any keys; these configure the index, as do those of older clients that begin with `hnsw:`.",
            "properties": [
                "lyrica:index": ["type": "string", "enum": choiceNames, "default": "auto"],
                "lyrica:vector_type": [
                    "type": "string", "enum": elementNames, "default": "float32",
                    "description": "`float16` halves the memory of the vectors. Numbers beyond 65,504 are refused then. Cannot be changed.",
                ],
                "lyrica:nlist": range(IndexLimits.nlist).adding("description", "Lists of an inverted file."),
                "lyrica:nprobe": range(IndexLimits.nprobe).adding("description", "Lists that a query looks into."),
                "lyrica:language": [
                    "type": "string", "enum": languageNames, "default": "none",
                    "description": "Whose endings are cut off words when documents are ranked by words, unless a query names another language.",
                ],
                "lyrica:stop_words": [
                    "type": "boolean",
                    "description": "Whether articles and the like are left out of the words. True by default in English, the only language with a list of them.",
                ],
                "lyrica:ttl_seconds": range(IndexLimits.ttlSeconds).adding(
                    "description", "How long after its last add or upsert a record lives that does not say in `lyrica:expires_at` when it expires."),
            ],
        ]),
        ("Configuration", object([], [
            "hnsw": nullable(object([], [
                "space": ["type": "string", "enum": ["l2", "ip", "cosine"], "default": "l2"],
                "ef_construction": range(IndexLimits.efConstruction).adding("default", 100),
                "ef_search": range(IndexLimits.efSearch).adding("default", 100),
                "max_neighbors": range(IndexLimits.M).adding("default", 16), "resize_factor": ["type": "number"],
                "sync_threshold": ["type": "integer"],
            ])),
            "spann": nullable(object([], [
                "space": ["type": "string", "enum": ["l2", "ip", "cosine"], "default": "l2"],
                "search_nprobe": range(IndexLimits.nprobe),
            ], "Asks for an inverted file. Of the other settings that Chroma's distributed server has none has an effect; the schema shows them.")),
            "embedding_function": ["type": ["object", "null"], "description": "Kept and given back as sent: the client makes its function from it."],
        ], "How the collection is searched.")),
        ("CollectionCreation", object(["name"], [
            "name": ["type": "string", "minLength": 3, "maxLength": 512],
            "metadata": nullable(reference("CollectionMetadata")),
            "configuration": nullable(reference("Configuration")), "schema": ["type": ["object", "null"]],
            "get_or_create": ["type": "boolean", "default": false, "description": "Give back the collection of this name, unchanged, if there is one."],
        ])),
        ("CollectionChange", object([], [
            "new_name": nullableString, "new_metadata": nullable(reference("CollectionMetadata")),
            "new_configuration": nullable(reference("Configuration")),
        ], "What is absent stays. Metadata is replaced as a whole.")),
        ("Collection", object(["id", "name"], [
            "id": uuid, "name": string, "configuration_json": reference("Configuration"), "schema": ["type": ["object", "null"]],
            "metadata": nullable(reference("Metadata")), "dimension": ["type": ["integer", "null"]], "tenant": string, "database": string,
            "log_position": ["type": "integer", "format": "int64"],
            "version": ["type": "integer", "description": "Grows with every change: of name, metadata, configuration or records."],
        ], "The fields are those that the client's generation accepts; this is the newest.")),
    ]

    private static let records: [(String, DocumentValue)] = [
        ("Where", [
            "type": "object",
            "description": .string(
                "A condition on metadata: `{key: value}`, `{key: {operator: value}}`, `{\"$and\": […]}`, `{\"$or\": […]}`. "
                    + "Operators: $eq $ne $gt $gte $lt $lte $in $nin, $contains $not_contains (an element of an array).\n\n"
                    + "Beyond Chroma, which answers 400: several keys or operators in one object, all of which have to hold; `$not` around a "
                    + "condition or operators, its exact complement; `$exists` and `$is_null` (true or false); `$between` ([lowest, highest]); on "
                    + "values that are one string `$like` (% and _, escaped with a backslash), `$prefix`, `$substring`, `$regex` and `$not_regex` "
                    + "(RE2 syntax); ISO-8601 dates as strings under $gt $gte $lt $lte $between, and as `{\"$date\": …}` under $eq and $ne too, "
                    + "compared with string values that are dates. The key `#id` is the record's id, `#document` its document."),
            "example": ["$and": [["genre": "psalm"], ["verse": ["$gte": 10]]]],
        ]),
        ("WhereDocument", [
            "type": "object",
            "description": "A condition on the document: $contains, $not_contains, $regex, $not_regex (RE2 syntax), $and, $or.",
            "example": ["$contains": "shepherd"],
        ]),
        ("Include", array(of: ["type": "string", "enum": ["embeddings", "documents", "metadatas", "distances", "uris"]])),
        ("Embeddings", ["oneOf": [
            array(of: nullable(vector)),
            array(of: ["type": ["string", "null"], "contentEncoding": "base64", "description": "Little-endian float32. Version 2."]),
        ]]),
        ("Records", object(["ids"], [
            "ids": array(of: string), "embeddings": nullable(reference("Embeddings")), "documents": nullable(array(of: nullableString)),
            "metadatas": nullable(array(of: nullable(reference("Metadata")))), "uris": nullable(array(of: nullableString)),
        ], "Columns: entry i of each belongs to id i. In an update a metadata key with null is removed. From the second since 1970 on that the "
            + "metadata key `lyrica:expires_at` names, a record is not there any more.")),
        ("GetRequest", object([], recordChoice.adding("include", reference("Include")),
            "At most one of order_by, cursor and sample; these are not part of Chroma's protocol.")),
        ("GetResult", object(["ids"], [
            "ids": array(of: string), "embeddings": nullable(array(of: nullable(vector))), "documents": nullable(array(of: nullableString)),
            "metadatas": nullable(array(of: nullable(reference("Metadata")))), "uris": nullable(array(of: nullableString)),
            "next_cursor": nextCursor,
            "include": reference("Include"),
        ], "Columns that were not asked for are null. Version 1 calls the last `included`.")),
        ("QueryRequest", object([], [
            "query_embeddings": nullable(array(of: vector)), "n_results": ["type": ["integer", "null"], "minimum": 0, "default": 10],
            "ids": nullable(array(of: string)), "where": nullable(reference("Where")),
            "where_document": nullable(reference("WhereDocument")), "include": reference("Include"),
            "timeout_ms": ["type": ["integer", "null"], "minimum": 0, "description": "Give up after so many milliseconds, with 504."],
            "exact": ["type": ["boolean", "null"], "default": false, "description": "Compare with every row that matches, whatever index there is."],
            "ef_search": optionalRange(IndexLimits.efSearch, "Candidates that the search of a graph keeps, in place of the collection's number."),
            "nprobe": optionalRange(IndexLimits.nprobe, "Lists of an inverted file that are looked into, in place of the collection's number."),
            "rerank": optionalRange(
                IndexLimits.rerank,
                "Candidates per result whose distances are computed from the stored vectors. All distances in answers are exact."),
            "explain": ["type": ["boolean", "null"], "default": false, "description": "The answer also says how it was found."],
            "query_ids": nullable(array(of: string)).adding(
                "description", "Search for what is near these records, in place of query_embeddings; they are not among the answers to themselves."),
            "recommend": nullable(object(["positive"], ["positive": array(of: string), "negative": nullable(array(of: string))],
                "Search near the mean of some records and away from that of others, in place of query_embeddings.")),
            "max_distance": ["type": ["number", "null"], "description": "Only answers at most so far away."],
            "group_by": nullable(object(["key"], ["key": string, "limit": ["type": "integer", "minimum": 1, "default": 1]],
                "At most so many answers with one value of a key; records without it are a group too.")),
            "mmr": nullable(object([], [
                "lambda": ["type": "number", "minimum": 0, "maximum": 1, "description": "The weight of being near; 0.5 if absent."],
                "candidates": ["type": "integer", "minimum": 1, "maximum": .integer(QueryRefinement.Diversity.candidatesMax), "default": 100],
            ], "Maximal marginal relevance: answers that differ from each other, in the order in which they were taken. 1 is the usual order.")),
        ], "One of query_embeddings, query_ids and recommend.")),
        ("QueryResult", object(["ids"], [
            "ids": array(of: array(of: string)), "distances": nullable(array(of: array(of: ["type": ["number", "null"]]))),
            "embeddings": nullable(array(of: array(of: nullable(vector)))), "documents": nullable(array(of: array(of: nullableString))),
            "metadatas": nullable(array(of: array(of: nullable(reference("Metadata"))))),
            "uris": nullable(array(of: array(of: nullableString))), "include": reference("Include"),
            "explain": ["type": "object", "description": "Where `explain` asked for it: `text`, and the same as fields."],
        ], "One list per query vector, nearest first.")),
        ("DeleteRequest", object([], [
            "ids": nullable(array(of: string)), "where": nullable(reference("Where")), "where_document": nullable(reference("WhereDocument")),
            "limit": ["type": ["integer", "null"], "minimum": 0],
        ])),
        ("DeleteResult", ["oneOf": [
            object(["deleted"], ["deleted": count], "Version 2: how many records were deleted."),
            ["type": ["array", "null"], "description": "Version 1: the ids, or null.", "items": string],
        ]]),
        ("CountRequest", object([], [
            "ids": nullable(array(of: string)), "where": nullable(reference("Where")), "where_document": nullable(reference("WhereDocument")),
        ])),
        ("FacetRequest", object(["keys"], [
            "keys": array(of: string), "ids": nullable(array(of: string)), "where": nullable(reference("Where")),
            "where_document": nullable(reference("WhereDocument")),
            "limit": ["type": ["integer", "null"], "minimum": 0, "default": 10, "description": "Values of each key, the most frequent."],
        ])),
        ("Facets", object(["facets"], ["facets": ["type": "object", "additionalProperties": object(["values", "distinct", "missing"], [
            "values": array(of: object(["value", "count"], ["value": ["type": ["string", "number", "boolean"]], "count": count])),
            "distinct": count, "missing": count,
        ])]], "By key. Of an array its elements are counted, each once for a record. `missing`: records without the key.")),
        ("IndexingStatus", object(["op_indexing_progress", "num_unindexed_ops", "num_indexed_ops", "total_ops"], [
            "op_indexing_progress": ["type": "number", "minimum": 0, "maximum": 1], "num_unindexed_ops": count, "num_indexed_ops": count,
            "total_ops": count,
            "build_progress": ["type": "number", "description": "How much is done of the index that is being built, if one is."],
        ])),
    ]
}
