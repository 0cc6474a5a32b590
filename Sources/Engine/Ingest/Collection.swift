import Segments
import Synchronization
import VectorModel

/// One collection's records: a working state that writers change one at a time, and the durable state that readers see.
///
/// Invariants:
/// 1. A change is appended to the log and applied to the working state under one lock, so the log's order is the order of application.
/// 2. A state is published only once the log holds it durably; readers never see what a crash could take back.
/// 3. Published states only move forward.
/// 4. A change that the log had no room for leaves no trace, in what is published or in what later changes build on.
///
/// A writer waits for another writer of the same collection only while that one applies its batch, not while it waits for the disk:
/// batches of one collection share a sync like those of many.
final class Collection: Sendable {
    let identifier: CollectionIdentifier
    let metric: Metric
    private let working: Mutex<WorkingState>
    /// Locked inside `working` where both are. On its own it is held for a moment only, so that settling never waits for a writer at work.
    private let unsettled = Mutex(UnsettledChanges<RecordChange, CollectionSnapshot>())
    private let published: Mutex<CollectionSnapshot>

    struct WorkingState: Sendable {
        var memtable: Memtable
        var nextInsertionKey: UInt64 = 1
        fileprivate var isEnded = false
    }

    init(_ identifier: CollectionIdentifier, metric: Metric) {
        self.identifier = identifier
        self.metric = metric
        let state = WorkingState(memtable: Memtable(metric: metric))
        published = Mutex(state.snapshot(at: .zero))
        working = Mutex(state)
    }

    /// The newest durable state. Cost: O(1).
    func snapshot() -> CollectionSnapshot {
        published.withLock { $0 }
    }

