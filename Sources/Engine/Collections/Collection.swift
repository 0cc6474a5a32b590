import ByteCoding
import Segments
import Synchronization
import VectorModel

/// One collection's records: a working state that writers change one at a time, and the durable state that readers see.
///
/// Invariants:
/// 1. A change is appended to the log and applied to the working state under one lock, so the log's order is the order of application.
/// 2. A state is published only once the log holds it durably; readers never see what a crash could take back.
/// 3. Published states only move forward.
/// 4. A change that the log had no room for leaves no trace, in what is published, in what later changes build on, or in a segment.
/// 5. The same records lie in the same part in the working state, in every unsettled one and in the published one.
///
/// A writer waits for another writer of the same collection only while that one applies its batch, not while it waits for the disk:
/// batches of one collection share a sync like those of many.
///
/// Locks are taken in the order `flushing` or `compacting`, `storage`, `working` (then `access`, `pendingFlush`), `unsettled`, `published`.
final class Collection: Sendable {
    let identifier: CollectionIdentifier
    let metric: Metric
    /// How the numbers of vectors are kept: what is written is rounded to it.
    let element: VectorElement
    /// Orders the collections of a process by when it made them.
    let serial: Int
    /// What its files hold, and how they are changed.
    let storage: CollectionStorage
    let working: Mutex<WorkingState>
    /// On its own it is held for a moment only, so that settling never waits for a writer at work.
    let unsettled = Mutex(UnsettledChanges<RecordChange, CollectionSnapshot>())
    let published: Mutex<CollectionSnapshot>
    private let access = Mutex(CollectionAccess.open)
    /// Held for a whole flush, by a thread that may wait for disks.
    let flushing = Mutex(())
    /// Held for a whole compaction, by a thread that may wait for disks.
    let compacting = Mutex(())
    /// What a flush in progress will make durable. Changed with `working` locked, read with `storage` locked.
    let pendingFlush = Mutex<CollectionSnapshot?>(nil)
    /// Which ids were changed lately; `nil` while nobody uses transactions. Changed with `working` locked.
    let recent = Mutex<RecentChanges?>(nil)
    /// Which rows are past their time.
    let expired = ExpiredRows()
    /// What is in memory only; see `WriteAhead`.
    let writeAhead = WriteAhead()

    /// - Parameters:
    ///   - storage: what its files hold: nothing for a new collection.
    ///   - snapshot: the records: those of the files, unless nothing can be written.
    init(
        _ identifier: CollectionIdentifier, metric: Metric, element: VectorElement, storage: CollectionStorage, snapshot: CollectionSnapshot
    ) {
        self.identifier = identifier
        self.metric = metric
        self.element = element
        self.storage = storage
        serial = storage.files.nextSerial()
        published = Mutex(snapshot)
        working = Mutex(WorkingState(opening: snapshot, metric: metric, element: element, lookupRowsMin: storage.files.lookupRowsMin))
    }

    // MARK: Access

    /// Whether it may be read and changed.
    var currentAccess: CollectionAccess { access.withLock { $0 } }

    /// Refuses every later write. Called before the collection's end is logged, so that no write can follow it in the log.
    func end() {
        // Waits for a writer at work: what it logs comes before the end.
        working.withLock { _ in access.withLock { $0.isEnded = true } }
    }

    /// Takes `end` back, when the log had no room for it.
    func reopen() {
        access.withLock { $0.isEnded = false }
    }

    /// Bytes on disk are not what was written. The first damage counts; a graver effect replaces a lighter one.
    func noteDamage(_ corruption: Corruption, _ effect: CollectionAccess.Effect) {
        access.withLock { $0.note(corruption, effect) }
    }

    /// The newest durable state, as requests see it. Cost: O(1), or where records expire once a second that of a filter.
    /// - Throws: `storageDamaged` when what is on disk is known not to be all of it.
    func snapshot() throws(RequestError) -> CollectionSnapshot {
        try access.withLock { access throws(RequestError) in try access.checkReadable() }
        return try visible(published.withLock { $0 })
    }

    /// The newest durable state as far as it can be known, for descriptions and reports.
    var description: CollectionSnapshot { published.withLock { $0 } }

    // MARK: Changes

