import ChromaWire
import Engine
import VectorModel

/// The shapes of administration.
extension OpenAPISchemas {
    static let administration: [(String, DocumentValue)] = [
        ("Status", object(["version", "uptime_seconds", "healthy", "collections", "damaged_collections", "problems"], [
            "version": string, "uptime_seconds": count,
            "read_only": ["type": "boolean", "description": "The server was started to change nothing."],
            "backups": ["type": "boolean", "description": "Backups may be made on request."],
            "healthy": ["type": "boolean", "description": "Nothing is damaged and there are no problems."],
            "collections": ["type": "integer", "description": "Of all tenants and databases."],
            "memtable_bytes": ["type": "integer", "description": "In memory and not in segments yet."],
            "indexes": object([], indexCounts.adding("building_collections", count), "Of all collections."),
            "log": nullable(reference("LogStatus")),
            "damaged_collection_count": count, "damaged_collections": array(of: reference("DamagedCollection")),
            "problems": array(of: string),
        ], "At most \(ServerStatus.namedMax) damaged collections and problems are named.")),
        ("LogStatus", object(["files", "bytes", "last_durable", "last_synced"], [
            "files": count, "recycled_files": ["type": "integer", "description": "Waiting to be used again."],
            "bytes": ["type": "integer", "description": "On disk."],
            "last_durable": ["type": "integer", "description": "The last change as durable as --durability promises."],
            "last_synced": ["type": "integer", "description": "The last change on stable storage."],
            "archive_failure": nullableString,
        ], "The write-ahead log; null for a server that changes nothing.")),
        ("DamagedCollection", object(["id", "access", "damage"], [
            "id": uuid, "access": ["type": "string", "enum": ["read_only", "refused"]], "damage": string,
        ])),
        ("Flushed", object(["flushed"], ["flushed": ["type": "boolean"]])),
        ("IndexReports", object(["total", "collections"], [
            "total": ["type": "integer", "description": "How many collections there are."], "collections": array(of: reference("IndexReport")),
        ])),
        ("IndexReport", object(
            ["id", "index", "rows"],
            DocumentValue.object([
                (key: "id", value: uuid), (key: "index", value: ["type": "string", "enum": choiceNames]),
                (key: "vector_type", value: ["type": "string", "enum": elementNames]), (key: "building", value: ["type": "boolean"]),
                (key: "build_progress", value: ["type": ["number", "null"], "minimum": 0, "maximum": 1]),
            ]).adding(fieldsOf: indexCounts))),
        ("IndexRebuildRequest", object([], [
            "collection": ["type": ["string", "null"], "format": "uuid", "description": "By default all collections."],
            "wait": ["type": "boolean", "default": true],
        ])),
        ("IndexRebuildLine", ["oneOf": [
            object(["progress"], ["progress": object(["phase"], ["phase": string, "rows_done": count, "rows_total": count])]),
            object(["result"], ["result": object(["collections", "indexes", "rows", "bytes", "cancelled", "failure_count", "failures"], [
                "collections": count, "indexes": count, "rows": count, "bytes": count, "cancelled": ["type": "boolean"],
                "failure_count": count, "failures": array(of: string),
            ])]),
            object(["scheduled"], ["scheduled": count], "Without waiting: how many indexes will be built."),
            reference("Error"),
        ]]),
        ("BackupRequest", object([], [
            "name": [
                "type": ["string", "null"], "maxLength": .integer(BackupRequest.nameBytesMax),
                "description": "Letters, digits, `.`, `_`, `-`; by default the time.",
            ],
            "format": [
                "type": ["string", "null"], "enum": .array(BackupRequest.Format.allCases.map { .string($0.rawValue) } + [.null]),
                "default": "directory",
            ],
            "base": ["type": ["string", "null"], "description": "An earlier backup in directory form: files that are in it are not copied again."],
        ])),
        ("Progress", object(["phase", "bytes_done", "bytes_total"], [
            "phase": string, "bytes_done": count, "bytes_total": ["type": "integer", "description": "0 where it is not known."],
        ])),
        ("VerificationLine", line(object(["sound", "cancelled", "files", "bytes", "rows", "finding_count", "findings"], [
            "sound": ["type": "boolean", "description": "Nothing is damaged, and everything was looked at."],
            "cancelled": ["type": "boolean"], "files": count, "bytes": count, "collections": count, "rows": count, "log_records": count,
            "finding_count": count, "findings": array(of: reference("Finding")),
        ]))),
        ("Finding", object(["severity", "file", "what", "expected", "found", "remedy"], [
            "severity": ["type": "string", "enum": ["damage", "orphan", "note"]], "file": string, "offset": ["type": ["integer", "null"]],
            "what": string, "expected": string, "found": string, "collection": nullable(uuid), "remedy": string,
        ])),
        ("BackupLine", line(object(["name", "sequence", "bytes", "damaged_collections"], [
            "name": string, "sequence": ["type": "integer", "description": "The last change in the backup."],
            "unix_milliseconds": ["type": "integer", "description": "When that was made."],
            "collections": count, "files": count, "bytes": count,
            "new_bytes": ["type": "integer", "description": "Of these, what takes new space."],
            "bytes_shared_with_base": count,
            "damaged_collections": array(of: object(["id", "problem"], ["id": uuid, "problem": string])),
        ]))),
    ]

    /// How many rows are searched in which way.
    private static let indexCounts: DocumentValue = [
        "rows": count, "hnsw_rows": ["type": "integer", "description": "Under a graph."],
        "ivf_rows": ["type": "integer", "description": "Under an inverted file."],
        "flat_rows": ["type": "integer", "description": "Few enough to be scanned, or in a collection that asks for no index."],
        "pending_rows": ["type": "integer", "description": "Scanned until their index is built."],
        "bytes": ["type": "integer", "description": "Of the index files."],
    ]

    static let choiceNames: DocumentValue = .array(IndexChoice.allCases.map { .string($0.name) })
    static let languageNames: DocumentValue = .array(IndexLimits.languages.map { .string($0) })
    static let elementNames: DocumentValue = .array(VectorElement.allCases.map { .string($0.name) })

    /// One line of an answer that takes long.
    private static func line(_ result: DocumentValue) -> DocumentValue {
        ["oneOf": [object(["progress"], ["progress": reference("Progress")]), object(["result"], ["result": result]), reference("Error")]]
    }
}
