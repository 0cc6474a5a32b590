package import VectorModel

/// What one log record says: the unit that recovery applies. Its bytes are specified in `storage-format.md`, "Log payloads".
package enum LoggedChange: Sendable {
    case catalog(CatalogChange)
    case write(RecordBatch, WriteKind, to: CollectionIdentifier)
    /// Deletes by id; conditions were resolved when the delete was accepted, so that replay does not depend on them.
    case delete([String], from: CollectionIdentifier)
    /// Several changes of one collection, of which no two name the same id: all of them or none.
    case group([GroupedChange], of: CollectionIdentifier)

    /// The first byte of a payload.
    enum Tag: UInt8 {
        case createTenant = 1
        case createDatabase = 2
        case deleteDatabase = 3
        case createCollection = 4
        case changeCollection = 5
        case deleteCollection = 6
        case reset = 7
        case forkCollection = 8
        case add = 16
        case update = 17
        case upsert = 18
        case delete = 19
        case group = 20
    }
}

/// One of the changes of a group.
public enum GroupedChange: Sendable {
    case write(RecordBatch, WriteKind)
    case delete([String])

    /// The ids that it names.
    public var identifiers: [String] {
        switch self {
        case .write(let batch, _): batch.identifiers
        case .delete(let identifiers): identifiers
        }
    }
}

extension LoggedChange.Tag {
    init(_ kind: WriteKind) {
        switch kind {
        case .add: self = .add
        case .update: self = .update
        case .upsert: self = .upsert
        }
    }
}
