import Durability
import FileIO
import Segments
import Synchronization
import VectorModel

/// What a database does by itself: writes memtables to segments, merges segments, indexes them, removes what was dropped, trims the log.
///
/// Four threads, so that no flush waits for a merge, no merge of small segments for an index, and no filter of new rows for any of them. In stepped
/// execution nothing happens until a test says `step()`.
final class Maintenance: Sendable {
    private struct Shared: Sendable {
        var isStopped = false
        var runningThreads = 0
        var wantsFlush = false
        /// Collections with a new manifest, to be looked at by the compactor.
        var compactions: [CollectionIdentifier: Collection] = [:]
        /// Collections to be settled and indexed when they are at rest.
        var rests: RestQueue
        /// Collections whose indexes somebody wants built anew, until that is done.
        var rebuilding: Set<CollectionIdentifier> = []
        /// Rows in memory that a lookup is to be made of.
        var lookups: [MemtableRows] = []
        /// Files whose directories are still to be removed. Not their collections, which would keep the segments that they show.
        var removals: [CollectionIdentifier: CollectionStorage] = [:]
    }

    /// How often the flusher looks around when nobody calls it.
    private static let roundMilliseconds = 200
    /// How often records that have expired are deleted.
    private static let purgeInterval = Duration.seconds(5)
    /// How many one change deletes of them.
    private static let purgedMax = 10_000

    let trimmer: LogTrimmer
    private let files: CollectionFiles
    /// Every collection.
    private let collections: @Sendable () -> [Collection]
    private let log: any CommitLog
    private let options: StorageOptions
    private let execution: LogExecution
    private let compactionPacer: Pacer
    private let indexPacer: Pacer
    private let lookupPacer: Pacer
    private let flushPacer: Pacer
    private let compactor: Compactor
    let indexer: Indexer
    private let shared: Monitor<Shared>
    private let memtableBytes = Atomic<Int>(0)

    /// - Parameters:
    ///   - collections: every collection that there is.
    ///   - isBusy: whether searches are running or waiting.
    init(
        files: CollectionFiles, log: any CommitLog, trimmer: LogTrimmer, options: StorageOptions, execution: LogExecution,
        surroundings: Indexer.Surroundings, collections: @escaping @Sendable () -> [Collection], isBusy: @escaping @Sendable () -> Bool
    ) {
        self.files = files
        self.collections = collections
        self.log = log
        self.trimmer = trimmer
        self.options = options
        self.execution = execution
        switch execution {
        case .threads:
            compactionPacer = Pacer(bytesPerSecond: options.compactionBytesPerSecond, isBusy: isBusy)
            flushPacer = Pacer(bytesPerSecond: 0, isBusy: { false })
            indexPacer = Pacer(bytesPerSecond: 0, isBusy: isBusy)
            lookupPacer = Pacer(bytesPerSecond: 0, isBusy: isBusy)
        case .stepped:
            compactionPacer = Pacer(bytesPerSecond: 0, isBusy: { false })
            flushPacer = compactionPacer
            indexPacer = compactionPacer
            lookupPacer = compactionPacer
        }
        indexer = Indexer(files: files, options: options, surroundings: surroundings, pacer: indexPacer)
        compactor = Compactor(files: files, options: options, indexer: indexer, pacer: compactionPacer)
        shared = Monitor(Shared(rests: RestQueue(options: options)))
    }

    /// Starts the threads.
    /// - Parameter collections: those that may have something to merge from before.
    func start(_ collections: [Collection]) {
        for collection in collections { noteFlush(collection) }
        switch execution {
        case .stepped: break
        case .threads:
            shared.withLock { $0.runningThreads = 4 }
            startThread { [self] in runFlusher() }
            startThread { [self] in
                lowerThreadPriority()
                runIndexer()
            }
            startThread { [self] in
                lowerThreadPriority()
                runCompactor()
            }
            startThread { [self] in
                lowerThreadPriority()
                runMemtableIndexer()
            }
        }
    }