    /// Makes a change as the only writer: `prepare` looks at the working state and puts the change into the log, then it is applied.
    ///
    /// The change must be settled once the log knows its fate.
    /// - Parameter prepare: returns the change and its number, or `nil` to change nothing.
    /// - Throws: what `prepare` throws, or `collectionIdentifierNotFound` when the collection was deleted meanwhile.
    func accept(
        _ prepare: (borrowing WorkingState) throws(RequestError) -> (RecordChange, SequenceNumber)?
    ) throws(RequestError) -> SequenceNumber? {
        try working.withLock { state throws(RequestError) in
            guard !state.isEnded else { throw RequestError(.collectionIdentifierNotFound(identifier)) }
            guard let (change, number) = try prepare(state) else { return nil }
            state.apply(change)
            let snapshot = state.snapshot(at: number)
            unsettled.withLock { $0.append(change, at: number, making: snapshot) }
            return number
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

    /// Takes back a change that the log had no room for. Does nothing if it was settled before. Cost: linear in the collection.
    func withdraw(_ number: SequenceNumber) {
        working.withLock { state in
            var rebuilt = state
            let withdrawn = unsettled.withLock { unsettled in
                unsettled.withdraw(number) {
                    rebuilt = WorkingState(copying: snapshot(), isEnded: rebuilt.isEnded)
                } replay: { change, number in
                    rebuilt.apply(change)
                    return rebuilt.snapshot(at: number)
                }
            }
            if withdrawn != nil { state = rebuilt }
        }
    }

    /// Applies a change read from the log, which is durable already. Recovery only.
    func replay(_ change: RecordChange, at number: SequenceNumber) throws(RequestError) {
        _ = try accept { state throws(RequestError) in
            if case .write(let batch, _) = change { try state.check(batch) }
            return (change, number)
        }
        confirm(number)
    }

    /// Refuses every later write. Called before the collection's end is logged, so that no write can follow it in the log.
    func end() {
        working.withLock { $0.isEnded = true }
    }

    /// Takes `end` back, when the log had no room for it.
    func reopen() {
        working.withLock { $0.isEnded = false }
    }

    private func publish(_ snapshot: CollectionSnapshot) {
        published.withLock { current in
            if snapshot.sequenceNumber > current.sequenceNumber { current = snapshot }
        }
    }
}

/// A collection at one sequence number.
struct CollectionSnapshot: Sendable {
    let records: MemtableSnapshot
    let dimension: Int?
    let sequenceNumber: SequenceNumber
    fileprivate let nextInsertionKey: UInt64
}

extension Collection.WorkingState {
    /// Dead versions tolerated before the memtable is rewritten, at least; below it the rewrite would cost more than it frees.
    private static let deadRowsMin = 4_096

    /// The state that `snapshot` shows, for writing on.
    fileprivate init(copying snapshot: CollectionSnapshot, isEnded: Bool) {
        memtable = snapshot.records.rewritten()
        nextInsertionKey = snapshot.nextInsertionKey
        self.isEnded = isEnded
    }

    func snapshot(at number: SequenceNumber) -> CollectionSnapshot {
        CollectionSnapshot(
            records: memtable.snapshot(), dimension: memtable.dimension, sequenceNumber: number, nextInsertionKey: nextInsertionKey)
    }

    /// - Throws: `dimensionMismatch`, the one thing about a batch that depends on the collection.
    func check(_ batch: RecordBatch) throws(RequestError) {
        guard let got = batch.embeddings?.dimension, let expected = memtable.dimension, got != expected else { return }
        throw RequestError(.dimensionMismatch(expected: expected, got: got, inQuery: false))
    }

    /// Applies a change that `check` has passed. Recovery and live writes both come through here.
    fileprivate mutating func apply(_ change: RecordChange) {
        switch change {
        case .write(let batch, let kind): apply(batch, as: kind)
        case .delete(let identifiers): delete(identifiers)
        }
        giveBackDeadVersions()
    }

    private mutating func apply(_ batch: RecordBatch, as kind: WriteKind) {
        if let dimension = batch.embeddings?.dimension { memtable.fixDimension(dimension) }
        var nextVector = 0
        for row in 0..<batch.count {
            let hasVector = batch.embeddings.map { $0.presence?[row] ?? true } ?? false
            Self.withVector(of: batch, hasVector ? nextVector : nil) { vector in
                let parts = RecordParts(
                    vector: vector, document: batch.documents?[row], uri: batch.uris?[row], metadata: batch.metadatas?[row])
                apply(batch.identifiers[row], parts, as: kind)
            }
            if hasVector { nextVector += 1 }
        }
    }

    private mutating func delete(_ identifiers: [String]) {
        for identifier in identifiers {
            if let ordinal = memtable.find(identifier) { memtable.delete(ordinal) }
        }
    }

    private mutating func apply(_ identifier: String, _ parts: RecordParts, as kind: WriteKind) {
        let existing = memtable.find(identifier)
        switch kind {
        case .add:
            if existing == nil { insert(identifier, parts) }
        case .update:
            if let existing { memtable.update(existing, parts) }
        case .upsert:
            if let existing { memtable.update(existing, parts) } else { insert(identifier, parts) }
        }
    }

    private mutating func insert(_ identifier: String, _ parts: RecordParts) {
        memtable.insert(identifier, parts, insertionKey: nextInsertionKey)
        nextInsertionKey += 1
    }

    private static func withVector(
        of batch: RecordBatch, _ index: Int?, _ body: (UnsafeBufferPointer<Float>?) -> Void
    ) {
        guard let index, let column = batch.embeddings else { return body(nil) }
        column.values.withUnsafeBufferPointer { values in
            body(UnsafeBufferPointer(rebasing: values[index * column.dimension..<(index + 1) * column.dimension]))
        }
    }

    /// Rewrites the memtable when more than half of it is dead, so that memory stays within twice what lives; amortised O(1) per change.
    private mutating func giveBackDeadVersions() {
        let dead = memtable.rowCount - memtable.liveCount
        guard dead > Self.deadRowsMin, dead > memtable.liveCount else { return }
        memtable = memtable.snapshot().rewritten()
    }
}
