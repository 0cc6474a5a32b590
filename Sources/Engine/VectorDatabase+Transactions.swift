import ByteCoding
import Durability
import Segments
import Synchronization
public import VectorModel

extension VectorDatabase {
    /// Reads records for a transaction, all of whose reads see the collection at one moment.
    ///
    /// - Parameter token: the moment of the transaction's first read; `nil`: this is the first, at the newest durable state.
    /// - Returns: what is found, and the moment's token for further reads and the commit; at least 1.
    /// - Throws: as `get`, and `staleRead` when that moment is gone: it is kept for half a minute after its last use.
    public func get(
        _ request: GetRequest, from identifier: CollectionIdentifier, at token: SequenceNumber?
    ) async throws(RequestError) -> (result: GetResult, token: SequenceNumber) {
        let entry = try entry(identifier)
        // From here on every change is noted: none after the snapshot goes unseen.
        entry.collection.noteTransaction()
        let current = try entry.collection.snapshot()
        let newest = max(entry.createdAt, current.sequenceNumber)
        let moment = token ?? newest
        guard let snapshot = moment == newest ? current : pins.snapshot(of: identifier, at: moment) else {
            throw RequestError(.staleRead(moment))
        }
        pins.pin(snapshot, of: identifier, at: moment)
        return (try await get(request, from: snapshot, of: entry.collection), moment)
    }

    /// Ends a transaction: makes its changes, all or none, if none of the ids that it has read were changed since.
    ///
    /// Returns when the changes are durable and visible; they are one record of the log. A client that gets `conditionalConflict` reads again.
    /// - Returns: the changes' place in the log; `nil` when there were none.
    /// - Throws: `conditionalConflict`, also when so much was changed since that it is not known what; otherwise as `write`.
    public func commit(
        _ transaction: ConditionalCommit, to identifier: CollectionIdentifier
    ) async throws(RequestError) -> SequenceNumber? {
        let entry = try entry(identifier)
        guard transaction.recordCount > 0 else { return nil }
        try checkWritable()
        let change = try dated(transaction, of: entry)
        let number = try await runOnWorker { [self] () throws(RequestError) in try accept(transaction, change, in: entry.collection) }
        try await settle(entry.collection, through: number)
        return number
    }

    private func dated(_ transaction: ConditionalCommit, of entry: Catalog.Entry) throws(RequestError) -> RecordChange {
        var changes: [GroupedChange] = []
        for change in transaction.changes {
            switch change {
            case .write(let batch, let kind): changes.append(.write(try dated(batch, kind, of: entry), kind))
            case .delete: changes.append(change)
            }
        }
        return .group(changes)
    }

    /// Orders a transaction's changes in the log and applies them; they are neither durable nor visible yet.
    /// - Parameter change: the changes as they are to be made.
    func accept(
        _ transaction: ConditionalCommit, _ change: RecordChange, in collection: Collection
    ) throws(RequestError) -> SequenceNumber {
        let payload = change.logged(of: collection.identifier).payload()
        defer { maintenance?.noteWrite(collection) }
        try buryExpired(change, in: collection)
        let number = try collection.accept { state throws(RequestError) in
            try collection.check(transaction, state)
            try state.check(change)
            return change
        } log: { _ throws(RequestError) in
            try append(payload)
        }
        guard let number else { preconditionFailure("a change that is given is made") }
        return number
    }
}

extension Collection {
    /// Notes from now on which ids are changed, as long as somebody uses transactions.
    func noteTransaction() {
        working.withLock { state in
            recent.withLock { recent in
                if recent == nil { recent = RecentChanges(after: state.lastNumber) }
                recent?.noteUse()
            }
        }
    }

    /// Notes a change. Called with `working` locked.
    func noteRecent(_ change: RecordChange, at number: SequenceNumber) {
        recent.withLock { recent in
            recent?.note(change, at: number)
            if recent?.isIdle ?? false { recent = nil }
        }
    }

    /// - Throws: `conditionalConflict` when the working state is not what the transaction builds on. Called with `working` locked.
    fileprivate func check(_ transaction: ConditionalCommit, _ state: borrowing WorkingState) throws(RequestError) {
        if let token = transaction.token, state.lastNumber > token {
            let mayHaveChanged = recent.withLock { recent in
                recent?.noteUse()
                return recent?.mayHaveChanged(transaction.readIdentifiers, after: token) ?? true
            }
            guard !mayHaveChanged else { throw RequestError(.conditionalConflict) }
        }
        let records = try visible(state.snapshot()).reader()
        for change in transaction.changes {
            guard let mustExist = change.mustExist else { continue }
            for identifier in change.identifiers {
                let exists = try damageAsError { () throws(Corruption) in try records.find(identifier) } != nil
                guard exists == mustExist else { throw RequestError(.conditionalConflict) }
            }
        }
    }
}

extension GroupedChange {
    /// Whether the ids that it names must be there, or must not; `nil`: either.
    fileprivate var mustExist: Bool? {
        switch self {
        case .write(_, .add): false
        case .write(_, .update), .delete: true
        case .write(_, .upsert): nil
        }
    }
}
