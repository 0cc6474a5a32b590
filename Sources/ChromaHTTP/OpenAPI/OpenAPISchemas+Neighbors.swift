import ChromaWire
import Engine

/// The shapes of distances and neighbours of stored records.
extension OpenAPISchemas {
    static let neighbors: [(String, DocumentValue)] = [
        ("NeighborRequest", object([], choice.adding(fieldsOf: [
            "n_results": ["type": ["integer", "null"], "minimum": 1, "default": 10, "description": "Neighbours of each record."],
            "within": [
                "type": ["string", "null"], "enum": .array(NeighborRequest.Scope.allCases.map { .string($0.rawValue) } + [.null]),
                "default": .string(NeighborRequest.Scope.matches.rawValue),
                "description": .string(
                    "Where neighbours are looked for: among all records of the collection; among those that ids, where and where_document mean, "
                        + "whatever page or sample of them is asked about; or only among those that are asked about."),
            ],
            "max_distance": ["type": ["number", "null"], "description": "Only neighbours at most so far away."],
            "exact": ["type": ["boolean", "null"], "default": false, "description": "Compare with every row, whatever index there is."],
            "ef_search": optionalRange(IndexLimits.efSearch, "As in a query."), "nprobe": optionalRange(IndexLimits.nprobe, "As in a query."),
            "rerank": optionalRange(IndexLimits.rerank, "As in a query."),
        ]), choiceText)),
        ("Neighbors", object(["ids", "neighbors", "distances"], [
            "ids": array(of: string).adding(
                "description", "First the records that were asked about, in their order; then the others that are neighbours of one."),
            "neighbors": array(of: array(of: count)).adding(
                "description", "A list for each record that was asked about, the nearest first and itself left out: places in `ids`."),
            "distances": array(of: array(of: ["type": ["number", "null"]])), "next_cursor": nextCursor,
        ])),
        ("DistanceRequest", object([], choice.adding(
            "other_ids", nullable(array(of: string)).adding("description", "The matrix's columns; without them its columns are its rows.")),
            choiceText)),
        ("Distances", object(["ids", "distances"], [
            "ids": array(of: string), "other_ids": array(of: string),
            "distances": array(of: array(of: ["type": ["number", "null"]])), "next_cursor": nextCursor,
        ], "A list of distances for each of `ids`; `other_ids` only where the request has them.")),
    ]

    private static let choiceText =
        "Which records are meant is said as in a `get`; those without an embedding are left out. At most one of order_by, cursor and sample."

    /// The fields that say which records are meant, and how long it may take.
    private static let choice = recordChoice.adding(
        "timeout_ms", ["type": ["integer", "null"], "minimum": 0, "description": "Give up after so many milliseconds, with 504."])

    /// The fields that say which records are meant, and in which order they come.
    static let recordChoice: DocumentValue = [
        "ids": nullable(array(of: string)), "where": nullable(reference("Where")), "where_document": nullable(reference("WhereDocument")),
        "limit": ["type": ["integer", "null"], "minimum": 0], "offset": ["type": ["integer", "null"], "minimum": 0],
        "order_by": nullable(array(of: object(["key"], [
            "key": string, "direction": ["type": "string", "enum": ["asc", "desc"], "default": "asc"],
        ], "The first key decides first. Booleans, then numbers, then strings; records without the key come last. `#id` is the id."))),
        "cursor": nullableString.adding(
            "description", .string(
                "Scroll through all that matches in the order of insertion: empty for the first page, then the last answer's next_cursor. "
                    + "Whatever is written meanwhile, a record that stays is shown once.")),
        "sample": nullable(object(
            ["size"], ["size": count, "seed": ["type": ["integer", "null"]]], "So many records by chance; with a seed always the same.")),
    ]

    static let nextCursor: DocumentValue = [
        "type": ["string", "null"], "description": "Only when the request has a cursor; null on the last page.",
    ]
}