    /// Makes a change as the only writer: `prepare` looks at the working state, `log` gives the change its number, then it is applied.
    ///
    /// The change must be settled once the log knows its fate.
    /// - Parameter prepare: returns the change, or `nil` to change nothing.
    /// - Throws: what `prepare` and `log` throw, `collectionIdentifierNotFound` when the collection was deleted meanwhile, `storageDamaged`.
    func accept(
        _ prepare: (borrowing WorkingState) throws(RequestError) -> RecordChange?,
        log: (RecordChange) throws(RequestError) -> SequenceNumber
    ) throws(RequestError) -> SequenceNumber? {
        try working.withLock { state throws(RequestError) in
            try access.withLock { access throws(RequestError) in try access.checkWritable(identifier) }
            guard let change = try prepare(state) else { return nil }
            let resolved: ResolvedChange
            do throws(Corruption) {
                resolved = try state.resolve(change)
            } catch {
                throw RequestError(error)
            }
            if writeAhead.first == nil { storage.files.registry.insert(self) }
            let number = try log(change)
            state.apply(resolved, at: number)
            let snapshot = state.snapshot()
            unsettled.withLock { $0.append(change, at: number, making: snapshot) }
            writeAhead.note(number, bytes: state.memtableBytes)
            noteRecent(change, at: number)
            return number
        }
    }

    /// Calls `body` with the collection as of its last change, which is durable by then; nobody changes it meanwhile.
    ///
    /// - Parameter wait: returns when the log knows that a change is durable; it blocks.
    /// - Throws: what `wait` and `body` throw, `collectionIdentifierNotFound` when the collection was deleted meanwhile, `storageDamaged`.
    func withQuietState<Value>(
        wait: (SequenceNumber) throws(RequestError) -> Void, _ body: (CollectionSnapshot) throws(RequestError) -> Value
    ) throws(RequestError) -> Value {
        try working.withLock { state throws(RequestError) in
            try access.withLock { access throws(RequestError) in try access.checkWritable(identifier) }
            for number in unsettled(through: state.lastNumber) {
                try wait(number)
                confirm(number)
            }
            return try body(description)
        }
    }

    /// The changes up to `last` that are not settled, in the order in which to settle them.
    func unsettled(through last: SequenceNumber) -> [SequenceNumber] {
        unsettled.withLock { $0.numbers(through: last) }
    }

    /// Publishes the state that a change made, which is durable now. Does nothing if it was settled before.
    func confirm(_ number: SequenceNumber) {
        unsettled.withLock { unsettled in
            if let snapshot = unsettled.confirm(number) { publish(snapshot) }
        }
    }

    /// Takes back a change that the log had no room for. Does nothing if it was settled before. Cost: linear in the memtable.
    func withdraw(_ number: SequenceNumber) {
        working.withLock { state in
            var rebuilt = state
            do throws(Corruption) {
                let withdrawn = try unsettled.withLock { unsettled throws(Corruption) in
                    try unsettled.withdraw(number) {
                        rebuilt = WorkingState(
                            copying: description, sealed: state.sealed, metric: metric, element: element, lookupRowsMin: storage.files.lookupRowsMin)
                        // The same records, but in the parts that are written on: a flush replaces parts by what they are, in every state.
                        published.withLock { $0 = rebuilt.snapshot() }
                    } replay: { (change, number) throws(Corruption) in
                        rebuilt.apply(try rebuilt.resolve(change), at: number)
                        return rebuilt.snapshot()
                    }
                }
                guard withdrawn != nil else { return }
                state = rebuilt
                writeAhead.noteWithdrawal(bytes: rebuilt.memtableBytes)
            } catch {
                // What the changes after it build on cannot be read any more: nothing may be built on the working state.
                noteDamage(error, .refused)
            }
        }
    }

    /// Applies a change read from the log, which is durable already. Recovery only.
    /// - Throws: `invalid` and the like for a change that cannot have been written, as `accept`.
    func replay(_ change: RecordChange, at number: SequenceNumber) throws(RequestError) {
        guard number > storage.flushed().snapshot.sequenceNumber else { return }
        guard currentAccess.isReadable else {
            keepInLog(number)
            return
        }
        do throws(RequestError) {
            _ = try accept { state throws(RequestError) in
                try state.check(change)
                return change
            } log: { _ in
                number
            }
        } catch {
            guard case .storageDamaged(let damage) = error.reason else { throw error }
            // Without this change later ones, and what readers would see, are wrong; also when the file could only not be read this time.
            let directory = storage.files.directory(of: identifier)
            noteDamage(
                Corruption(file: directory, offset: 0, what: "change \(number)", expected: "the records that it changes", found: damage), .refused)
            keepInLog(number)
        }
        confirm(number)
    }

    /// A change that cannot be applied to what cannot be read stays in the log until that is repaired.
    private func keepInLog(_ number: SequenceNumber) {
        working.withLock { _ in
            storage.files.registry.insert(self)
            writeAhead.note(number, bytes: 0)
        }
    }

    private func publish(_ snapshot: CollectionSnapshot) {
        published.withLock { current in
            if snapshot.sequenceNumber > current.sequenceNumber { current = snapshot }
        }
    }
}
