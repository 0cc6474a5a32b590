import ByteCoding
import Durability
import FileIO
import Filtering
import Segments
public import VectorModel

extension VectorDatabase {
    /// Writes a batch, wholly or not at all. Returns when it is durable and visible.
    /// - Throws: `collectionIdentifierNotFound`, `dimensionMismatch`, `overloaded`, `outOfSpace`, `storageFailed`.
    public func write(_ batch: RecordBatch, as kind: WriteKind, to identifier: CollectionIdentifier) async throws(RequestError) {
        let entry = try entry(identifier)
        let collection = entry.collection
        guard batch.count > 0 else { return }
        try checkWritable()
        let change = RecordChange.write(try dated(batch, kind, of: entry), kind)
        // Never on the caller's thread: it may be one of the few that serve every connection, and another writer may hold the collection's lock for long.
        let number = try await runOnWorker { [self] () throws(RequestError) in try accept(change, in: collection) }
        if let number { try await settle(collection, through: number) }
    }

    /// Deletes the records that `request` selects, wholly or not at all. Returns when that is durable and visible.
    ///
    /// Conditions are evaluated on the collection as it is when the delete takes its place in the log. With a limit the oldest records go.
    /// - Throws: as `write`, and `invalid` for a pattern that does not compile.
    public func delete(_ request: DeleteRequest, from identifier: CollectionIdentifier) async throws(RequestError) -> DeleteResult {
        let collection = try entry(identifier).collection
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        guard !request.selector.isUnrestricted else { return DeleteResult(identifiers: []) }
        try checkWritable()
        let (number, deleted) = try await workers.run(SearchControl()) { [self] control throws(RequestError) in
            try accept(request, filter, in: collection, control)
        }
        if let number { try await settle(collection, through: number) }
        return DeleteResult(identifiers: deleted)
    }

    /// Orders a delete in the log and applies it; it is neither durable nor visible yet.
    func accept(
        _ request: DeleteRequest, _ filter: CompiledFilter, in collection: Collection, _ control: SearchControl
    ) throws(RequestError) -> (number: SequenceNumber?, identifiers: [String]) {
        var deleted: [String] = []
        let number = try collection.accept { state throws(RequestError) in
            let records = try collection.visible(state.snapshot()).reader()
            let selection = try Selection(request.selector, filter, of: records, control) { note($0, of: collection) }
            deleted = try identifiers(of: selection, limit: request.limit, in: records)
            return deleted.isEmpty ? nil : .delete(deleted)
        } log: { change throws(RequestError) in
            try append(change.logged(of: collection.identifier).payload())
        }
        return (number, deleted)
    }

    /// The ids of the rows that a delete means.
    private func identifiers(of selection: Selection, limit: Int?, in records: CollectionReader) throws(RequestError) -> [String] {
        let rows = if let limit {
            try selection.oldest(of: records, limit: limit)
        } else {
            try selection.page(of: records, limit: nil, offset: 0)
        }
        return try damageAsError { () throws(Corruption) in
            var identifiers: [String] = []
            for address in rows { identifiers.append(try records.identifier(of: address)) }
            return identifiers
        }
    }

    /// Reads records. Ids that do not exist are left out.
    /// - Throws: `collectionIdentifierNotFound`, `invalid` for a pattern that does not compile, `overloaded`.
    public func get(_ request: GetRequest, from identifier: CollectionIdentifier) async throws(RequestError) -> GetResult {
        let collection = try entry(identifier).collection
        return try await get(request, from: try collection.snapshot(), of: collection)
    }

