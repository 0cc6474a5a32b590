import ChromaWire
import Engine
import HTTPTypes
import VectorModel

/// Records: write, read, search, delete.
extension ChromaHandlers {
    func write(_ call: Call, as kind: WriteKind, operation: WireError.Operation) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let batch = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.write(body, as: kind) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try await call.engine(operation) { () async throws(RequestError) in try await database.write(batch, as: kind, to: identifier) }
        switch kind {
        case .add: return .json(call.encoder.added(), status: .created)
        case .update, .upsert: return .json(call.encoder.acknowledged())
        }
    }

    func get(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.get(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(decoded.request.selector, on: collection(identifier, in: database, call, .get))
        let result = try await untilClientLeaves(call, .get) { () async throws(RequestError) in
            try await database.get(decoded.request, from: identifier)
        }
        let encoder = call.encoder
        guard result.records.count >= configuration.inlineAnswerRecordsMax else {
            return .json(encoder.get(result, include: decoded.include))
        }
        return .json(try await onWorker(of: database, call) { encoder.get(result, include: decoded.include) })
    }

    func query(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let decoded = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.query(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(decoded.request.selector, on: collection(identifier, in: database, call, .query))
        let encoder = call.encoder
        let request = withDeadline(decoded.request)
        let result = try await untilClientLeaves(call, .query) { () async throws(RequestError) in
            try await database.query(request, in: identifier)
        }
        guard result.hits.reduce(0, { $0 + $1.count }) >= configuration.inlineAnswerRecordsMax else {
            return .json(encoder.query(result, include: decoded.include))
        }
        return .json(try await onWorker(of: database, call) { encoder.query(result, include: decoded.include) })
    }

    func delete(_ call: Call) async throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let request = try await decodeBody(of: call, with: database) { decoder, body throws(WireError) in try decoder.delete(body) }
        let identifier = try call.collectionIdentifier(decoder(call))
        try decoder(call).checkFilters(request.selector, on: collection(identifier, in: database, call, .delete))
        let result = try await call.engine(.delete) { () async throws(RequestError) in try await database.delete(request, from: identifier) }
        return .json(call.encoder.deleted(result))
    }

    func count(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        try checkReadLevel(call)
        let identifier = try call.collectionIdentifier(decoder(call))
        return .json(call.encoder.count(try call.read(.count) { () throws(RequestError) in try database.count(of: identifier) }))
    }

    func indexingStatus(_ call: Call) throws(WireError) -> Reply {
        let database = try gate.database(call.dialect)
        let identifier = try call.collectionIdentifier(decoder(call))
        return .json(call.encoder.indexingStatus(try call.read { () throws(RequestError) in try database.indexingStatus(of: identifier) }))
    }

    /// The collection whose schema says which filters it takes. A schema never changes: nothing can come between this and the request.
    func collection(
        _ identifier: CollectionIdentifier, in database: VectorDatabase, _ call: Call, _ operation: WireError.Operation
    ) throws(WireError) -> CollectionDescription {
        try call.read(operation) { () throws(RequestError) in try database.collection(identifier) }
    }

    private func withDeadline(_ request: QueryRequest) -> QueryRequest {
        var request = request
        request.deadline = request.deadline ?? usualDeadline
        return request
    }

    /// Every read here sees all acknowledged writes, so the level changes nothing; a wrong one is still the client's mistake.
    private func checkReadLevel(_ call: Call) throws(WireError) {
        guard call.dialect.version == .v2, let level = call.query["read_level"] else { return }
        let levels = ChromaWire.RequestDecoder.readLevels
        guard !levels.contains(level) else { return }
        throw WireError(
            status: 400, name: "InvalidArgumentError",
            message: "Failed to deserialize query string: read_level: unknown variant `\(level)`, expected one of "
                + levels.map { "`\($0)`" }.joined(separator: ", "),
            dialect: call.dialect)
    }

    /// Runs a search that is given up when its client has gone. A connection that nobody watches is taken to stay.
    func untilClientLeaves<Value: Sendable>(
        _ call: Call, _ operation: WireError.Operation, _ search: @escaping @Sendable () async throws(RequestError) -> Value
    ) async throws(WireError) -> Value {
        guard let connection = connections[call.channel] else { return try await call.engine(operation, search) }
        return try await call.engine(operation) { () async throws(RequestError) in
            try await connection.cancellingWhenClientLeaves {
                do throws(RequestError) { return Result<Value, RequestError>.success(try await search()) } catch { return .failure(error) }
            }.get()
        }
    }
}
