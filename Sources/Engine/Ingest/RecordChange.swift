import VectorModel

/// A change of one collection's records.
enum RecordChange: Sendable {
    case write(RecordBatch, WriteKind)
    /// Deletes the ids that exist.
    case delete([String])
    /// Several of these, of which no two name the same id, as one.
    case group([GroupedChange])

    /// The same as the log holds it.
    func logged(of collection: CollectionIdentifier) -> LoggedChange {
        switch self {
        case .write(let batch, let kind): .write(batch, kind, to: collection)
        case .delete(let identifiers): .delete(identifiers, from: collection)
        case .group(let changes): .group(changes, of: collection)
        }
    }

    /// Its parts; itself unless it is a group.
    var parts: [GroupedChange] {
        switch self {
        case .write(let batch, let kind): [.write(batch, kind)]
        case .delete(let identifiers): [.delete(identifiers)]
        case .group(let changes): changes
        }
    }
}
