import ByteCoding
import Durability
import VectorModel

/// Brings a database from what its files say to what the log says, by the same code as live writes.
struct Recovery {
    private(set) var catalog: Catalog
    private(set) var recordCount = 0
    /// Collections that were there and are no more.
    private(set) var ended: Set<CollectionIdentifier> = []
    /// The last change of the catalog that the checkpoint contains.
    private let checkpointed: SequenceNumber

    init(_ catalog: Catalog, checkpointed: SequenceNumber) {
        self.catalog = catalog
        self.checkpointed = checkpointed
    }

    /// - Throws: `Corruption` for a record that is well-formed but cannot have been written: it does not decode, or contradicts what came before it.
    mutating func apply(_ record: LogRecord) throws(Corruption) {
        let change: LoggedChange
        do throws(DecodingFailure) {
            change = try LoggedChange(decoding: record.payload)
        } catch {
            throw record.corruption(error)
        }
        do throws(RequestError) {
            try apply(change, at: record.sequence)
        } catch {
            // The error's text may hold names that users chose, so only its kind is told.
            throw Corruption(
                file: record.file, offset: record.offset, what: "change \(record.sequence)", expected: "one that follows from those before it",
                found: "one refused as \(error.errorClass)")
        }
        recordCount += 1
    }

    private mutating func apply(_ change: LoggedChange, at number: SequenceNumber) throws(RequestError) {
        switch change {
        case .catalog(let change):
            guard number > checkpointed else { return }
            try catalog.check(change)
            for collection in catalog.collectionsEnded(by: change) {
                collection.end()
                collection.storage.files.registry.remove(collection)
                ended.insert(collection.identifier)
            }
            catalog.apply(change, at: number, from: .log)
        case .write(let batch, let kind, let identifier):
            try collection(identifier, at: number)?.replay(.write(batch, kind), at: number)
        case .delete(let identifiers, let identifier):
            try collection(identifier, at: number)?.replay(.delete(identifiers), at: number)
        case .group(let changes, let identifier):
            try collection(identifier, at: number)?.replay(.group(changes), at: number)
        }
    }

    /// The collection that a record is of; `nil` if it was deleted before the checkpoint was made.
    private func collection(_ identifier: CollectionIdentifier, at number: SequenceNumber) throws(RequestError) -> Collection? {
        if let entry = catalog.entries[identifier] { return entry.collection }
        guard number <= checkpointed else { throw RequestError(.collectionIdentifierNotFound(identifier)) }
        return nil
    }
}
