import Segments
import Synchronization
import VectorModel

/// One collection's records: a working state that writers change one at a time, and the durable state that readers see.
///
/// Invariants:
/// 1. A change is appended to the log and applied to the working state under one lock, so the log's order is the order of application.
/// 2. A state is published only once the log holds it durably; readers never see what a crash could take back.
/// 3. Published states only move forward.
///
/// A writer waits for another writer of the same collection only while that one applies its batch, not while it waits for the disk:
/// batches of one collection share a sync like those of many.
final class Collection: Sendable {
    let identifier: CollectionIdentifier
    let metric: Metric
    private let working: Mutex<WorkingState>
    private let published: Mutex<CollectionSnapshot>

    struct WorkingState: Sendable {
        var memtable: Memtable
        var nextInsertionKey: UInt64 = 1
        var isEnded = false
    }

    init(_ identifier: CollectionIdentifier, metric: Metric) {
        self.identifier = identifier
        self.metric = metric
        let memtable = Memtable(metric: metric)
        working = Mutex(WorkingState(memtable: memtable))
        published = Mutex(CollectionSnapshot(records: memtable.snapshot(), dimension: nil, sequenceNumber: .zero))
    }

    /// The newest durable state. Cost: O(1).
    func snapshot() -> CollectionSnapshot {
        published.withLock { $0 }
    }

    /// Makes a durable state visible, unless a newer one is already.
    func publish(_ snapshot: CollectionSnapshot) {
        published.withLock { current in
            if snapshot.sequenceNumber > current.sequenceNumber { current = snapshot }
        }
    }

    /// Runs `body` as the only writer.
    /// - Throws: what `body` throws, or `collectionIdentifierNotFound` when the collection was deleted meanwhile.
    func withWorkingState<Result: Sendable>(
        _ body: (inout WorkingState) throws(RequestError) -> Result
    ) throws(RequestError) -> Result {
        try working.withLock { state throws(RequestError) in
            guard !state.isEnded else { throw RequestError(.collectionIdentifierNotFound(identifier)) }
            return try body(&state)
        }
    }

    /// Applies a change read from the log, which is durable already, and publishes the state. Recovery only.
    func replay(at number: SequenceNumber, _ body: (inout WorkingState) throws(RequestError) -> Void) throws(RequestError) {
        let snapshot = try withWorkingState { state throws(RequestError) in
            try body(&state)
            return state.snapshot(at: number)
        }
        publish(snapshot)
    }

    /// Refuses every later write. Called before the collection's end is logged, so that no write can follow it in the log.
    func end() {
        working.withLock { $0.isEnded = true }
    }
}

/// A collection at one sequence number.
struct CollectionSnapshot: Sendable {
    let records: MemtableSnapshot
    let dimension: Int?
    let sequenceNumber: SequenceNumber
}

extension Collection.WorkingState {
    /// Dead versions tolerated before the memtable is rewritten, at least; below it the rewrite would cost more than it frees.
    private static let deadRowsMin = 4_096

    func snapshot(at number: SequenceNumber) -> CollectionSnapshot {
        CollectionSnapshot(records: memtable.snapshot(), dimension: memtable.dimension, sequenceNumber: number)
    }

    /// - Throws: `dimensionMismatch`, the one thing about a batch that depends on the collection.
    func check(_ batch: RecordBatch) throws(RequestError) {
        guard let got = batch.embeddings?.dimension, let expected = memtable.dimension, got != expected else { return }
        throw RequestError(.dimensionMismatch(expected: expected, got: got, inQuery: false))
    }

    /// Applies a batch that `check` has passed. Recovery and live writes both come through here.
    mutating func apply(_ batch: RecordBatch, as kind: WriteKind) {
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
        giveBackDeadVersions()
    }

    /// Deletes the records of these ids that exist; returns their ids.
    mutating func delete(_ identifiers: [String]) -> [String] {
        var deleted: [String] = []
        for identifier in identifiers {
            guard let ordinal = memtable.find(identifier) else { continue }
            memtable.delete(ordinal)
            deleted.append(identifier)
        }
        giveBackDeadVersions()
        return deleted
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
        memtable = memtable.rewritten()
    }
}