    /// Reads records of one moment.
    func get(_ request: GetRequest, from snapshot: CollectionSnapshot, of collection: Collection) async throws(RequestError) -> GetResult {
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        try request.checkArrangement(limits)
        return try await workers.run(SearchControl()) { [self] control throws(RequestError) in
            let records = snapshot.reader()
            let selection = try Selection(request.selector, filter, of: records, control) { note($0, of: collection) }
            let (rows, scroll) = try selection.page(of: records, as: request, control)
            return try damageAsError { () throws(Corruption) in
                var found: [RecordView] = []
                found.reserveCapacity(rows.count)
                for address in rows { found.append(try records.record(address, request.fields)) }
                return GetResult(records: found, scroll: scroll)
            }
        }
    }

    /// Finds the nearest records of each query vector.
    /// - Returns: min(k, matches) records per query vector; none from a collection without vectors.
    /// - Throws: `collectionIdentifierNotFound`, `recordNotFound`, `dimensionMismatch`, `invalid` (k, number or values of query vectors, pattern), `overloaded`,
    ///   `deadlineExceeded`, `cancelled`.
    public func query(_ request: QueryRequest, in identifier: CollectionIdentifier) async throws(RequestError) -> QueryResult {
        let execution = try execution(of: request, in: identifier)
        return try await workers.run(SearchControl(deadline: request.deadline)) { control throws(RequestError) in try execution(control).answer() }
    }

    /// How the parts of a collection would be searched for `request`, a line for each in which something matches.
    /// - Throws: as `query`.
    public func plan(_ request: QueryRequest, in identifier: CollectionIdentifier) async throws(RequestError) -> [String] {
        let execution = try execution(of: request, in: identifier)
        return try await workers.run(SearchControl(deadline: request.deadline)) { control throws(RequestError) in
            let execution = execution(control)
            return try execution.plannedParts(execution.snapshot.reader()).map { "part \($0.number): \($0.plan)" }
        }
    }

    /// A query that was checked, to be run on a worker.
    private func execution(
        of request: QueryRequest, in identifier: CollectionIdentifier
    ) throws(RequestError) -> @Sendable (SearchControl) -> QueryExecution {
        let entry = try entry(identifier)
        let snapshot = try entry.collection.snapshot()
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        try check(request, snapshot)
        try request.checkRefinement(limits, of: snapshot)
        return { [self] control in
            QueryExecution(
                request: request, filter: filter, snapshot: snapshot, configuration: entry.index, control: control,
                costs: configuration.searchCosts, onMissing: { self.note($0, of: entry.collection) })
        }
    }

    /// How many records a collection has. Cost: O(1).
    /// - Throws: `collectionIdentifierNotFound`.
    public func count(of identifier: CollectionIdentifier) throws(RequestError) -> Int {
        try entry(identifier).collection.snapshot().liveCount
    }

    private func check(_ request: QueryRequest, _ snapshot: CollectionSnapshot) throws(RequestError) {
        guard request.k >= 0, request.k <= limits.resultCount else {
            throw .invalid("n_results", "is \(request.k); the limit is \(limits.resultCount)")
        }
        let queryCount = request.queryCount
        guard queryCount >= 0, queryCount <= limits.queryVectors else {
            throw .invalid("query_embeddings", "has \(queryCount) vectors; the limit is \(limits.queryVectors)")
        }
        guard request.dimension >= 0, request.dimension <= limits.dimension, request.vectors.count == queryCount * request.dimension else {
            throw .invalid("query_embeddings", "all need the same count of numbers, at most \(limits.dimension)")
        }
        let results = min(request.k, snapshot.liveCount) * queryCount
        guard results <= limits.totalResultCount else {
            throw .invalid("n_results", "asks for \(results) results in all; the limit is \(limits.totalResultCount)")
        }
        guard request.vectors.allSatisfy(\.isFinite) else { throw .invalid("query_embeddings", "has NaN or an infinity") }
        if let expected = snapshot.dimension, request.dimension != expected, queryCount > 0 {
            throw RequestError(.dimensionMismatch(expected: expected, got: request.dimension, inQuery: true))
        }
    }
}

// MARK: Work and log