    /// Ends running work at its next step and returns when the threads have ended.
    func stop() {
        compactionPacer.stop()
        indexPacer.stop()
        lookupPacer.stop()
        flushPacer.stop()
        shared.withLock { $0.isStopped = true }
        shared.signal()
        shared.wait { $0.runningThreads == 0 ? () : nil }
    }

    // MARK: What others tell

    /// - Throws: `overloaded` when the disk does not keep up with what is written.
    func checkRoom() throws(RequestError) {
        guard memtableBytes.load(ordering: .relaxed) <= options.memtableBytesMax else { throw RequestError(.overloaded(retryAfterSeconds: 1)) }
    }

    /// A collection was written to.
    func noteWrite(_ collection: Collection) {
        guard collection.writeAhead.memtableBytes >= options.memtableBytes else { return }
        let isNews = shared.withLock { shared in
            defer { shared.wantsFlush = true }
            return !shared.wantsFlush
        }
        if isNews { shared.signal() }
    }

    /// Collections are gone for good: their files follow as soon as that is certain.
    func noteEnd(_ collections: [Collection]) {
        for collection in collections {
            collection.working.withLock { _ in files.registry.remove(collection) }
            files.health.forget(collection.identifier)
        }
        shared.withLock { shared in
            for collection in collections {
                shared.removals[collection.identifier] = collection.storage
                shared.rests.forget(collection.identifier)
                shared.rebuilding.remove(collection.identifier)
            }
            shared.wantsFlush = true
        }
        shared.signal()
    }

    /// A search would have used an index that is not open, or a configuration asks for other ones.
    /// - Parameter rebuilds: all of its indexes are to be built anew.
    func noteIndexWanted(_ collection: Collection, rebuilds: Bool = false) {
        shared.withLock { shared in
            shared.rests.noteUrgent(collection, .now, rebuildsIndexes: rebuilds)
            if rebuilds { shared.rebuilding.insert(collection.identifier) }
        }
        shared.signal()
    }

    /// A filter went through many rows in memory.
    func noteLookupWanted(_ rows: MemtableRows) {
        shared.withLock { $0.lookups.append(rows) }
        shared.signal()
    }

    /// Whether an index of a collection is being built, or all of them are to be built anew.
    func isIndexing(_ collection: CollectionIdentifier) -> Bool {
        shared.withLock { $0.rebuilding.contains(collection) } || indexer.currentBuild?.collection == collection
    }

    /// A collection was made of another's files: it has segments from the beginning.
    func noteFork(_ collection: Collection) {
        noteFlush(collection)
        noteIndexWanted(collection)
    }

    private func noteFlush(_ collection: Collection) {
        guard !collection.storage.flushed().snapshot.parts.isEmpty else { return }
        shared.withLock { shared in
            shared.compactions[collection.identifier] = collection
            shared.rests.note(collection, .now)
        }
        shared.signal()
    }

    // MARK: Threads

    private func makeFlusher() -> Flusher {
        Flusher(
            files: files, log: log, trimmer: trimmer, options: options, context: context, wantsIndex: { [indexer] in indexer.wantsIndex($0) },
            onFlush: { [self] in noteFlush($0) })
    }

    private var context: Collection.MaintenanceContext {
        Collection.MaintenanceContext(
            settle: { [log] (collection, number) throws(MaintenanceError) in try collection.settleBlocking(through: number, log) },
            pace: { [flushPacer] () throws(MaintenanceError) in try flushPacer.step() })
    }

