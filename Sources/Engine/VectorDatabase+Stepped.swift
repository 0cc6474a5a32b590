package import Durability
import Filtering
package import VectorModel

/// What a simulation on one thread needs besides the public interface: a write's steps one by one, and what the log knows.
///
/// For stepped execution only (`Configuration.execution`).
extension VectorDatabase {
    /// Orders a batch in the log and applies it, as `write` does before it waits: it is neither durable nor visible yet.
    /// - Returns: its number.
    /// - Throws: as `write`, but nothing about the disk's answer.
    package func accept(_ batch: RecordBatch, as kind: WriteKind, to identifier: CollectionIdentifier) throws(RequestError) -> SequenceNumber? {
        let collection = try entry(identifier).collection
        try checkWritable()
        return try accept(.write(batch, kind), in: collection)
    }

    /// Orders the deletion of what `request` selects and applies it, as `delete` does before it waits.
    /// - Returns: its number, `nil` when nothing is selected, and the ids that it deletes.
    /// - Throws: as `delete`, but nothing about the disk's answer.
    package func accept(
        _ request: DeleteRequest, from identifier: CollectionIdentifier
    ) throws(RequestError) -> (number: SequenceNumber?, identifiers: [String]) {
        let collection = try entry(identifier).collection
        let filter = try CompiledFilter(metadata: request.selector.metadata, document: request.selector.document, limits: limits)
        try checkWritable()
        return try accept(request, filter, in: collection, SearchControl())
    }

    /// Orders a change of the catalog and applies it: it is neither durable nor visible yet.
    /// - Returns: its number.
    /// - Throws: what stands against the change, or why the log takes nothing.
    package func accept(_ change: CatalogChange) throws(RequestError) -> SequenceNumber {
        try checkWritable()
        let payload = LoggedChange.catalog(change).payload()
        return try catalog.accept(change) { () throws(RequestError) in try append(payload) }.number
    }

    /// Makes the files of a fork, orders it in the log and applies it, as `fork` does before it waits: it is neither durable nor visible yet.
    /// - Returns: its number.
    /// - Throws: as `fork`, but nothing about the log's answer.
    package func accept(
        _ fork: CollectionIdentifier, named name: String, of source: CollectionIdentifier
    ) throws(RequestError) -> SequenceNumber {
        try checkWritable()
        try prepareFork(of: source)
        return try acceptFork(fork, named: name, of: source)
    }

    /// Orders a transaction's changes in the log and applies them, as `commit` does before it waits: they are neither durable nor visible yet.
    /// - Returns: their number.
    /// - Throws: as `commit`, but nothing about the disk's answer.
    package func accept(_ transaction: ConditionalCommit, to identifier: CollectionIdentifier) throws(RequestError) -> SequenceNumber {
        let collection = try entry(identifier).collection
        try checkWritable()
        return try accept(transaction, .group(transaction.changes), in: collection)
    }

    /// Waits for the fate of everything accepted in a collection up to `number`, and settles it.
    /// - Throws: why `number` is not durable.
    package func settle(through number: SequenceNumber, of identifier: CollectionIdentifier) async throws(RequestError) {
        try await settle(try entry(identifier).collection, through: number)
    }

    /// Waits for the fate of every change of the catalog accepted up to `number`, and settles it.
    /// - Throws: why `number` is not durable.
    package func settleCatalog(through number: SequenceNumber) async throws(RequestError) {
        try await settle(through: number)
    }

    /// What the log knows of an accepted change; `nil` while it is pending.
    package func outcome(of number: SequenceNumber) -> Result<Void, LogError>? {
        (log as? WriteAheadLog)?.outcome(of: number)
    }

    /// Writes what was accepted to the log, as its thread would; nothing is settled.
    package func commitLog() { (log as? WriteAheadLog)?.commitPending() }

    /// Syncs the log, as its thread would when the interval has passed.
    package func syncLog() { (log as? WriteAheadLog)?.syncPending() }

    /// The log's files, and how far it is; `nil` when the database is open for reading only.
    package var logStatus: LogStatus? { log?.status }

    /// One round of everything that maintenance does.
    package func stepMaintenance() { maintenance?.step() }
}