extension VectorDatabase {
    /// - Throws: `readOnly`, `overloaded` when the disk does not keep up.
    func checkWritable() throws(RequestError) {
        guard let maintenance else { throw Self.isReadOnly }
        try maintenance.checkRoom()
    }

    static var isReadOnly: RequestError { RequestError(.readOnly("the database is open for reading only")) }

    /// Orders a change of records in the log and applies it; it is neither durable nor visible yet.
    func accept(_ change: RecordChange, in collection: Collection) throws(RequestError) -> SequenceNumber? {
        let payload = change.logged(of: collection.identifier).payload()
        defer { maintenance?.noteWrite(collection) }
        try buryExpired(change, in: collection)
        return try collection.accept { state throws(RequestError) in
            try state.check(change)
            return change
        } log: { _ throws(RequestError) in
            try append(payload)
        }
    }

    /// What has expired of the records that a change is about is deleted before it: settled with the change, which comes later.
    func buryExpired(_ change: RecordChange, in collection: Collection) throws(RequestError) {
        for part in change.parts {
            _ = try collection.buryExpired(part.identifiers) { deletion throws(RequestError) in
                try append(deletion.logged(of: collection.identifier).payload())
            }
        }
    }

    /// A batch with the moments at which its records expire by the collection's settings.
    func dated(_ batch: RecordBatch, _ kind: WriteKind, of entry: Catalog.Entry) throws(RequestError) -> RecordBatch {
        guard kind != .update, let seconds = RecordLifetime.seconds(entry.metadata) else { return batch }
        let second = Double(files.second) + seconds.rounded(.up)
        return try batch.expiring(at: Int64(min(second, 1e15)))
    }

    /// Orders a change in the log; it is not durable yet.
    func append(_ payload: LogPayload) throws(RequestError) -> SequenceNumber {
        guard let log else { throw Self.isReadOnly }
        do {
            return try log.append(payload)
        } catch {
            throw RequestError(error)
        }
    }

    /// Waits for the fate of a change of a collection's records, and settles it and those before it.
    func settle(_ collection: Collection, through number: SequenceNumber) async throws(RequestError) {
        try await settle(number, unsettled: collection.unsettled(through:), confirm: collection.confirm, withdraw: collection.withdraw)
    }

    /// Waits until the log knows what becomes of `number`; then what was accepted up to it is confirmed or withdrawn, oldest first.
    ///
    /// - Throws: why `number` itself is not durable. If the log has failed, nothing is settled any more and readers keep what they see.
    func settle(
        _ number: SequenceNumber, unsettled: (SequenceNumber) -> [SequenceNumber], confirm: (SequenceNumber) -> Void,
        withdraw: (SequenceNumber) -> Void
    ) async throws(RequestError) {
        var fate = await outcome(of: number)
        for earlier in unsettled(number) {
            // What the log decided about earlier changes it knows by now, so this does not wait.
            let outcome = earlier == number ? fate : await outcome(of: earlier)
            switch outcome {
            case .success: confirm(earlier)
            case .failure(.outOfSpace): withdraw(earlier)
            case .failure(let error): fate = .failure(error)
            }
        }
        if case .failure(let error) = fate { throw RequestError(error) }
    }

    private func outcome(of number: SequenceNumber) async -> Result<Void, LogError> {
        guard let log else { return .failure(.closed) }
        do {
            return .success(try await log.waitUntilDurable(number))
        } catch {
            return .failure(error)
        }
    }
}

extension RequestError {
    /// What a failure of the log means for the request that met it.
    init(_ error: LogError) {
        switch error {
        case .overloaded: self.init(.overloaded(retryAfterSeconds: 1))
        case .outOfSpace(let cause): self.init(.outOfSpace(cause.description))
        case .recordTooLarge(let bytes, let limit): self.init(.invalid(field: "batch", problem: "has \(bytes) bytes; the limit is \(limit)"))
        case .failed(let cause): self.init(.storageFailed(cause.description))
        case .closed: self.init(.shuttingDown)
        }
    }
}