    private func runFlusher() {
        let flusher = makeFlusher()
        var lastPurge = ContinuousClock.now
        while true {
            let isStopped = shared.wait(milliseconds: Self.roundMilliseconds) { shared -> Bool? in
                if shared.isStopped { return true }
                guard shared.wantsFlush else { return nil }
                shared.wantsFlush = false
                return false
            }
            if isStopped == true { break }
            removeDropped()
            if ContinuousClock.now - lastPurge > Self.purgeInterval {
                purgeExpired()
                lastPurge = .now
            }
            let outcome = flusher.run(now: .now)
            memtableBytes.store(outcome.memtableBytes, ordering: .relaxed)
            if outcome.isUnfinished { shared.withLock { $0.wantsFlush = true } }
        }
        threadEnded()
    }

    private func runCompactor() {
        while let collection = shared.wait(for: { shared -> Collection?? in
            if shared.isStopped { return .some(nil) }
            return shared.compactions.popFirst().map { .some($0.value) }
        }) {
            if compactor.run(collection, restMilliseconds: 0, mergesIndexes: false) { noteIndexWanted(collection) }
        }
        threadEnded()
    }

    private func runIndexer() {
        while true {
            let turn = shared.wait(milliseconds: Self.roundMilliseconds) { shared -> RestQueue.Turn?? in
                if shared.isStopped { return .some(nil) }
                return shared.rests.next(.now).map { .some($0) }
            }
            switch turn {
            case .some(.some(let turn)):
                settle(turn)
                // What the compactor left to this thread meanwhile.
                shared.withLock { $0.compactions[turn.collection.identifier] = turn.collection }
                shared.signal()
            case .some(nil): return threadEnded()
            case nil: continue
            }
        }
    }

    private func runMemtableIndexer() {
        while let rows = shared.wait(for: { shared -> MemtableRows?? in
            if shared.isStopped { return .some(nil) }
            return shared.lookups.isEmpty ? nil : .some(shared.lookups.removeFirst())
        }) {
            makeLookup(of: rows)
        }
        threadEnded()
    }

    private func makeLookup(of rows: MemtableRows) {
        do throws(MaintenanceError) {
            try rows.buildLookup { () throws(MaintenanceError) in try lookupPacer.giveWay() }
        } catch {
            // The pacer has been stopped, and the database with it: nobody needs the lookup any more.
        }
    }

    /// Merges what a collection at rest has to merge, and gives its segments their indexes.
    private func settle(_ turn: RestQueue.Turn) {
        let collection = turn.collection
        defer {
            if turn.rebuildsIndexes { shared.withLock { _ = $0.rebuilding.remove(collection.identifier) } }
        }
        guard !collection.currentAccess.isEnded else { return }
        _ = compactor.run(collection, restMilliseconds: turn.restMilliseconds, mergesIndexes: true)
        guard !indexer.run(collection, rebuilds: turn.rebuildsIndexes) else { return }
        shared.withLock { $0.rests.noteFailure(collection, .now, waits: execution == .threads) }
    }

    private func threadEnded() {
        shared.withLock { $0.runningThreads -= 1 }
        shared.signal()
    }

    /// Deletes records that have expired: what readers do not see any more takes no space either, once segments are merged.
    private func purgeExpired() {
        for collection in collections() where collection.mayExpire && collection.currentAccess.damage == nil {
            do throws(RequestError) {
                while try purgeOnce(collection) {}
                files.health.noteSuccess(.expiry(collection.identifier))
            } catch {
                switch error.errorClass {
                // It was deleted meanwhile, or is to be done later.
                case .notFound, .unavailable: break
                case .invalid, .alreadyExists, .conflict, .forbidden, .tooLarge, .deadlineExceeded, .cancelled, .outOfSpace, .internalFailure,
                    .unimplemented:
                    files.health.note(.expiry(collection.identifier), "expired records could not be deleted: \(error)")
                }
            }
        }
    }

