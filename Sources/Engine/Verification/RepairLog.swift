import ByteCoding
import Durability
import FileIO
import VectorModel

extension LoggedChange {
    /// The ids that it deletes from a collection; `nil` for none.
    fileprivate var deletedIdentifiers: ([String], CollectionIdentifier)? {
        switch self {
        case .catalog, .write: return nil
        case .delete(let identifiers, let collection): return (identifiers, collection)
        case .group(let changes, let collection):
            let identifiers = changes.flatMap { change in
                if case .delete(let identifiers) = change { identifiers } else { [String]() }
            }
            return identifiers.isEmpty ? nil : (identifiers, collection)
        }
    }
}

/// What the log still tells, read as far as its frames are whole.
struct RepairLog {
    /// Ids that one change deleted.
    struct Delete {
        let number: SequenceNumber
        let identifiers: [String]
    }

    /// The catalog's history.
    private(set) var outline: CatalogOutline
    private(set) var deletes: [CollectionIdentifier: [Delete]] = [:]
    private(set) var salvage: LogSalvage.Report?

    /// Cost: reads the whole log; memory for the ids that it deletes.
    init(_ directory: DataDirectory, _ checkpoint: CatalogCheckpoint?) throws(FileError) {
        outline = CatalogOutline(checkpoint)
        guard try directory.fileSystem.status(directory.logPath) != nil else { return }
        var (outline, deletes) = (outline, deletes)
        let first = Self.numberBeforeFirst(try directory.names(in: directory.logPath))
        salvage = try LogSalvage.read([directory.logPath], fileSystem: directory.fileSystem, after: first) { record in
            // A record that does not decode is reported when it is to be applied.
            guard let change = try? LoggedChange(decoding: record.payload) else { return }
            outline.follow(change, at: record.sequence)
            if let (identifiers, collection) = change.deletedIdentifiers {
                deletes[collection, default: []].append(Delete(number: record.sequence, identifiers: identifiers))
            }
        }
        (self.outline, self.deletes) = (outline, deletes)
    }

    /// Whether there was a catalog that nothing is left of: the log, or a collection's manifest, is about what only a catalog can have told.
    func catalogIsLost(_ catalog: CatalogCheck, _ directory: DataDirectory) throws(FileError) -> Bool {
        guard catalog.newest == nil else { return false }
        guard catalog.isAbsent, !outline.impliesAnything else { return true }
        for identifier in try directory.collections() where !outline.knows(identifier) {
            if try directory.fileSystem.status(directory.manifestPath(identifier)) != nil { return true }
        }
        return false
    }

    /// What lies before the oldest file was let go: nothing is missing there.
    static func numberBeforeFirst(_ names: [String]) -> SequenceNumber {
        let first = names.compactMap { LogFormat.firstSequence(fromName: $0) }.min()
        return first.map { SequenceNumber($0.rawValue - 1) } ?? .zero
    }
}
