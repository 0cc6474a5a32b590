import ChromaWire

/// The shapes of the search API.
extension OpenAPISchemas {
    static let search: [(String, DocumentValue)] = [
        ("SearchRequest", object(["searches"], [
            "searches": array(of: reference("Search")),
            "read_level": [
                "type": ["string", "null"], "enum": .array(ChromaWire.RequestDecoder.readLevels.map { .string($0) }),
                "description": "Every level sees every acknowledged write.",
            ],
            "timeout_ms": ["type": ["integer", "null"], "minimum": 0, "description": "Give up after so many milliseconds, with 504."],
        ])),
        ("Search", object([], [
            "filter": nullable(reference("Where")),
            "rank": nullable(reference("Rank")),
            "group_by": reference("GroupBy"),
            "limit": object([], ["limit": ["type": ["integer", "null"], "minimum": 0], "offset": ["type": ["integer", "null"], "minimum": 0]]),
            "select": object([], ["keys": array(of: string)], "#id, #document, #embedding, #metadata, #score, or keys of the metadata."),
        ], "In the filter, `#id` and `#document` are keys too. Without `rank` the records come in the order of insertion and have no scores.")),
        ("Rank", [
            "type": "object",
            "description": .string(
                "An expression that scores records; a smaller score is better. Exactly one of: `$val` a number; `$knn`; `$bm25`; `$sum`, `$mul`, "
                    + "`$min`, `$max` a list of expressions; `$sub`, `$div` an object with `left` and `right`; `$abs`, `$exp`, `$log` an expression. "
                    + "A record has a score if one of the `$knn` and `$bm25` found it and each of them without `default` did."),
            "properties": ["$knn": reference("Knn"), "$bm25": reference("BM25")],
            "example": ["$sum": [["$knn": ["query": [1, 2], "limit": 100]], ["$bm25": ["query": "shepherd", "default": 1]]]],
        ]),
        ("Knn", object(["query"], leaf.adding("query", [
            "description": "A vector, or a sparse vector to be compared with those under `key`.",
            "oneOf": [array(of: ["type": "number"]), reference("SparseVector")],
        ]).adding("key", ["type": "string", "default": "#embedding"])
            .adding("exact", ["type": ["boolean", "null"], "default": false, "description": "Compare with every row that matches."]))),
        ("BM25", object(["query"], leaf
            .adding("query", ["type": "string", "description": "Words to look for in the documents."])
            .adding("options", object([], [
                "k1": ["type": ["number", "null"], "minimum": 0], "b": ["type": ["number", "null"], "minimum": 0, "maximum": 1],
                "language": [
                    "type": ["string", "null"],
                    "description": .string(
                        "Whose endings are cut off words, by its English name; in English, articles and the like are left out too. `none`: "
                            + "words as they are. Without it the collection's language counts (`lyrica:language`)."),
                ],
            ])))),
        ("SparseVector", object(["indices", "values"], [
            "#type": ["type": "string", "enum": ["sparse_vector"]], "indices": array(of: count), "values": array(of: ["type": "number"]),
            "tokens": nullable(array(of: string)),
        ], "Indices ascend, none twice.")),
        ("GroupBy", object([], [
            "keys": array(of: string),
            "aggregate": object([], ["$min_k": groupAggregate, "$max_k": groupAggregate]),
        ], "Keeps of each group of records with equal values under `keys` the k smallest or largest. `{}`: no groups.")),
        ("SearchResult", object(["ids", "select"], [
            "ids": array(of: array(of: string)), "documents": array(of: nullable(array(of: nullableString))),
            "embeddings": array(of: nullable(array(of: nullable(array(of: ["type": "number"]))))),
            "metadatas": array(of: nullable(array(of: nullable(reference("Metadata"))))),
            "scores": array(of: nullable(array(of: ["type": ["number", "null"]]))), "select": array(of: array(of: string)),
        ], "One list per search, the best first; null for what was not selected.")),
    ]

    /// What all leaves of a rank expression have.
    private static let leaf: DocumentValue = [
        "limit": ["type": "integer", "minimum": 1, "default": 16, "description": "At most so many records are found."],
        "default": ["type": ["number", "null"], "description": "The value for records that are not found; without it those have no score."],
        "return_rank": ["type": "boolean", "default": false, "description": "The value is the position, from 0, and not the distance."],
    ]

    private static let groupAggregate = object(["keys", "k"], [
        "keys": array(of: string), "k": ["type": "integer", "minimum": 1],
    ], "`keys`: keys of the metadata or #score.")
}