    /// - Returns: whether there may be more to delete.
    private func purgeOnce(_ collection: Collection) throws(RequestError) -> Bool {
        let purged = try collection.purgeExpired(countMax: Self.purgedMax) { deletion throws(RequestError) in
            do throws(LogError) {
                return try log.append(deletion.logged(of: collection.identifier).payload())
            } catch {
                throw RequestError(error)
            }
        }
        guard let purged else { return false }
        do throws(MaintenanceError) {
            try collection.settleBlocking(through: purged.number, log)
        } catch {
            throw RequestError(.storageFailed(error.description))
        }
        return purged.count == Self.purgedMax
    }

    private func removeDropped() {
        let removals = shared.withLock { shared in
            defer { shared.removals = [:] }
            return shared.removals
        }
        guard !removals.isEmpty else { return }
        do throws(LogError) {
            // Where an acknowledgement comes before the sync, the death of the machine may take back the end of a collection, but not its files.
            try log.waitUntilSyncedBlocking(log.lastDurable)
        } catch {
            // The log accepts nothing more. Swept at the next start, if the end is found then.
            return
        }
        for (identifier, storage) in removals.sorted(by: { $0.key.description < $1.key.description }) {
            storage.drop()
            do throws(FileError) {
                guard try storage.removeDirectory() else {
                    // A reader still holds a file; the next round tries again.
                    shared.withLock { $0.removals[identifier] = storage }
                    continue
                }
                files.health.noteSuccess(.removal(identifier))
            } catch {
                // Swept at the next start.
                files.health.note(.removal(identifier), "the files of a dropped collection could not be removed: \(error)")
            }
        }
    }

    // MARK: On demand

    /// Writes everything to segments that is only in memory, and lets the log go. Blocks.
    func flushEverything() throws(MaintenanceError) {
        for collection in files.registry.all {
            do throws(MaintenanceError) {
                try flushCompletely(collection)
            } catch {
                // Of a collection that was deleted meanwhile nothing has to be kept.
                guard collection.currentAccess.isEnded else { throw error }
            }
        }
        trimmer.trimIfWorthwhile()
    }

    /// Writes what is only in memory of a collection to a segment. Blocks.
    func flushCompletely(_ collection: Collection) throws(MaintenanceError) {
        // A change that was withdrawn meanwhile makes a second try necessary; a third would mean a full disk that comes and goes.
        for _ in 0..<3 {
            if try collection.flush(context) { break }
        }
        noteFlush(collection)
    }

    /// In stepped execution: one round of everything, on this thread.
    func step(now: ContinuousClock.Instant = .now) {
        removeDropped()
        purgeExpired()
        while let rows = shared.withLock({ $0.lookups.popLast() }) { makeLookup(of: rows) }
        let flusher = makeFlusher()
        while flusher.run(now: now).isUnfinished {}
        while let collection = shared.withLock({ shared -> Collection? in
            guard let first = shared.compactions.min(by: { $0.key.description < $1.key.description }) else { return nil }
            return shared.compactions.removeValue(forKey: first.key)
        }) {
            if compactor.run(collection, restMilliseconds: 0, mergesIndexes: false) { noteIndexWanted(collection) }
        }
        var settled: Set<CollectionIdentifier> = []
        while let turn = shared.withLock({ $0.rests.next(max(now, .now), except: settled) }) {
            settled.insert(turn.collection.identifier)
            settle(turn)
        }
    }
}

extension Collection {
    /// Waits until the log knows what becomes of the changes up to `number`, on stable storage, and settles them.
    fileprivate func settleBlocking(through number: SequenceNumber, _ log: any CommitLog) throws(MaintenanceError) {
        for earlier in unsettled(through: number) {
            do throws(LogError) {
                try log.waitUntilDurableBlocking(earlier)
                confirm(earlier)
            } catch {
                guard case .outOfSpace = error else { throw .log(error) }
                withdraw(earlier)
            }
        }
        do throws(LogError) {
            // Not only what `number` made: also the change of the catalog that made the collection, which a manifest must not outlive.
            try log.waitUntilSyncedBlocking(log.lastDurable)
        } catch {
            throw .log(error)
        }
    }
}
