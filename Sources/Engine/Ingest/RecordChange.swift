import VectorModel

/// A change of one collection's records.
enum RecordChange: Sendable {
    case write(RecordBatch, WriteKind)
    /// Deletes the ids that exist.
    case delete([String])

    /// The same as the log holds it.
    func logged(of collection: CollectionIdentifier) -> LoggedChange {
        switch self {
        case .write(let batch, let kind): .write(batch, kind, to: collection)
        case .delete(let identifiers): .delete(identifiers, from: collection)
        }
    }
}
