public import Engine
import VectorModel

/// Writes answers in the shapes of one client generation.
public struct ResponseEncoder: Sendable {
    let dialect: Dialect

    public init(dialect: Dialect) {
        self.dialect = dialect
    }

    func write(capacity: Int = 256, _ body: (inout JSONWriter) -> Void) -> WireBytes {
        var writer = JSONWriter(capacity: capacity)
        body(&writer)
        return writer.finish()
    }

    public func tenant(_ tenant: TenantDescription) -> WireBytes {
        write { writer in
            writer.raw(#"{"name":"#)
            writer.string(tenant.name)
            switch dialect.version {
            case .v1: writer.raw("}")
            case .v2: writer.raw(#","resource_name":null}"#)
            }
        }
    }

    public func database(_ database: DatabaseDescription) -> WireBytes {
        write { $0.database(database) }
    }

    public func databases(_ databases: [DatabaseDescription]) -> WireBytes {
        write { $0.array(databases) { writer, database in writer.database(database) } }
    }

    /// Version 2 counts what was deleted; of version 1 the older generation lists the ids and the newer says nothing.
    public func deleted(_ result: DeleteResult) -> WireBytes {
        write { writer in
            switch dialect.errorStyle {
            case .v2:
                writer.raw(#"{"deleted":"#)
                writer.integer(result.count)
                writer.raw("}")
            case .v1Named: writer.null()
            case .v1Repr: writer.array(result.identifiers) { writer, identifier in writer.string(identifier) }
            }
        }
    }

    public func indexingStatus(_ status: IndexingStatus) -> WireBytes {
        write { writer in
            writer.raw(#"{"op_indexing_progress":"#)
            writer.double(status.total == 0 ? 1 : Double(status.indexed) / Double(status.total))
            writer.raw(#","num_unindexed_ops":"#)
            writer.integer(status.total - status.indexed)
            writer.raw(#","num_indexed_ops":"#)
            writer.integer(status.indexed)
            writer.raw(#","total_ops":"#)
            writer.integer(status.total)
            if let progress = status.buildProgress {
                writer.raw(#","build_progress":"#)
                writer.double(progress)
            }
            writer.raw("}")
        }
    }

    /// The answer to a change that has nothing to say.
    public func acknowledged() -> WireBytes {
        write { writer in
            switch dialect.version {
            case .v1: writer.null()
            case .v2: writer.raw("{}")
            }
        }
    }

    /// The answer to an add.
    public func added() -> WireBytes {
        write { writer in
            switch dialect.version {
            case .v1: writer.boolean(true)
            case .v2: writer.raw("{}")
            }
        }
    }

    /// How many forks a collection's line has.
    public func forkCount(_ count: Int) -> WireBytes {
        write { writer in
            writer.raw(#"{"count":"#)
            writer.integer(count)
            writer.raw("}")
        }
    }

    public func count(_ count: Int) -> WireBytes { write { $0.integer(count) } }
    public func boolean(_ value: Bool) -> WireBytes { write { $0.boolean(value) } }
    public func string(_ text: String) -> WireBytes { write { $0.string(text) } }

    public func heartbeat(nanoseconds: Int64) -> WireBytes {
        write { writer in
            writer.raw(#"{"nanosecond heartbeat":"#)
            writer.integer(nanoseconds)
            writer.raw("}")
        }
    }

    public func preflight(maxBatchSize: Int) -> WireBytes {
        write { writer in
            writer.raw(#"{"max_batch_size":"#)
            writer.integer(maxBatchSize)
            switch dialect.version {
            case .v1: writer.raw("}")
            case .v2: writer.raw(#","supports_base64_encoding":true}"#)
            }
        }
    }

    public func identity(user: String, tenant: String, databases: [String]) -> WireBytes {
        write { writer in
            writer.raw(#"{"user_id":"#)
            writer.string(user)
            writer.raw(#","tenant":"#)
            writer.string(tenant)
            writer.raw(#","databases":"#)
            writer.array(databases) { writer, name in writer.string(name) }
            writer.raw("}")
        }
    }

    public func healthcheck(ready: Bool) -> WireBytes {
        write { writer in
            writer.raw(#"{"is_executor_ready":"#)
            writer.boolean(ready)
            writer.raw(#","is_log_client_ready":"#)
            writer.boolean(ready)
            writer.raw("}")
        }
    }

    /// An error in the form that it was made for.
    public func error(_ error: WireError) -> WireBytes {
        write { writer in
            switch error.form {
            case .named:
                writer.raw(#"{"error":"#)
                writer.string(error.name)
                writer.raw(#","message":"#)
                writer.string(error.message)
            case .representation:
                writer.raw(#"{"error":"#)
                writer.string(PythonRepresentation.exception(error.name, error.message))
            case .detail:
                writer.raw(#"{"detail":"#)
                writer.string(error.message)
            case .validation(let place):
                writer.raw(#"{"detail":[{"type":"#)
                writer.string(error.name)
                writer.raw(#","loc":"#)
                writer.array(["body"] + place) { writer, step in writer.string(step) }
                writer.raw(#","msg":"#)
                writer.string(error.message)
                writer.raw(#","input":null}]"#)
            }
            writer.raw("}")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func database(_ database: DatabaseDescription) {
        raw(#"{"id":"#)
        string(database.identifier.description)
        raw(#","name":"#)
        string(database.name)
        raw(#","tenant":"#)
        string(database.tenant)
        raw("}")
    }
}
