import ChromaWire

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

    /// One line of an answer that takes long.
    private static func line(_ result: DocumentValue) -> DocumentValue {
        ["oneOf": [object(["progress"], ["progress": reference("Progress")]), object(["result"], ["result": result]), reference("Error")]]
    }
}
