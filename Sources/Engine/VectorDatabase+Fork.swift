import ByteCoding
import Durability
import FileIO
import Synchronization
public import VectorModel

extension VectorDatabase {
    /// Makes a collection that begins as a copy of another, in the same database, with its metadata and settings. From then on they go their own ways.
    ///
    /// The copy is the source as of one change: every write that returned before is in it, none that begins later. Segments and indexes are shared on
    /// disk, so the cost does not depend on the number of records; what is only in memory is written to disk first. Writers of the source wait meanwhile, for
    /// milliseconds; readers do not.
    /// - Throws: `collectionIdentifierNotFound`, `collectionExists` for a name that is taken, `invalid` for one that is too long, `storageDamaged` for a
    ///   source that is not whole, `overloaded`, `outOfSpace`, `storageFailed`.
    public func fork(_ source: CollectionIdentifier, named name: String) async throws(RequestError) -> CollectionDescription {
        try checkName(name)
        try checkWritable()
        let fork = configuration.makeIdentifier()
        return try await runOnWorker { [self] () throws(RequestError) in
            try prepareFork(of: source)
            return try catalog.forking.withLock { _ throws(RequestError) in
                let number = try acceptFork(fork, named: name, of: source)
                try settleBlocking(through: number, fork)
                return try announceFork(fork)
            }
        }
    }

    /// How many forks there are in a collection's line: of it, of those, and of what it was made from. Those that were deleted do not count.
    /// - Throws: `collectionIdentifierNotFound`.
    public func forkCount(of identifier: CollectionIdentifier) throws(RequestError) -> Int {
        try catalog.current.forkCount(of: identifier)
    }

    /// What of a memtable is written for the fork alone, at most: more is flushed, so that it is shared.
    private static let forkCopyBytesMax = 1 << 20

    /// Does what takes long, before anybody has to wait.
    func prepareFork(of source: CollectionIdentifier) throws(RequestError) {
        guard let maintenance else { throw Self.isReadOnly }
        let collection = try entry(source).collection
        do throws(MaintenanceError) {
            // Else a start that finds the fork's files without a word of it in the log could not tell whose they are.
            try maintenance.trimmer.makeFirstCheckpoint()
            if collection.writeAhead.memtableBytes > Self.forkCopyBytesMax { try maintenance.flushCompletely(collection) }
        } catch {
            throw RequestError(forking: error)
        }
    }

    /// Makes the fork's files, orders it in the log and applies it; it is neither durable nor visible yet.
    func acceptFork(
        _ fork: CollectionIdentifier, named name: String, of source: CollectionIdentifier
    ) throws(RequestError) -> SequenceNumber {
        let collection = try entry(source).collection
        let change = CatalogChange.forkCollection(fork, name: name, from: source)
        let payload = LoggedChange.catalog(change).payload()
        return try catalog.accept(change) { () throws(RequestError) in
            try collection.withQuietState(wait: waitBlocking) { snapshot throws(RequestError) in
                do throws(RequestError) {
                    try makeFiles(of: fork, as: snapshot, of: collection)
                    // The fork shows what the source is at this place of the log.
                    return try append(payload)
                } catch {
                    files.abandon(fork)
                    throw error
                }
            }
        }.number
    }

    private func makeFiles(
        of fork: CollectionIdentifier, as snapshot: CollectionSnapshot, of source: Collection
    ) throws(RequestError) {
        let storage = CollectionStorage(fork, metric: source.metric, element: source.element, files: files) { _ in }
        do throws(MaintenanceError) {
            try storage.begin(as: snapshot, of: source.storage)
        } catch {
            throw RequestError(forking: error)
        }
    }

    /// Waits for the fate of a fork, and settles it and what was accepted before it. A fork that the log has no room for leaves no files.
    private func settleBlocking(through number: SequenceNumber, _ fork: CollectionIdentifier) throws(RequestError) {
        let fate = Result { () throws(RequestError) in try waitBlocking(number) }
        for earlier in catalog.unsettled(through: number) {
            // What the log decided about earlier changes it knows by now, so this does not wait.
            let outcome = earlier == number ? fate : Result { () throws(RequestError) in try waitBlocking(earlier) }
            switch outcome {
            case .success: catalog.confirm(earlier)
            case .failure(let error):
                // Whether it is in the log of a disk that failed, the next start finds out: then the files are needed, or swept.
                guard case .outOfSpace = error.reason else { throw error }
                catalog.withdraw(earlier)
            }
        }
        guard case .failure(let error) = fate else { return }
        if case .outOfSpace = error.reason { files.abandon(fork) }
        throw error
    }

    private func announceFork(_ fork: CollectionIdentifier) throws(RequestError) -> CollectionDescription {
        // Another request may have settled it, and a third have deleted it since.
        let entry = try entry(fork)
        maintenance?.noteFork(entry.collection)
        return entry.description
    }

    private func waitBlocking(_ number: SequenceNumber) throws(RequestError) {
        guard let log else { throw Self.isReadOnly }
        do throws(LogError) { try log.waitUntilDurableBlocking(number) } catch { throw RequestError(error) }
    }
}

extension RequestError {
    /// What it means for a request that a fork's files could not be made.
    fileprivate init(forking error: MaintenanceError) {
        switch error {
        case .file(let error) where error.isOutOfSpace: self.init(.outOfSpace(error.description))
        case .file, .undecided, .unusable: self.init(.storageFailed(error.description))
        case .damage(let corruption): self.init(corruption)
        case .log(let error): self.init(error)
        case .superseded: self.init(.overloaded(retryAfterSeconds: 1))
        case .stopped: self.init(.shuttingDown)
        }
    }
}
