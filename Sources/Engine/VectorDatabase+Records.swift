import Durability
import FileIO
import Filtering
import Segments
public import VectorModel

extension VectorDatabase {
    /// Writes a batch, wholly or not at all. Returns when it is durable and visible.
    /// - Throws: `collectionIdentifierNotFound`, `dimensionMismatch`, `overloaded`, `outOfSpace`, `storageFailed`.
    public func write(_ batch: RecordBatch, as kind: WriteKind, to identifier: CollectionIdentifier) async throws(RequestError) {
        let collection = try entry(identifier).collection
        guard batch.count > 0 else { return }
        let change = LoggedChange.write(batch, kind, to: identifier)
        let snapshot = try await onWorker(ifLarge: batch.approximateByteCount) { [self] () throws(RequestError) in
            let payload = change.payload()
            return try collection.withWorkingState { state throws(RequestError) in
                try state.check(batch)
                let number = try append(payload)
                state.apply(batch, as: kind)
                return state.snapshot(at: number)
            }
        }
        try await waitUntilDurable(snapshot.sequenceNumber)
        collection.publish(snapshot)
    }

    /// Deletes the records that `request` selects, wholly or not at all. Returns when that is durable and visible.
    ///
    /// Conditions are evaluated on the collection as it is when the delete takes its place in the log.
    /// - Throws: as `write`, and `invalid` for a pattern that does not compile.
    public func delete(_ request: DeleteRequest, from identifier: CollectionIdentifier) async throws(RequestError) -> DeleteResult {
        let collection = try entry(identifier).collection
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        guard !request.selector.isUnrestricted else { return DeleteResult(identifiers: []) }
        let outcome = try await workers.run(SearchControl()) { [self] control throws(RequestError) in
            try collection.withWorkingState { state throws(RequestError) -> (CollectionSnapshot, [String])? in
                let records = state.memtable.snapshot()
                let rows = try Selection(request.selector, filter, of: records, control).page(of: records, limit: request.limit, offset: 0)
                guard !rows.isEmpty else { return nil }
                let identifiers = rows.map { records.identifier(of: $0) }
                let number = try append(LoggedChange.delete(identifiers, from: identifier).payload())
                let deleted = state.delete(identifiers)
                return (state.snapshot(at: number), deleted)
            }
        }
        guard let (snapshot, deleted) = outcome else { return DeleteResult(identifiers: []) }
        try await waitUntilDurable(snapshot.sequenceNumber)
        collection.publish(snapshot)
        return DeleteResult(identifiers: deleted)
    }

    /// Reads records. Ids that do not exist are left out.
    /// - Throws: `collectionIdentifierNotFound`, `invalid` for a pattern that does not compile, `overloaded`.
    public func get(_ request: GetRequest, from identifier: CollectionIdentifier) async throws(RequestError) -> GetResult {
        let records = try entry(identifier).collection.snapshot().records
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        return try await workers.run(SearchControl()) { control throws(RequestError) in
            let rows = try Selection(request.selector, filter, of: records, control)
                .page(of: records, limit: request.limit, offset: request.offset)
            return GetResult(records: rows.map { records.record($0) })
        }
    }

    /// Finds the nearest records of each query vector.
    /// - Returns: min(k, matches) records per query vector; none from a collection without vectors.
    /// - Throws: `collectionIdentifierNotFound`, `dimensionMismatch`, `invalid` (k, number or values of query vectors, pattern), `overloaded`,
    ///   `deadlineExceeded`, `cancelled`.
    public func query(_ request: QueryRequest, in identifier: CollectionIdentifier) async throws(RequestError) -> QueryResult {
        let collection = try entry(identifier).collection
        let snapshot = collection.snapshot()
        try check(request, snapshot)
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        return try await workers.run(SearchControl(deadline: request.deadline)) { control throws(RequestError) in
            try QueryExecution(request: request, filter: filter, snapshot: snapshot, metric: collection.metric, control: control).run()
        }
    }

    /// How many records a collection has. Cost: O(1).
    /// - Throws: `collectionIdentifierNotFound`.
    public func count(of identifier: CollectionIdentifier) throws(RequestError) -> Int {
        try entry(identifier).collection.snapshot().records.liveCount
    }

    /// - Throws: `collectionIdentifierNotFound`.
    public func indexingStatus(of identifier: CollectionIdentifier) throws(RequestError) -> IndexingStatus {
        let count = try count(of: identifier)
        return IndexingStatus(total: count, indexed: count)
    }

    private func check(_ request: QueryRequest, _ snapshot: CollectionSnapshot) throws(RequestError) {
        guard request.k >= 0, request.k <= limits.resultCount else {
            throw .invalid("n_results", "is \(request.k); the limit is \(limits.resultCount)")
        }
        guard request.dimension > 0, request.vectors.count.isMultiple(of: request.dimension) else {
            throw .invalid("query_embeddings", "each needs at least one number, and all need the same count")
        }
        let queryCount = request.vectors.count / request.dimension
        guard queryCount <= limits.queryVectors else {
            throw .invalid("query_embeddings", "has \(queryCount) vectors; the limit is \(limits.queryVectors)")
        }
        let results = min(request.k, snapshot.records.liveCount) * queryCount
        guard results <= limits.totalResultCount else {
            throw .invalid("n_results", "asks for \(results) results in all; the limit is \(limits.totalResultCount)")
        }
        guard request.vectors.allSatisfy(\.isFinite) else { throw .invalid("query_embeddings", "has NaN or an infinity") }
        if let expected = snapshot.dimension, request.dimension != expected {
            throw RequestError(.dimensionMismatch(expected: expected, got: request.dimension, inQuery: true))
        }
    }
}

// MARK: Work and log

extension VectorDatabase {
    /// Writes up to this size are prepared where they arrive: handing them to another thread would cost more than it frees.
    private static let inlineBytesMax = 64 << 10

    private func onWorker<Result: Sendable>(
        ifLarge byteCount: Int, _ body: @escaping @Sendable () throws(RequestError) -> Result
    ) async throws(RequestError) -> Result {
        byteCount <= Self.inlineBytesMax ? try body() : try await runOnWorker(body)
    }

    /// Orders a change in the log; it is not durable yet.
    func append(_ payload: LogPayload) throws(RequestError) -> SequenceNumber {
        do {
            return try log.append(payload)
        } catch {
            throw RequestError(error)
        }
    }

    func waitUntilDurable(_ number: SequenceNumber) async throws(RequestError) {
        do {
            try await log.waitUntilDurable(number)
        } catch {
            throw RequestError(error)
        }
    }
}

extension RequestError {
    /// What a failure of the log means for the request that met it.
    fileprivate init(_ error: LogError) {
        switch error {
        case .overloaded: self.init(.overloaded(retryAfterSeconds: 1))
        case .outOfSpace(let cause): self.init(.outOfSpace(cause.description))
        case .recordTooLarge(let bytes, let limit): self.init(.invalid(field: "batch", problem: "has \(bytes) bytes; the limit is \(limit)"))
        case .failed(let cause): self.init(.storageFailed(cause.description))
        case .closed: self.init(.shuttingDown)
        }
    }
}
