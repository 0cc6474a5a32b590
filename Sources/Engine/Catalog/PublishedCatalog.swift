import Synchronization
import VectorModel

/// The catalog twice: as accepted so far, which the next change is checked against, and as durable, which readers see.
///
/// Changes are accepted, then settled like those of a `Collection`.
final class PublishedCatalog: Sendable {
    private struct WorkingState: Sendable {
        var catalog: Catalog
        var last: SequenceNumber
        var unsettled = UnsettledChanges<CatalogChange, Outcome>()
    }

    /// What a change made.
    private struct Outcome: Sendable {
        let catalog: Catalog
        /// The collections that are no more.
        let ended: [Collection]
        /// The collection that has another index configuration.
        var reconfigured: Collection?
    }

    private let working: Mutex<WorkingState>
    private let published: Mutex<(catalog: Catalog, number: SequenceNumber)>

    /// Held while a collection is made of another's files, until readers see it: whoever takes the catalog and collections' files for a cut through
    /// the log holds it too, so that no fork has a place in the log before the cut and none in the catalog.
    let forking = Mutex(())

    /// Called when collections are gone for good.
    private let onEnd: @Sendable ([Collection]) -> Void
    /// Called when a collection has another index configuration for good.
    private let onReconfiguration: @Sendable (Collection) -> Void

    /// - Parameter number: of the last change that recovery applied, to the catalog or to records.
    init(
        _ catalog: Catalog, at number: SequenceNumber, onReconfiguration: @escaping @Sendable (Collection) -> Void,
        onEnd: @escaping @Sendable ([Collection]) -> Void
    ) {
        self.onEnd = onEnd
        self.onReconfiguration = onReconfiguration
        working = Mutex(WorkingState(catalog: catalog, last: number))
        published = Mutex((catalog, number))
    }

    /// What readers see.
    var current: Catalog { published.withLock { $0.catalog } }

    /// What readers see, with the number of the last change that it contains.
    var currentWithNumber: (catalog: Catalog, number: SequenceNumber) { published.withLock { $0 } }

    /// The first change that `currentWithNumber` may not contain yet although the log has it; `nil` if there is none.
    ///
    /// Waits for a change that is just getting its number.
    func firstNeeded() -> SequenceNumber? { working.withLock { $0.unsettled.first } }

    /// The number of the last change accepted.
    var lastAccepted: SequenceNumber { working.withLock { $0.last } }

    /// Checks, logs and applies a change as the only one to change the catalog.
    /// - Returns: the change's number and the catalog that it made.
    func accept(
        _ change: CatalogChange, log: () throws(RequestError) -> SequenceNumber
    ) throws(RequestError) -> (number: SequenceNumber, catalog: Catalog) {
        try working.withLock { state throws(RequestError) in
            try state.catalog.check(change)
            // No write may follow a collection's end in the log: close its door first.
            let ended = state.catalog.collectionsEnded(by: change)
            for collection in ended { collection.end() }
            let number: SequenceNumber
            do throws(RequestError) {
                number = try log()
            } catch {
                for collection in ended { collection.reopen() }
                throw error
            }
            state.catalog.apply(change, at: number)
            state.last = number
            state.unsettled.append(change, at: number, making: Outcome(
                catalog: state.catalog, ended: ended, reconfigured: state.catalog.collectionReconfigured(by: change)))
            return (number, state.catalog)
        }
    }

    /// The changes up to `last` that are not settled, in the order in which to settle them.
    func unsettled(through last: SequenceNumber) -> [SequenceNumber] {
        working.withLock { $0.unsettled.numbers(through: last) }
    }

    /// Shows readers the catalog that a change made, which is durable now. Does nothing if it was settled before.
    func confirm(_ number: SequenceNumber) {
        let outcome = working.withLock { state -> Outcome? in
            guard let outcome = state.unsettled.confirm(number) else { return nil }
            published.withLock { if number > $0.number { $0 = (outcome.catalog, number) } }
            return outcome
        }
        guard let outcome else { return }
        if !outcome.ended.isEmpty { onEnd(outcome.ended) }
        if let collection = outcome.reconfigured { onReconfiguration(collection) }
    }

    /// Takes back a change that the log had no room for. Does nothing if it was settled before.
    func withdraw(_ number: SequenceNumber) {
        working.withLock { state in
            var rebuilt = state.catalog
            let withdrawn = state.unsettled.withdraw(number) {
                rebuilt = current
            } replay: { (change, number) throws(Never) in
                let ended = rebuilt.collectionsEnded(by: change)
                rebuilt.apply(change, at: number)
                return Outcome(catalog: rebuilt, ended: ended, reconfigured: rebuilt.collectionReconfigured(by: change))
            }
            guard let withdrawn else { return }
            state.catalog = rebuilt
            for collection in current.collectionsEnded(by: withdrawn) where (try? rebuilt.entry(collection.identifier)) != nil { collection.reopen() }
        }
    }
}
