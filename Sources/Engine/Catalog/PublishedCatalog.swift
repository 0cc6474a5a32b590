import Synchronization
import VectorModel

/// The catalog twice: as accepted so far, which the next change is checked against, and as durable, which readers see.
final class PublishedCatalog: Sendable {
    /// A catalog and the number of the last change in it.
    struct Version: Sendable {
        private(set) var catalog: Catalog
        private(set) var number: SequenceNumber

        mutating func apply(_ change: CatalogChange, at number: SequenceNumber) {
            catalog.apply(change, at: number)
            self.number = number
        }
    }

    private let working: Mutex<Version>
    private let durable: Mutex<Version>

    /// - Parameter number: of the last change that recovery applied, to the catalog or to records.
    init(_ catalog: Catalog, at number: SequenceNumber) {
        let version = Version(catalog: catalog, number: number)
        working = Mutex(version)
        durable = Mutex(version)
    }

    /// What readers see.
    var current: Catalog { durable.withLock { $0.catalog } }

    /// Runs `body` as the only one to change the catalog.
    func withWorking<Result: Sendable>(_ body: (inout Version) throws(RequestError) -> Result) throws(RequestError) -> Result {
        try working.withLock { version throws(RequestError) in try body(&version) }
    }

    /// Shows readers a catalog that has become durable, unless they see a newer one already.
    func publish(_ catalog: Catalog, at number: SequenceNumber) {
        durable.withLock { if number > $0.number { $0 = Version(catalog: catalog, number: number) } }
    }
}
