import ByteCoding
import Durability
import VectorModel

/// Applies log records in order to an empty database, by the same code as live writes.
struct Recovery {
    private(set) var catalog = Catalog()
    private(set) var recordCount = 0

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
            try catalog.check(change)
            for collection in catalog.collectionsEnded(by: change) { collection.end() }
            catalog.apply(change, at: number)
        case .write(let batch, let kind, let identifier):
            try catalog.entry(identifier).collection.replay(.write(batch, kind), at: number)
        case .delete(let identifiers, let identifier):
            try catalog.entry(identifier).collection.replay(.delete(identifiers), at: number)
        }
    }
}
